// What people say about wal-unlink-wedge, cell by cell, for runs to confirm or refute; also where they contradict each
// other. Each claim says no more than its invariants test; what else its source saw stands with the source.
import type { Claim, ClaimSource } from '../harness/model/claim.ts';

const report: ClaimSource = { by: 'reported', where: 'hermes-agent #31158' };
const reportOfDelete: ClaimSource = {
  by: 'reported',
  where: 'hermes-agent #31158: a 3-task stress under DELETE was clean, no tick failed',
};
const byVersion: ClaimSource = {
  by: 'measured',
  where:
    'own experiments by SQLite version, 3.50.4 to 3.54.1: none from 3.51.0 on; sqlite.org/releaselog/3_51_0.html, item 17',
};
const e3: ClaimSource = {
  by: 'measured',
  where:
    'own experiment, BEGIN IMMEDIATE held across a raw read: DELETE breached 10 of 10, its commits failed; same as hermes-agent #53819, 25 of 25',
};
const e4: ClaimSource = {
  by: 'measured',
  where: 'own experiment, v0.14-shaped gateway and verifiers: raw read and DELETE damaged 8 of 8',
};
const e4Control: ClaimSource = {
  by: 'measured',
  where: 'own experiment, the same without the raw read: 12 of 12 clean',
};

const ofdGuard: ClaimSource = {
  by: 'reported',
  where: 'hermes-agent #110544, #110872, of state.db: a stray close cancels POSIX locks, not these',
};
const ofdLifted = (engine: string): ClaimSource => ({
  by: 'measured',
  where: `scenarios/corpus/minimal/wal-unlink-wedge.ofd-guard.${engine}.json`,
});

const lost = ['acknowledged-commits', 'whole-transactions'] as const;

const engines = { reported: '3.50.4', resists: '3.51.2', current: '3.54.1' } as const;

export const claims: readonly (Claim & Required<Pick<Claim, 'invariants'>>)[] = [
  {
    claim: 'short-lived verifiers beside a gateway in WAL mode wedge the gateway',
    source: report,
    strategy: 'wal',
    engine: engines.reported,
    expects: 'violation',
    invariants: ['no-wedge'],
  },
  {
    claim: 'SQLite alone wedges the gateway, with no raw read of the open database (the reporter’s inference)',
    source: report,
    strategy: 'safe-read',
    engine: engines.reported,
    expects: 'violation',
    invariants: ['no-wedge'],
  },
  {
    claim:
      'without a raw read of the open database no gateway wedges, none holds a deleted file, no acknowledged row is lost, and the database stays sound',
    source: e4Control,
    strategy: 'safe-read',
    engine: engines.reported,
    expects: 'none',
    invariants: ['no-wedge', 'no-deleted-files', 'acknowledged-commits', 'integrity'],
  },
  {
    claim: 'with journal_mode=DELETE no gateway wedges',
    source: reportOfDelete,
    strategy: 'delete',
    engine: engines.reported,
    expects: 'none',
    invariants: ['no-wedge'],
  },
  {
    claim: 'with the raw read kept, a look from outside finds that DELETE lost a lock that SQLite believes it holds',
    source: e3,
    strategy: 'delete',
    engine: engines.reported,
    expects: 'violation',
    invariants: ['locks-held'],
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
    claim: 'on SQLite 3.51.2 no gateway wedges on a raw read of the database file alone',
    source: byVersion,
    strategy: 'wal',
    engine: engines.resists,
    expects: 'none',
    invariants: ['no-wedge'],
  },
  {
    claim: 'on SQLite 3.54.1 no gateway wedges on a raw read of the database file alone',
    source: byVersion,
    strategy: 'wal',
    engine: engines.current,
    expects: 'none',
    invariants: ['no-wedge'],
  },
  {
    claim: 'OFD locks on SQLite’s own descriptors, which no stray close drops, keep every acknowledged row',
    source: ofdGuard,
    strategy: 'ofd-guard',
    engine: engines.reported,
    expects: 'none',
    invariants: lost,
  },
  {
    claim: 'they are lifted before the last close, and a raw read then costs rows, on SQLite 3.50.4',
    source: ofdLifted('3.50.4'),
    strategy: 'ofd-guard',
    engine: engines.reported,
    expects: 'violation',
    invariants: lost,
  },
  {
    claim: 'they are lifted before the last close, and a raw read then costs rows, on SQLite 3.54.1',
    source: ofdLifted('3.54.1'),
    strategy: 'ofd-guard',
    engine: engines.current,
    expects: 'violation',
    invariants: lost,
  },
];
