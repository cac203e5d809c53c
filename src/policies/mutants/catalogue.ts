// All mutants, and how one is found by its name. What stays out: strategies that name one (src/strategies/parse.ts).
import { connectionMutants } from './connections.ts';
import { corruptionMutants } from './corruption.ts';
import { dispatchMutants } from './dispatch.ts';
import { guardMutants } from './guard.ts';
import { journalMutants } from './journal.ts';
import { lockMutants } from './lock.ts';
import type { Mutant } from './mutant.ts';
import { probeMutants } from './probe.ts';

export const mutants: readonly Mutant[] = [
  ...probeMutants,
  ...journalMutants,
  ...connectionMutants,
  ...lockMutants,
  ...dispatchMutants,
  ...guardMutants,
  ...corruptionMutants,
];

/** Between a fix and what breaks it. */
const mark = '!';

/** The name under which a strategy, and a policy in it, stands for the mutant. */
export function nameOf({ fix, name }: Mutant): string {
  return `${fix}${mark}${name}`;
}

/** @param name such as `safe-read!probe-back` */
export function findMutant(name: string): Mutant | undefined {
  return mutants.find((mutant) => nameOf(mutant) === name);
}

/** The strategy whose promise a strategy with mutants breaks: the same, each mutant replaced by its fix. */
export function withoutMutants(strategy: string): string {
  return strategy
    .split('+')
    .map((part) => part.split(mark)[0])
    .join('+');
}
