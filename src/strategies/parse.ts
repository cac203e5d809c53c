// From the name of a strategy, or several joined by `+`, to a policy for each axis. What stays out: what policies do.
import { asReported, type Axis, axes, type Policies } from '../policies/catalogue.ts';
import { addedStrategies, conflicts, strategies, type Strategy } from './catalogue.ts';

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

/**
 * The policies of a strategy.
 *
 * @param name `safe-read`, or a combination such as `delete+safe-read`
 * @throws StrategyError for an unknown name, for parts that choose differently on one axis, and for choices of which one
 *   makes the other senseless
 */
export function parseStrategy(name: string): Policies {
  const chosen = new Map<Axis, Choice>();
  for (const { name: part, changes } of name.split('+').flatMap((one) => partsOf(one))) {
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
  refuseConflicts(name, chosen);
  const changes = Object.fromEntries([...chosen].map(([axis, { value }]) => [axis, value]));
  return { ...asReported, ...changes };
}

function contradiction(message: string, more: string): StrategyError {
  return new StrategyError('STRATEGY_CONTRADICTION', message, `Leave out one of the two. ${more}`);
}

function refuseConflicts(name: string, chosen: ReadonlyMap<Axis, Choice>): void {
  for (const { choices, because } of conflicts) {
    if (!choices.every(([axis, value]) => chosen.get(axis)?.value === value)) continue;
    const parts = choices.map(([axis]) => chosen.get(axis)?.by).join(' and ');
    throw contradiction(`The strategy ${name} makes no sense: ${parts} do not go together.`, `The reason: ${because}.`);
  }
}

/** Code of the error for a name that is none. */
export const noSuchStrategy = 'NO_SUCH_STRATEGY';

/** A strategy by its name; a combination by those of its parts, so that a contradiction names the part. */
function partsOf(one: string): readonly Strategy[] {
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
