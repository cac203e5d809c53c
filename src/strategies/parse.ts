// From the name of a strategy, or several joined by `+`, to a policy for each axis. What stays out: what policies do.
import type { PolicyAxis } from '../policies/axis.ts';
import { asReported, type Axis, axes, type Policies } from '../policies/catalogue.ts';
import { addedStrategies, strategies, type Strategy } from './catalogue.ts';
import { conflicts } from './conflicts.ts';

/** A strategy that does not exist, or a combination that contradicts itself. */
export class StrategyError extends Error {
  readonly code: 'NO_SUCH_STRATEGY' | 'STRATEGY_CONTRADICTION';
  /** What to do about it, as a sentence. */
  readonly remedy: string;

  constructor(code: StrategyError['code'], message: string, remedy: string) {
    super(message);
    this.name = 'StrategyError';
    this.code = code;
    this.remedy = remedy;
  }
}

interface Choice {
  readonly value: string;
  /** The part of the name that chose it. */
  readonly by: string;
}

/** One value of one axis: a part of a strategy's name, written `AXIS=VALUE`. */
export interface PolicyChoice {
  readonly axis: Axis;
  readonly value: string;
}

/** The choice that a part of a strategy's name is; undefined for one that is a name. @throws StrategyError for one that does not exist */
export function choiceIn(part: string): PolicyChoice | undefined {
  const [axis = '', ...rest] = part.split('=');
  if (rest.length === 0) return undefined;
  const value = rest.join('=');
  const known: { readonly [axis: string]: PolicyAxis } = axes;
  const values = Object.hasOwn(known, axis) ? Object.keys(known[axis]?.values ?? {}) : undefined;
  if (values?.includes(value) === true) return { axis: axis as Axis, value };
  throw new StrategyError(
    noSuchStrategy,
    values === undefined ? `There is no axis "${axis}".` : `The axis ${axis} has no value "${value}".`,
    values === undefined ? `The axes: ${Object.keys(axes).join(', ')}.` : `Its values: ${values.join(', ')}.`,
  );
}

/**
 * The policies of a strategy.
 *
 * @param name `safe-read`, or a combination such as `delete+safe-read`; a part `AXIS=VALUE` (`best+guard=none`) takes the place
 *   of what the names beside it choose on that axis
 * @throws StrategyError for an unknown name, for parts that choose differently on one axis, and for choices of which one
 *   makes the other senseless
 */
export function parseStrategy(name: string): Policies {
  const parts = name.split('+').map((part) => ({ part, choice: choiceIn(part) }));
  const named = parts.filter(({ choice }) => choice === undefined).flatMap(({ part }) => partsOf(part));
  const single = parts.flatMap(({ part, choice }) =>
    choice === undefined ? [] : [{ name: part, changes: { [choice.axis]: choice.value } }],
  );
  const chosen = new Map([...chosenBy(name, named), ...chosenBy(name, single)]);
  refuseConflicts(name, chosen);
  const changes = Object.fromEntries([...chosen].map(([axis, { value }]) => [axis, value]));
  return { ...asReported, ...changes };
}

/** @throws StrategyError where two of these choose differently on one axis */
function chosenBy(name: string, parts: readonly Pick<Strategy, 'name' | 'changes'>[]): ReadonlyMap<Axis, Choice> {
  const chosen = new Map<Axis, Choice>();
  for (const { name: part, changes } of parts) {
    for (const [axis, value] of Object.entries(changes) as [Axis, string][]) {
      const earlier = chosen.get(axis);
      if (earlier !== undefined && earlier.value !== value) {
        throw contradiction(
          `The strategy ${name} contradicts itself: ${earlier.by} sets ${axis} to ${earlier.value}, ${part} to ${value}.`,
          `The axes: ${Object.keys(axes).join(', ')}.`,
        );
      }
      chosen.set(axis, { value, by: part });
    }
  }
  return chosen;
}

function contradiction(message: string, more: string): StrategyError {
  return new StrategyError('STRATEGY_CONTRADICTION', message, `Leave out one of the two. ${more}`);
}

function refuseConflicts(name: string, chosen: ReadonlyMap<Axis, Choice>): void {
  for (const { choices, because } of conflicts) {
    if (!choices.every(([axis, value]) => (chosen.get(axis)?.value ?? asReported[axis]) === value)) continue;
    const parts = choices.map(([axis, value]) => chosen.get(axis)?.by ?? `${axis}=${value}`).join(' and ');
    throw contradiction(`The strategy ${name} makes no sense: ${parts} do not go together.`, `The reason: ${because}.`);
  }
}

/** Code of the error for a name that is none. */
export const noSuchStrategy = 'NO_SUCH_STRATEGY';

/** A strategy by its name; a combination by those of its parts, so that a contradiction names the part. */
export function partsOf(one: string): readonly Strategy[] {
  const found = strategies.find((strategy) => strategy.name === one) ?? addedStrategies.get(one);
  if (found === undefined) {
    throw new StrategyError(
      noSuchStrategy,
      `There is no strategy "${one}".`,
      `Known are ${strategies.map((strategy) => strategy.name).join(', ')}, and combinations of them with "+".`,
    );
  }
  if (found.parts === undefined) return [found];
  return found.parts.flatMap((part) => partsOf(part)).map((part) => ({ ...part, name: `${part.name} in ${one}` }));
}
