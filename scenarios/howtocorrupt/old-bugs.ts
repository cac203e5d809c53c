// 8: bugs of SQLite. All but those of the WAL are in versions before 3.44.0, the oldest of which an engine can be made
// (harness/engines/add.ts); what brought them about is done here on later ones.
import { PREBUILT_ENGINE } from '../../harness/engines/catalogue.ts';
import { walReset } from '../wal-reset.ts';
import { between, process, type Section, section } from './section.ts';

const module = new URL('./old-bugs.program.ts', import.meta.url).href;
const engines = ['3.50.4', '3.51.2', PREBUILT_ENGINE];

/** The canary is a scenario of its own. */
export const resetBug: Section = {
  section: '8.1',
  title: 'Race condition when writing to a WAL-mode database.',
  scenario: walReset,
  ways: [
    {
      name: 'wal',
      says: 'a WAL is reset inside a checkpoint, up to 3.51.2',
      wrong: ['integrity', 'acknowledged-commits', 'whole-transactions'],
      engines: ['3.50.4', '3.51.2'],
    },
    { name: 'wal', says: 'a WAL is reset inside a checkpoint, from 3.51.3 on' },
  ],
};

export const shrinkage = section({
  section: '8.3',
  name: 'shrinkage',
  title: 'False corruption reports due to database shrinkage',
  says: 'a database becomes shorter while somebody else reads it (a false report of 3.7.0 on a file that 3.6 had made shorter, mended in 3.7.6)',
  ways: [{ name: 'vacuum-beside-reader', says: 'VACUUM after deletes, beside a reader', engines }],
  module,
  programs: ['shrinker', 'reader'],
  journal: () => 'delete',
  ranges: { transactions: [2, 6] },
  start: (_way, numbers) => [process('shrinker', numbers), process('reader', numbers)],
});

export const modeSwitches = section({
  section: '8.4',
  name: 'mode-switches',
  title: 'Corruption following switches between rollback and WAL modes',
  says: 'two processes switch between rollback journal and WAL, and vacuum',
  ways: [
    {
      name: 'switch-and-vacuum',
      says: 'journal_mode=WAL, journal_mode=DELETE and VACUUM in turn, by two processes',
      engines,
    },
  ],
  module,
  programs: ['switcher'],
  journal: () => 'delete',
  ranges: { transactions: [2, 6] },
  start: (_way, numbers) => [1, 2].map((n) => process(`switcher-${n}`, numbers, 'switcher')),
});

export const lockErrors = section({
  section: '8.5',
  name: 'lock-errors',
  title: 'I/O error while obtaining a lock leads to corruption',
  says: 'an operation meets an I/O error, and the program goes on with the connection',
  ways: [
    { name: 'error-at-a-lock', says: 'one lock of the database meets EIO', engines },
    { name: 'error-at-an-index-lock', says: 'one lock of the wal-index meets EIO', engines },
    { name: 'error-anywhere', says: 'one operation of any kind meets EIO', engines },
  ],
  module,
  programs: ['stubborn'],
  journal: (way) => (way === 'error-at-a-lock' ? 'delete' : 'wal'),
  ranges: { transactions: [3, 6] },
  faults: (random, way) => {
    const lane = `stubborn-${between(random, 1, 2)}`;
    if (way === 'error-anywhere') {
      const op =
        (['read', 'write', 'sync', 'truncate', 'shmLock', 'fileSize'] as const)[between(random, 0, 5)] ?? 'read';
      return [{ kind: 'io-error', at: { lane, op, nth: between(random, 4, 30) }, code: 'SQLITE_IOERR' }];
    }
    const [op, code] =
      way === 'error-at-a-lock'
        ? (['lock', 'SQLITE_IOERR_LOCK'] as const)
        : (['shmLock', 'SQLITE_IOERR_SHMLOCK'] as const);
    return [{ kind: 'io-error', at: { lane, op, nth: between(random, 3, 30) }, code }];
  },
  start: (_way, numbers) => [1, 2].map((n) => process(`stubborn-${n}`, numbers, 'stubborn')),
});

export const nestedJournals = section({
  section: '8.9',
  name: 'nested-journals',
  title: 'Boundary value error in the secondary journals used by nested transactions',
  says: 'savepoints in savepoints, their journals in memory, some of them taken back, each larger than the cache',
  ways: [{ name: 'savepoints', says: 'savepoints in savepoints with a cache of four pages', engines }],
  module,
  programs: ['nester'],
  journal: () => 'delete',
  ranges: { transactions: [2, 5], depth: [1, 6] },
  start: (_way, numbers) => [1, 2].map((n) => process(`nester-${n}`, numbers, 'nester')),
});
