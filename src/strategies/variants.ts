// A strategy one step away from itself: without each of its parts in turn, and with each value that it does not have. What a
// comparison asks to find out what each part is needed for. What stays out: running them (compare/), and what comes of it
// (reports/ablation.ts).
import type { PolicyAxis } from '../policies/axis.ts';
import { asReported, type Axis, axes, type Policies } from '../policies/catalogue.ts';
import type { Strategy } from './catalogue.ts';
import { choiceIn, parseStrategy, partsOf, StrategyError } from './parse.ts';

/** @property says what the value `to` does */
export interface PolicyChange {
  readonly axis: string;
  readonly from: string;
  readonly to: string;
  readonly says: string;
}

/**
 * A strategy with something of it changed.
 *
 * @property strategy its name: `best+guard=none`
 * @property kind `removal`: what the strategy changes is as reported again · `addition`: a value that it does not have
 * @property part what is taken away, by the name that brought it (`guard`, else `AXIS=VALUE`); or what is put in, `AXIS=VALUE`
 */
export interface Variant {
  readonly strategy: string;
  readonly kind: 'removal' | 'addition';
  readonly part: string;
  readonly changes: readonly PolicyChange[];
}

/** @property skipped variants that contradict themselves, and why */
export interface Variants {
  readonly variants: readonly Variant[];
  readonly skipped: readonly (Variant & { readonly because: string })[];
}

const known = Object.entries(axes) as readonly (readonly [Axis, PolicyAxis])[];

/** What a value of an axis does, in words. */
export function saysOfValue(axis: Axis, value: string): string {
  return (axes[axis] as PolicyAxis).values[value]?.says ?? '';
}

/** Where policies differ from the system as reported: what a maintainer would change, in words. */
export function changesOf(policies: Policies): readonly PolicyChange[] {
  return known
    .filter(([axis]) => policies[axis] !== asReported[axis])
    .map(([axis]) => changeTo(asReported, axis, policies[axis]));
}

function changeTo(policies: Policies, axis: Axis, to: string): PolicyChange {
  return { axis, from: policies[axis], to, says: saysOfValue(axis, to) };
}

/** The strategies in a name that it names itself, as those that are combinations name theirs: without the `in best`. */
function namedParts(name: string): readonly Strategy[] {
  const named = name.split('+').filter((part) => choiceIn(part) === undefined);
  return named.flatMap((part) => partsOf(part)).map((part) => ({ ...part, name: part.name.split(' in ')[0] ?? '' }));
}

/** The name with these values in the place of what it has on their axes. */
function nameWith(name: string, changes: readonly PolicyChange[]): string {
  const kept = name.split('+').filter((part) => !changes.some(({ axis }) => choiceIn(part)?.axis === axis));
  return [...kept, ...changes.map(({ axis, to }) => `${axis}=${to}`)].join('+');
}

/** Each axis on which the strategy differs from the system as reported; then parts of several axes, as wholes. */
function removals(name: string, policies: Policies): readonly Variant[] {
  const parts = namedParts(name);
  const differing = known.map(([axis]) => axis).filter((axis) => policies[axis] !== asReported[axis]);
  const remove = (part: string, gone: readonly Axis[]): Variant => {
    const changes = gone.map((axis) => changeTo(policies, axis, asReported[axis]));
    return { strategy: nameWith(name, changes), kind: 'removal', part, changes };
  };
  const single = differing.map((axis) => {
    const choice = `${axis}=${policies[axis]}`;
    const by = parts.find(({ changes }) => changes[axis] === policies[axis] && Object.keys(changes).length === 1);
    return remove(by?.name ?? choice, [axis]);
  });
  const several = parts.flatMap((part) => {
    const gone = differing.filter((axis) => part.changes[axis] === policies[axis]);
    return gone.length > 1 && gone.length < differing.length ? [remove(part.name, gone)] : [];
  });
  return [...single, ...several];
}

/** Each value that is neither the strategy's own nor as reported, in turn. */
function additions(name: string, policies: Policies): readonly Variant[] {
  return known.flatMap(([axis, { values }]) =>
    Object.keys(values)
      .filter((value) => value !== policies[axis] && value !== asReported[axis])
      .map((value): Variant => {
        const changes = [changeTo(policies, axis, value)];
        return { strategy: nameWith(name, changes), kind: 'addition', part: `${axis}=${value}`, changes };
      }),
  );
}

/**
 * All that is one step away from a strategy, the removals first; the same for the same catalogue.
 *
 * @param name as {@link parseStrategy} takes it
 * @throws StrategyError for a strategy that does not exist, or contradicts itself
 */
export function variantsOf(name: string): Variants {
  const policies = parseStrategy(name);
  const all = [...removals(name, policies), ...additions(name, policies)];
  const refused = all.map((variant) => ({ ...variant, because: refusalOf(variant.strategy) }));
  return {
    variants: all.filter((_variant, i) => refused[i]?.because === undefined),
    skipped: refused.flatMap(({ because, ...variant }) => (because === undefined ? [] : [{ ...variant, because }])),
  };
}

function refusalOf(name: string): string | undefined {
  try {
    parseStrategy(name);
    return undefined;
  } catch (error) {
    if (error instanceof StrategyError) return `${error.message} ${error.remedy}`;
    throw error;
  }
}
