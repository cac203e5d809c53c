// What people say about orphan-dispatcher, cell by cell, for runs to confirm or refute; also where they contradict each
// other. Each claim says no more than its invariants test; what else its source saw stands with the source.
import type { Claim, ClaimSource } from '../harness/model/claim.ts';

const report: ClaimSource = { by: 'reported', where: 'hermes-agent #35240: two corruptions in three days' };
const june: ClaimSource = {
  by: 'reported',
  where: 'hermes-agent, the maintainers’ verdict of June (#49068, #50331): two dispatchers race on WAL frames',
};
const e7: ClaimSource = {
  by: 'measured',
  where:
    'own experiment, two or three dispatchers and up to 27 SIGKILLs without the raw read: integrity ok in 3 of 3; lost rows were not counted',
};
const contributor: ClaimSource = {
  by: 'reported',
  where: 'hermes-agent #35240, a contributor: agents ran sqlite3 … REINDEX',
};
const ioErrors: ClaimSource = {
  by: 'documented',
  where: 'sqlite.org/testing.html, I/O error testing: after simulated I/O errors integrity_check finds no corruption',
};
const cas: ClaimSource = {
  by: 'measured',
  where: 'read in the published claim_task: compare-and-swap on status and claim_lock, one row must change',
};
const asks = (which: string): ClaimSource => ({ by: 'reported', where: `hermes-agent #35240, asked for: ${which}` });
const failsOpen: ClaimSource = { by: 'reported', where: 'hermes-agent #87609: the lock fails open' };
const e4: ClaimSource = {
  by: 'measured',
  where: 'own experiment, v0.14-shaped gateway and verifiers: raw read and DELETE damaged 8 of 8',
};
const oneWriter: ClaimSource = { by: 'reported', where: 'hermes-agent #30445, asked for: a single writer, by IPC' };
const byVersion: ClaimSource = {
  by: 'measured',
  where:
    'own experiments by SQLite version: no wedge from 3.51.0 on; sqlite.org/releaselog/3_51_0.html, item 17, which promises less',
};

const engines = { reported: '3.50.4', current: '3.54.1' } as const;
/** What a corruption is to a person: the file is damaged, or what they were told is saved is not there. */
const harm = ['integrity', 'acknowledged-commits'] as const;

export const claims: readonly (Claim & Required<Pick<Claim, 'invariants'>>)[] = [
  {
    claim:
      'a gateway that dispatches outside the unit, beside the unit’s own, damages the database or loses acknowledged rows',
    source: report,
    strategy: 'wal',
    engine: engines.reported,
    expects: 'violation',
    invariants: harm,
  },
  {
    claim: 'two dispatchers on one board are enough to damage it or lose rows, with no raw read of the open database',
    source: june,
    strategy: 'safe-read',
    engine: engines.reported,
    expects: 'violation',
    invariants: harm,
  },
  {
    claim: 'without the raw read several dispatchers leave the database sound',
    source: e7,
    strategy: 'safe-read',
    engine: engines.reported,
    expects: 'none',
    invariants: ['integrity'],
  },
  {
    claim: 'a raw REINDEX of the live database in a hiccup of the volume damages it, with no raw read by gateways',
    source: contributor,
    strategy: 'safe-read',
    engine: engines.reported,
    expects: 'violation',
    invariants: ['integrity'],
  },
  {
    claim: 'a REINDEX that meets I/O errors leaves the database sound',
    source: ioErrors,
    strategy: 'safe-read',
    engine: engines.reported,
    expects: 'none',
    invariants: ['integrity'],
  },
  {
    claim:
      'however many dispatchers there are, a task is claimed by one at a time, spawned once an attempt and completed once',
    source: cas,
    strategy: 'safe-read',
    engine: engines.reported,
    expects: 'none',
    invariants: ['one-claim'],
  },
  {
    claim: 'with a flock on kanban.dispatch.lock round the dispatcher one process at a time acts on the board',
    source: asks('(3) pid file and flock round the dispatcher loop'),
    strategy: 'leader',
    engine: engines.reported,
    expects: 'none',
    invariants: ['one-dispatcher'],
  },
  {
    claim: 'with one dispatcher the database stays sound and no acknowledged row is lost',
    source: asks('(3), as a cure of the corruption'),
    strategy: 'leader',
    engine: engines.reported,
    expects: 'none',
    invariants: harm,
  },
  {
    claim: 'where the lock file cannot be opened, a leader lock that fails open lets two dispatchers act',
    source: failsOpen,
    strategy: 'leader-open',
    engine: engines.reported,
    expects: 'violation',
    invariants: ['one-dispatcher'],
  },
  {
    claim: 'no gateway outlives a restart outside its unit when the command line refuses to start one',
    source: asks('(1) a guard in the command line'),
    strategy: 'guard',
    engine: engines.reported,
    expects: 'none',
    invariants: ['no-orphan'],
  },
  {
    claim: 'without an orphan, by the guard, the database stays sound and no acknowledged row is lost',
    source: asks('(1), as a cure of the corruption'),
    strategy: 'guard',
    engine: engines.reported,
    expects: 'none',
    invariants: harm,
  },
  {
    claim: 'no gateway outlives a restart outside its unit when a starting one kills those of its identity',
    source: asks('(2) adopt orphans at start'),
    strategy: 'adopt',
    engine: engines.reported,
    expects: 'none',
    invariants: ['no-orphan'],
  },
  {
    claim: 'no gateway lives on outside its unit when a watchdog makes it exit',
    source: asks('(4) a watchdog'),
    strategy: 'watchdog',
    engine: engines.reported,
    expects: 'none',
    invariants: ['no-orphan'],
  },
  {
    claim: 'with the raw read kept, DELETE damages the database or loses acknowledged rows',
    source: e4,
    strategy: 'delete',
    engine: engines.reported,
    expects: 'violation',
    invariants: harm,
  },
  {
    claim:
      'with one process that opens the database, it stays sound, no acknowledged row is lost, and nobody else has it open',
    source: oneWriter,
    strategy: 'proxy',
    engine: engines.reported,
    expects: 'none',
    invariants: [...harm, 'one-dispatcher'],
  },
  {
    claim:
      'on SQLite 3.54.1 an orphan beside the unit, raw reads and all, damages nothing and loses no acknowledged row',
    source: byVersion,
    strategy: 'wal',
    engine: engines.current,
    expects: 'none',
    invariants: harm,
  },
];
