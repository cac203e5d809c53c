// What people say about wal-unlink-wedge, cell by cell, for runs to confirm or refute. As their sources say it, also
// where they contradict each other.
import type { Claim, ClaimSource } from '../harness/explore/scenario.ts';

const report: ClaimSource = { by: 'reported', where: 'hermes-agent #31158' };
const byVersion: ClaimSource = {
  by: 'measured',
  where: 'own experiments by SQLite version, 3.50.4 to 3.54.1; sqlite.org/releaselog/3_51_0.html, item 17',
};
const e3: ClaimSource = {
  by: 'measured',
  where:
    'own experiment, BEGIN IMMEDIATE held across a raw read: DELETE breached 10 of 10; same as hermes-agent #53819, 25 of 25',
};
const e4: ClaimSource = {
  by: 'measured',
  where: 'own experiment, v0.14-shaped gateway and verifiers: raw read and DELETE damaged 8 of 8',
};
const e4Control: ClaimSource = {
  by: 'measured',
  where: 'own experiment, the same without the raw read: 12 of 12 clean',
};

const engines = { reported: '3.50.4', resists: '3.51.2', current: '3.54.1' } as const;

export const claims: readonly Claim[] = [
  {
    claim: 'short-lived verifiers beside a gateway in WAL mode wedge the gateway',
    source: report,
    strategy: 'wal',
    engine: engines.reported,
    expects: 'violation',
    invariants: ['no-wedge'],
  },
  {
    claim:
      'SQLite alone does it: a verifier that is the last holder for a moment unlinks -wal and -shm (the reporter’s inference)',
    source: report,
    strategy: 'safe-read',
    engine: engines.reported,
    expects: 'violation',
    invariants: ['no-wedge'],
  },
  {
    claim: 'without a raw read of the open database SQLite never does it',
    source: e4Control,
    strategy: 'safe-read',
    engine: engines.reported,
    expects: 'none',
  },
  {
    claim: 'journal_mode=DELETE cures it: a 3-task stress was clean, no tick failed',
    source: report,
    strategy: 'delete',
    engine: engines.reported,
    expects: 'none',
  },
  {
    claim: 'with the raw read kept, DELETE loses the lock of a transaction in progress and its commit fails',
    source: e3,
    strategy: 'delete',
    engine: engines.reported,
    expects: 'violation',
  },
  {
    claim: 'with the raw read kept, DELETE corrupts the database or loses acknowledged rows',
    source: e4,
    strategy: 'delete',
    engine: engines.reported,
    expects: 'violation',
    invariants: ['integrity', 'acknowledged-commits'],
  },
  {
    claim: 'from 3.51.0 on, a raw read of the database file alone does not wedge',
    source: byVersion,
    strategy: 'wal',
    engine: engines.resists,
    expects: 'none',
    invariants: ['no-wedge'],
  },
  {
    claim: 'current SQLite does not wedge on a raw read of the database file alone',
    source: byVersion,
    strategy: 'wal',
    engine: engines.current,
    expects: 'none',
    invariants: ['no-wedge'],
  },
];
