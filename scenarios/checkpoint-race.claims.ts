// What people say about checkpoint-race, cell by cell, for runs to confirm or refute. Each claim says no more than its
// invariants test; what else its source saw stands with the source.
import type { Claim, ClaimSource } from '../harness/model/claim.ts';

const reporter: ClaimSource = {
  by: 'reported',
  where: 'hermes-agent #32424: concurrent WAL checkpoints from separate processes corrupt the main file',
};
const askedFor = (what: string): ClaimSource => ({ by: 'reported', where: `hermes-agent #32424, asked for: ${what}` });
const dispatchers: ClaimSource = {
  by: 'reported',
  where: 'hermes-agent #50353, #35240: two dispatchers race on WAL frames, hence one tick lock a board',
};
const bugDocumented: ClaimSource = {
  by: 'documented',
  where: 'sqlite.org/wal.html, "The WAL-reset bug": 3.7.0 to 3.51.2, fixed in 3.51.3',
};
const notACureAll: ClaimSource = {
  by: 'documented',
  where: 'sqlite.org/howtocorrupt.html, section 2.2: the defence of 3.51.0 is "not a cure-all"',
};
const study: ClaimSource = {
  by: 'measured',
  where: 'an independent study of the WAL-reset bug: synchronous=FULL and other checkpoint settings do not help',
};
const byVersion: ClaimSource = {
  by: 'measured',
  where: 'own experiments by SQLite version: from 3.51.0 on a raw read of the database file alone does not wedge',
};
const e4: ClaimSource = {
  by: 'measured',
  where:
    'own experiment, v0.14-shaped gateway and verifiers: raw read and DELETE damaged 8 of 8, "wrong # of entries in index" among it',
};
const e4Control: ClaimSource = {
  by: 'measured',
  where: 'own experiment, the same without the raw read: 12 of 12 clean, 6 of them in DELETE',
};
const e4Flock: ClaimSource = {
  by: 'measured',
  where: 'own experiment, a flock round each transaction in DELETE, raw read kept: no corruption in 5 s, one run',
};

const engines = { reported: '3.51.0', current: '3.54.1' } as const;

const sound = ['integrity', 'acknowledged-commits'] as const;

export const claims: readonly (Claim & Required<Pick<Claim, 'invariants'>>)[] = [
  {
    claim: 'four gateways and commands on one WAL database corrupt it: concurrent checkpoints do',
    source: reporter,
    strategy: 'wal',
    engine: engines.reported,
    expects: 'violation',
    invariants: ['integrity'],
  },
  {
    claim: 'SQLite alone does it, with no raw read of the open database: the WAL-reset bug',
    source: bugDocumented,
    strategy: 'safe-read',
    engine: engines.reported,
    expects: 'violation',
    invariants: sound,
  },
  {
    claim: 'on SQLite 3.54.1, with no raw read, nothing is lost or damaged',
    source: bugDocumented,
    strategy: 'safe-read',
    engine: engines.current,
    expects: 'none',
    invariants: sound,
  },
  {
    claim: 'on SQLite 3.54.1 in WAL mode nothing is lost or damaged, though raw reads cancel locks',
    source: byVersion,
    strategy: 'wal',
    engine: engines.current,
    expects: 'none',
    invariants: sound,
  },
  {
    claim: 'a flock round all write operations keeps the database sound',
    source: askedFor('flock round all write operations'),
    strategy: 'flock-write',
    engine: engines.reported,
    expects: 'none',
    invariants: sound,
  },
  {
    claim: 'a single writer process keeps the database sound',
    source: askedFor('a single writer process'),
    strategy: 'proxy',
    engine: engines.reported,
    expects: 'none',
    invariants: sound,
  },
  {
    claim: 'one dispatcher a board keeps the database sound: two race on WAL frames',
    source: dispatchers,
    strategy: 'leader',
    engine: engines.reported,
    expects: 'none',
    invariants: sound,
  },
  {
    claim: 'synchronous=FULL and a checkpoint every 100 pages do not keep the database sound',
    source: study,
    strategy: 'full-sync',
    engine: engines.reported,
    expects: 'violation',
    invariants: sound,
  },
  {
    claim: 'DELETE without a raw read of the open database keeps it sound',
    source: e4Control,
    strategy: 'delete+safe-read',
    engine: engines.reported,
    expects: 'none',
    invariants: sound,
  },
  {
    claim: 'DELETE with the raw read kept damages indexes: cancelled locks',
    source: e4,
    strategy: 'delete',
    engine: engines.reported,
    expects: 'violation',
    invariants: ['integrity'],
  },
  {
    claim: 'DELETE with the raw read kept damages indexes on SQLite 3.54.1 too',
    source: notACureAll,
    strategy: 'delete',
    engine: engines.current,
    expects: 'violation',
    invariants: ['integrity'],
  },
  {
    claim: 'a flock round all write operations keeps DELETE sound, the raw read kept',
    source: e4Flock,
    strategy: 'delete+flock-write',
    engine: engines.reported,
    expects: 'none',
    invariants: ['integrity'],
  },
  {
    claim: 'on SQLite 3.50.4 the lean combination loses rows: it keeps WAL, and so the WAL-reset bug',
    source: { by: 'measured', where: 'scenarios/corpus/minimal/checkpoint-race.lean.3.50.4.json' },
    strategy: 'lean',
    engine: '3.50.4',
    expects: 'violation',
    invariants: sound,
  },
  {
    claim: 'on SQLite 3.54.1 the lean combination keeps the database sound',
    source: { by: 'measured', where: 'the combination that our measurements recommended before durable' },
    strategy: 'lean',
    engine: engines.current,
    expects: 'none',
    invariants: sound,
  },
];
