// From the name of a strategy, or several joined by `+`, to a policy for each axis. What stays out: what policies do.
import { strategies } from './catalogue.ts';
import { asReported, type Axis, axes, type Policies } from './policies.ts';

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

/**
 * The policies of a strategy.
 *
 * @param name `safe-read`, or a combination such as `delete+safe-read`
 * @throws StrategyError for an unknown name, and for parts that choose differently on one axis
 */
export function parseStrategy(name: string): Policies {
  const chosen = new Map<Axis, { readonly value: string; readonly by: string }>();
  for (const part of name.split('+')) {
    for (const [axis, value] of Object.entries(changesOf(part)) as [Axis, string][]) {
      const earlier = chosen.get(axis);
      if (earlier !== undefined && earlier.value !== value) {
        throw new StrategyError(
          'STRATEGY_CONTRADICTION',
          `The strategy ${name} contradicts itself: ${earlier.by} sets ${axis} to ${earlier.value}, ${part} to ${value}.`,
          `Leave out one of the two. The axes: ${Object.keys(axes).join(', ')}.`,
        );
      }
      chosen.set(axis, { value, by: part });
    }
  }
  const changes = Object.fromEntries([...chosen].map(([axis, { value }]) => [axis, value]));
  return { ...asReported, ...changes };
}

function changesOf(part: string): Partial<Policies> {
  const found = strategies.find((strategy) => strategy.name === part);
  if (found !== undefined) return found.changes;
  throw new StrategyError(
    'NO_SUCH_STRATEGY',
    `There is no strategy "${part}".`,
    `Known are ${strategies.map((strategy) => strategy.name).join(', ')}, and combinations of them with "+".`,
  );
}
