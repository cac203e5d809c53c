// All mutants, and what strategies call them. What stays out: how a process comes to know them (register.test-support.ts).
import { connectionMutants } from './connections.test-support.ts';
import { corruptionMutants } from './corruption.test-support.ts';
import { dispatchMutants } from './dispatch.test-support.ts';
import { guardMutants } from './guard.test-support.ts';
import { journalMutants } from './journal.test-support.ts';
import { lockMutants } from './lock.test-support.ts';
import type { Mutant } from './mutant.test-support.ts';
import { probeMutants } from './probe.test-support.ts';
import { serverMutants } from './server.test-support.ts';
import { upstreamMutants } from './upstream.test-support.ts';
import { recoveryMutants } from './recovery.test-support.ts';

export const mutants: readonly Mutant[] = [
  ...probeMutants,
  ...journalMutants,
  ...connectionMutants,
  ...lockMutants,
  ...dispatchMutants,
  ...guardMutants,
  ...corruptionMutants,
  ...upstreamMutants,
  ...serverMutants,
  ...recoveryMutants,
];

/** Between a fix and what breaks it. */
const mark = '!';

/** The name under which a strategy, and a policy in it, stands for the mutant. */
export function nameOf({ fix, name }: Mutant): string {
  return `${fix}${mark}${name}`;
}

/** The strategy whose promise a strategy with mutants breaks: the same, each mutant replaced by its fix. */
export function withoutMutants(strategy: string): string {
  return strategy
    .split('+')
    .map((part) => part.split(mark)[0])
    .join('+');
}
