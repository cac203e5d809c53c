// A history in which nothing is wrong, for tests that break one thing in it.
import type { Autopsy, History, Look } from '../model/history.ts';
import { planOf } from './lab.test-support.ts';

export const soundAutopsy: Autopsy = {
  files: [{ name: 'lab.db', bytes: 8192 }],
  before: { hotJournal: false, walPages: 0, opened: 'ok', integrity: ['ok'] },
  opened: 'ok',
  integrity: ['ok'],
  quick: ['ok'],
  foreignKeys: 0,
  tables: [{ table: 't', root: 2, rows: 2, indexes: [{ index: 't_v', rows: 2 }] }],
  queries: { t: [[1], [2]] },
  unread: [],
};

export const soundLook: Look = {
  label: 'end',
  step: 90,
  paths: [{ file: 'lab.db-wal', generation: 1 }],
  openFiles: [{ process: 'p', file: 'lab.db-wal', deleted: false, generation: 1 }],
  locks: [],
  believed: [],
  broken: [],
};

export function historyOf(more: Partial<History> = {}): History {
  return {
    format: 1,
    plan: planOf(),
    end: 'done',
    steps: 100,
    switchPoints: 50,
    virtualMs: 1000,
    hash: '0',
    observations: [
      { step: 10, lane: 'p', nowMs: 1, kind: 'committing', data: { table: 't', keys: [1, 2] } },
      { step: 20, lane: 'p', nowMs: 2, kind: 'committed', data: { table: 't', keys: [1, 2] } },
    ],
    endings: [{ lane: 'p', ending: { how: 'returned' } }],
    strikes: [],
    deaths: [],
    strayWrites: [],
    written: [],
    databases: ['lab.db'],
    atWork: { p: true },
    commands: [],
    laneEnds: [],
    refusals: [],
    marks: {},
    looks: [soundLook],
    autopsy: soundAutopsy,
    preemptions: [],
    ...more,
  };
}
