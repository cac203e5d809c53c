// Histories in which lanes meet, and histories in which they do not: each made of the steps that SQLite takes.
import { expect, test } from 'vitest';
import { op, role, type Role } from '../../model/operations.ts';
import { emptyRecord, type RawRecord } from '../../model/record.ts';
import type { StepLane } from '../../model/step.ts';
import { Tables } from '../tables.ts';
import { LanesMet } from './lanes-met.ts';

/** A step: who takes it, and what it is. */
type Act = readonly [lane: string, record: Partial<RawRecord>, file?: string];

const suffixes = { db: '', wal: '-wal', shm: '', journal: '-journal', other: '', none: '' } as const;

/** A step on the file of a database that has this role; each lane has one handle a file. */
function on(lane: string, operation: keyof typeof op, of: Role, more: Partial<RawRecord> = {}, base = 'a.db'): Act {
  return [lane, { op: op[operation], role: role[of], ...more }, `${base}${suffixes[of]}`];
}

const lock = (lane: string, a: number, base?: string, rc = 0): Act => on(lane, 'lock', 'db', { a, rc }, base);
const unlock = (lane: string, a: number, base?: string): Act => on(lane, 'unlock', 'db', { a }, base);
/** @param how bits of xShmLock: 2 lock, 1 unlock, 4 shared, 8 exclusive */
const slot = (lane: string, number: number, how: number, base?: string, rc = 0): Act =>
  on(lane, 'shmLock', 'shm', { a: (number << 16) | (1 << 8) | how, rc }, base);
const write = (lane: string, of: 'db' | 'wal' | 'journal', base?: string): Act =>
  on(lane, 'write', of, { a: 4096 }, base);

const [none, shared, reserved, exclusive] = [0, 1, 2, 4];
const busy = 5;

// ---- what SQLite does, without -wal and with one ----

const opens = (lane: string, base?: string): readonly Act[] => [on(lane, 'open', 'db', {}, base)];
const begin = (lane: string, base?: string): readonly Act[] => [lock(lane, shared, base), lock(lane, reserved, base)];
const change = (lane: string, base?: string): readonly Act[] => [
  write(lane, 'journal', base),
  lock(lane, exclusive, base),
  write(lane, 'db', base),
];
const commit = (lane: string, base?: string): readonly Act[] => [unlock(lane, none, base)];
const update = (lane: string, base?: string): readonly Act[] => [
  ...begin(lane, base),
  ...change(lane, base),
  ...commit(lane, base),
];
const look = (lane: string, base?: string): readonly Act[] => [lock(lane, shared, base), unlock(lane, none, base)];
const select = (lane: string, base?: string): readonly Act[] => [
  lock(lane, shared, base),
  on(lane, 'read', 'db', { a: 4096 }, base),
  unlock(lane, none, base),
];

const opensWal = (lane: string): readonly Act[] => [
  on(lane, 'open', 'db'),
  lock(lane, shared),
  on(lane, 'open', 'wal'),
  on(lane, 'shmMap', 'shm'),
];
const walRead = (lane: string): readonly Act[] => [slot(lane, 3, 2 | 4)];
const walReadEnds = (lane: string): readonly Act[] => [slot(lane, 3, 1 | 4)];
const walSelect = (lane: string): readonly Act[] => [...walRead(lane), ...walReadEnds(lane)];
const walBegin = (lane: string): readonly Act[] => [...walRead(lane), slot(lane, 0, 2 | 8)];
const walCommit = (lane: string): readonly Act[] => [
  write(lane, 'wal'),
  on(lane, 'shmBarrier', 'shm'),
  slot(lane, 0, 1 | 8),
  ...walReadEnds(lane),
];
const walUpdate = (lane: string): readonly Act[] => [...walBegin(lane), ...walCommit(lane)];
const [checkpoint, checkpointed] = [
  (lane: string): readonly Act[] => [slot(lane, 1, 2 | 8), write(lane, 'db')],
  (lane: string): readonly Act[] => [slot(lane, 1, 1 | 8)],
];
const ends = (lane: string): readonly Act[] => [[lane, { op: op.end }]];

function meetings(acts: readonly Act[]): number {
  const tables = new Tables();
  const met = new LanesMet(tables);
  const lanes = new Map<string, StepLane & { readonly files: string[] }>();
  const laneOf = (name: string): StepLane & { readonly files: string[] } => {
    const known = lanes.get(name);
    if (known !== undefined) return known;
    const [process = name] = name.split('/');
    const parent = process.includes('.') ? process.split('.')[0] : undefined;
    const lane = { name, process: { name: process, parent, lanes: [{ name, number: 1 }] }, files: [''] };
    lanes.set(name, lane);
    return lane;
  };
  let step = 0;
  const see = (name: string, given: Partial<RawRecord>, file: string): void => {
    const lane = laneOf(name);
    if (file !== '' && !lane.files.includes(file)) lane.files.push(file);
    const number = Math.max(0, lane.files.indexOf(file));
    const record = { ...emptyRecord(), role: role.none, file: number, handle: number, ...given };
    met.see(++step, record, lane);
    tables.see(step, record, lane, 0);
  };
  for (const name of new Set(acts.map(([lane]) => lane))) see(name, { op: op.start }, '');
  for (const [name, record, file = ''] of acts) see(name, record, file);
  return met.times;
}

const both = [...opens('p'), ...opens('q')];
const bothWal = [...opensWal('p'), ...opensWal('q')];

