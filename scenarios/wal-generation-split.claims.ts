// What people say about wal-generation-split, cell by cell, for runs to confirm or refute.
import type { Claim, ClaimSource } from '../harness/model/claim.ts';

const reports: ClaimSource = { by: 'reported', where: 'hermes-agent #101064, #109727, #109966' };
const modes: ClaimSource = { by: 'reported', where: 'hermes-agent #109687, #109841: fchmod on db, -wal and -shm' };
const byShutdown: ClaimSource = { by: 'reported', where: 'hermes-agent #105670' };
const abTest: ClaimSource = {
  by: 'reported',
  where: 'hermes-agent #109966: locks dropped, -wal unlinked, next opener refused; with locks intact nothing',
};
const probeSets: ClaimSource = {
  by: 'reported',
  where: 'hermes-agent #104596, on 3.53.1, 22 rows lost; the maintainers’ probes did not show it',
};
const guards: ClaimSource = { by: 'reported', where: 'hermes-agent #110544, #110872' };

/** The reports are of 3.53.1; of the versions that come with Lockstep this is the next. */
const engine = '3.54.1';
const loses = ['acknowledged-commits', 'integrity'];

export const claims: readonly (Claim & Required<Pick<Claim, 'invariants'>>)[] = [
  {
    claim:
      'modes that are tightened by descriptors split the generations under a long-lived holder, on SQLite 3.54.1 too',
    source: modes,
    strategy: 'fchmod',
    engine,
    expects: 'violation',
    invariants: ['no-deleted-files'],
  },
  {
    claim: 'a raw read of the database file alone splits them, on SQLite 3.54.1 too',
    source: reports,
    strategy: 'wal',
    engine,
    expects: 'violation',
    invariants: ['no-deleted-files'],
  },
  {
    claim: 'with locks intact nothing is split',
    source: abTest,
    strategy: 'chmod-by-path+safe-read',
    engine,
    expects: 'none',
    invariants: ['no-deleted-files', ...loses],
  },
  {
    claim: 'under DELETE there is no recurrence',
    source: reports,
    strategy: 'fchmod+delete',
    engine,
    expects: 'none',
    invariants: ['no-deleted-files', ...loses],
  },
  {
    claim: 'a guard of generations stops the loss of acknowledged rows',
    source: byShutdown,
    strategy: 'fchmod+generation-guard',
    engine,
    expects: 'none',
    invariants: ['acknowledged-commits'],
  },
  {
    claim: 'the graceful shutdown of a halted holder corrupts the main file',
    source: byShutdown,
    strategy: 'fchmod+generation-guard',
    engine,
    expects: 'violation',
    invariants: ['integrity'],
  },
  {
    claim: 'a probe of the journal mode that is busy, and then sets it, ends the generation of other connections',
    source: probeSets,
    strategy: 'probe-sets+safe-read',
    engine,
    expects: 'violation',
    invariants: ['no-deleted-files', ...loses],
  },
  {
    claim: 'OFD locks that are renewed keep the generation, though modes are tightened by descriptors',
    source: guards,
    strategy: 'fchmod+ofd-guard',
    engine,
    expects: 'none',
    invariants: ['no-deleted-files', ...loses],
  },
];
