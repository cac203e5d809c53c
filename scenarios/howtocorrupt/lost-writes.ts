// 4.2 and 6.3: writes that are told to have happened and have not; and what a full disk does where it says so.
import { between, process, section } from './section.ts';

const broken = ['integrity', 'acknowledged-commits', 'whole-transactions'];
const module = new URL('./lost-writes.program.ts', import.meta.url).href;
const journal = (way: string) => (way.startsWith('wal-') ? ('wal' as const) : ('delete' as const));
const ranges = { transactions: [3, 8] } as const;

export const fakeCapacity = section({
  section: '4.2',
  name: 'fake-capacity',
  title: 'Fake capacity USB sticks',
  says: 'a disk is smaller than it says: what is written past its end is lost, or refused',
  ways: [
    { name: 'past-the-end', says: 'writes to a full disk are told to have happened', wrong: broken },
    { name: 'wal-past-the-end', says: 'writes to a full disk are told to have happened, in WAL mode', wrong: broken },
    { name: 'full', says: 'a full disk refuses writes, and transactions are given up' },
    { name: 'full-in-savepoints', says: 'a full disk refuses writes, and savepoints are given up' },
    { name: 'wal-full', says: 'a full disk refuses writes in WAL mode, and transactions are given up' },
  ],
  module,
  programs: ['writer', 'nester'],
  journal,
  ranges,
  faults: (random, way) => {
    const nth = between(random, 1, 120);
    const at = { lane: 'writer', op: 'write' as const, nth };
    if (way.endsWith('past-the-end')) return [{ kind: 'lie', at, ops: ['write'] }];
    const until = { lane: 'writer', op: 'write' as const, nth: nth + between(random, 1, 30) };
    return [{ kind: 'disk-full', at, until }];
  },
  start: (way, { transactions }) => [
    process('writer', { transactions }, way === 'full-in-savepoints' ? 'nester' : 'writer'),
  ],
});

export const lostWrite = section({
  section: '6.3',
  name: 'lost-write',
  title: 'Filesystem Corruption',
  says: 'a file system loses a write',
  ways: [
    { name: 'a-write-is-lost', says: 'one write to the database is told to have happened, and has not', wrong: broken },
    { name: 'a-wal-write-is-lost', says: 'one write to the -wal is told to have happened, and has not', wrong: broken },
    { name: 'nothing-is-lost', says: 'all writes happen' },
  ],
  module,
  programs: ['writer'],
  journal: (way) => (way.includes('-wal-') ? 'wal' : 'delete'),
  ranges,
  faults: (random, way) => {
    if (way === 'nothing-is-lost') return [];
    const nth = between(random, 2, 40);
    const role = way === 'a-write-is-lost' ? ('db' as const) : ('wal' as const);
    const at = { lane: 'writer', op: 'write' as const, role };
    return [{ kind: 'lie', at: { ...at, nth }, role, ops: ['write'], until: { ...at, nth: nth + 1 } }];
  },
  start: (_way, { transactions }) => ['writer', 'writer-2'].map((name) => process(name, { transactions }, 'writer')),
});