test.each<[string, readonly Act[]]>([
  ['a writer asks for SHARED beside one who writes', [...both, ...begin('p'), ...select('q'), ...commit('p')]],
  ['a reader is refused beside one who writes', [...both, ...begin('p'), lock('q', shared, 'a.db', busy)]],
  ['one begins to write while another reads', [...both, lock('p', shared), lock('q', shared), lock('q', reserved)]],
  ['one is refused to write while another reads', [...both, lock('p', shared), lock('q', exclusive, 'a.db', busy)]],
  ['one writes between the read and the write of another', [...both, ...select('p'), ...update('q'), ...update('p')]],
  [
    'who looks at no page in between has read nothing anew',
    [...both, ...select('p'), ...update('q'), ...look('p'), ...update('p')],
  ],
  [
    'what a process reads that ends, its parent has read',
    [
      ...opens('sh.1'),
      ...select('sh.1'),
      ...ends('sh.1'),
      ...opens('q'),
      ...update('q'),
      ...opens('sh.2'),
      ...update('sh.2'),
    ],
  ],
  [
    'WAL: one begins to write while another reads',
    [...bothWal, ...walRead('p'), ...walUpdate('q'), ...walReadEnds('p')],
  ],
  ['WAL: one reads while another writes', [...bothWal, ...walBegin('p'), ...walSelect('q'), ...walCommit('p')]],
  ['WAL: one is refused beside one who writes', [...bothWal, ...walBegin('p'), slot('q', 0, 2 | 8, 'a.db', busy)]],
  ['WAL: one writes while another is inside a checkpoint', [...bothWal, ...checkpoint('p'), ...walUpdate('q')]],
  [
    'WAL: one writes between the read and the write of another',
    [...bothWal, ...walSelect('p'), ...walUpdate('q'), ...walUpdate('p')],
  ],
  [
    'WAL: a write that is refused reads nothing anew',
    [
      ...bothWal,
      ...walSelect('p'),
      ...walUpdate('q'),
      ...walRead('p'),
      slot('p', 0, 2 | 8, 'a.db', busy),
      ...walReadEnds('p'),
      ...walUpdate('p'),
    ],
  ],
  ['threads of one process', [...opens('p/a'), ...opens('p/b'), ...begin('p/a'), ...select('p/b')]],
  ['a copy is made of the file while one writes', [...both, ...begin('p'), on('q', 'copy', 'db', { text: 'copy' })]],
  ['a file is moved away while one reads', [...both, lock('p', shared), on('q', 'rename', 'db', { text: 'aside' })]],
  [
    'a thread opens the file past SQLite while another of its process reads',
    [...opens('p/a'), lock('p/a', shared), on('p/b', 'fileRead', 'db')],
  ],
])('lanes meet: %s', (_what, acts) => {
  expect(meetings(acts)).toBeGreaterThan(0);
});

test.each<[string, readonly Act[]]>([
  ['nobody else is there', [...opens('p'), ...select('p'), ...update('p'), ...update('p')]],
  ['one after the other', [...both, ...update('p'), ...update('q'), ...select('p'), ...update('p')]],
  ['both read', [...both, lock('p', shared), ...select('q'), unlock('p', none)]],
  ['WAL: both read', [...bothWal, ...walRead('p'), ...walSelect('q'), ...walReadEnds('p')]],
  [
    'WAL: a reader moves a READ mark beside another',
    [...bothWal, ...walRead('p'), slot('q', 4, 2 | 8), slot('q', 4, 1 | 8)],
  ],
  ['on different files', [...opens('p'), ...opens('q', 'b.db'), ...begin('p'), ...update('q', 'b.db'), ...change('p')]],
  [
    'what was read is not what is written',
    [...both, ...opens('p', 'b.db'), ...select('p'), ...update('q'), ...update('p', 'b.db')],
  ],
  ['a reader never writes', [...both, ...select('p'), ...update('q'), ...select('p'), ...update('q')]],
  ['it reads again before it writes', [...both, ...select('p'), ...update('q'), ...select('p'), ...update('p')]],
  [
    'it gives up what it writes',
    [...both, ...begin('p'), write('p', 'journal'), ...commit('p'), ...update('q'), ...update('p')],
  ],
  ['it writes, and then another, and then it again', [...both, ...update('p'), ...update('q'), ...update('p')]],
  [
    'WAL: a checkpoint comes between read and write',
    [...bothWal, ...walSelect('p'), ...checkpoint('q'), ...checkpointed('q'), ...walUpdate('p')],
  ],
  [
    'WAL: a checkpoint reads nothing to write on',
    [...bothWal, ...checkpoint('p'), ...checkpointed('p'), ...walUpdate('q'), ...walUpdate('p')],
  ],
  ['WAL: connections are open, and no more', [...bothWal, ...walUpdate('p'), ...walUpdate('q')]],
  [
    'children of one script, one after the other',
    ['sh.1', 'sh.2', 'sh.3'].flatMap((lane) => [...opens(lane), ...select(lane), ...update(lane), ...ends(lane)]),
  ],
  ['a writer that is dead', [...both, ...begin('p'), ...ends('p'), ...select('q')]],
  [
    'another process reads the file past SQLite while one reads',
    [...both, lock('p', shared), on('q', 'fileRead', 'db')],
  ],
  ['a commit that failed to be asked for', [...both, lock('p', shared), lock('q', reserved, 'a.db', 10)]],
])('lanes do not meet: %s', (_what, acts) => {
  expect(meetings(acts)).toBe(0);
});
