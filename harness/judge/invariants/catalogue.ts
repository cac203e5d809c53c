// The general invariants: those that make sense for any program that shares a database.
import { acknowledgedCommits } from './acknowledged-commits.ts';
import { integrity } from './integrity.ts';
import type { Invariant } from '../../model/invariant.ts';
import { lanesEnd } from './lanes-end.ts';
import { locksHeld } from './locks-held.ts';
import { noDeletedFiles } from './no-deleted-files.ts';
import { noStrayWrites } from './no-stray-writes.ts';
import { wholeTransactions } from './whole-transactions.ts';

export const generalInvariants: readonly Invariant[] = [
  integrity,
  acknowledgedCommits,
  wholeTransactions,
  locksHeld,
  noDeletedFiles,
  noStrayWrites,
  lanesEnd,
];
