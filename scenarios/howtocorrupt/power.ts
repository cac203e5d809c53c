// 3.1, 3.2 and 4.1: the power goes, and the disk has not kept what SQLite needs.
import type { Fault, FaultOf } from '../../harness/model/fault.ts';
import type { ModelName } from '../../harness/model/file-systems.ts';
import { drawPowerLoss } from '../../harness/search/draw-power-loss.ts';
import { between, process, section } from './section.ts';

const broken = ['integrity', 'acknowledged-commits', 'whole-transactions'];
const module = new URL('./power.program.ts', import.meta.url).href;
const programs = ['writer'] as const;
const ranges = { transactions: [2, 6] } as const;
const horizonMs = 1000;

const journal = (way: string) => (way.startsWith('wal-') ? ('wal' as const) : ('delete' as const));

type PowerLoss = FaultOf<'power-loss'>;

/** With a loss that the file system allows, and that is of the kind that is asked for. */
function loss(
  random: () => number,
  model: ModelName,
  at: PowerLoss['at'],
  isMeant: (loss: PowerLoss) => boolean = () => true,
): readonly Fault[] {
  for (;;) {
    const [drawn] = drawPowerLoss(random, [model], { gateways: 1, horizonMs, stepsMax: horizonMs });
    if (drawn !== undefined && isMeant(drawn)) return [{ ...drawn, at }];
  }
}

const somewhere = (random: () => number) => ({ step: between(random, 20, 400) });

/** When writes wait for their sync. */
function beforeSync(random: () => number, way: string): PowerLoss['at'] {
  const role = journal(way) === 'wal' && random() < 0.5 ? ('wal' as const) : ('db' as const);
  return { lane: `writer-${between(random, 1, 2)}`, op: 'sync', role, nth: between(random, 1, 5) };
}

function start(synchronous: string, { transactions }: { readonly transactions: number }) {
  return ['writer-1', 'writer-2'].map((name) => process(name, { synchronous, transactions }, 'writer'));
}

/** What keeps all that was acknowledged: EXTRA with a rollback journal, FULL with a WAL (pragma.html, synchronous). */
const safest = (way: string) => (journal(way) === 'wal' ? 'FULL' : 'EXTRA');

export const lyingSync = section({
  section: '3.1',
  name: 'lying-sync',
  title: 'Disk drives that do not honor sync requests',
  says: 'the power goes, and what was synced is on the disk or not',
  ways: [
    { name: 'sync-lies', says: 'syncs answer at once and do nothing, with a rollback journal', wrong: ['integrity'] },
    { name: 'wal-sync-lies', says: 'syncs answer at once and do nothing, with a WAL', wrong: broken },
    { name: 'sync-holds', says: 'syncs do what they say, with a rollback journal and synchronous=EXTRA' },
    { name: 'wal-sync-holds', says: 'syncs do what they say, with a WAL and synchronous=FULL' },
  ],
  module,
  programs,
  journal,
  ranges,
  faults: (random, way) => loss(random, way.endsWith('lies') ? 'lying-sync' : 'powersafe', somewhere(random)),
  start: (way, numbers) => start(safest(way), numbers),
});

const synchronous: { readonly [way: string]: string } = {
  'sync-off': 'OFF',
  'wal-sync-off': 'OFF',
  'wal-sync-normal': 'NORMAL',
};

export const syncOff = section({
  section: '3.2',
  name: 'sync-off',
  title: 'Disabling sync using PRAGMAs',
  says: 'the power goes, and nobody has asked the disk to keep anything',
  ways: [
    { name: 'sync-off', says: 'PRAGMA synchronous=OFF, with a rollback journal', wrong: ['integrity'] },
    { name: 'wal-sync-off', says: 'PRAGMA synchronous=OFF, with a WAL', wrong: broken },
    { name: 'sync-extra', says: 'PRAGMA synchronous=EXTRA, with a rollback journal' },
    { name: 'wal-sync-full', says: 'PRAGMA synchronous=FULL, with a WAL' },
    {
      name: 'wal-sync-normal',
      says: 'PRAGMA synchronous=NORMAL, with a WAL, held to what that promises: the last commits may be lost',
    },
  ],
  module,
  programs,
  journal,
  ranges,
  faults: (random) => loss(random, 'powersafe', somewhere(random)),
  durability: (way) => (way === 'wal-sync-normal' ? 'order' : 'acknowledged'),
  start: (way, numbers) => start(synchronous[way] ?? safest(way), numbers),
});

export const flash = section({
  section: '4.1',
  name: 'flash',
  title: 'Non-powersafe flash memory controllers',
  says: 'the power goes in the middle of a write, and the rest of the sectors that it touches are spoilt',
  ways: [
    { name: 'pages-in-sectors', says: 'pages of 512 bytes, of which a sector of 4096 holds several', wrong: broken },
    { name: 'wal-in-sectors', says: 'a WAL and pages of 512 bytes, of which a sector holds several', wrong: broken },
    { name: 'pages-are-sectors', says: 'pages of 4096 bytes, as large as the sectors, with a rollback journal' },
    { name: 'powersafe-overwrite', says: 'a disk that spoils nothing beside what it writes' },
  ],
  module,
  programs,
  journal,
  pageBytes: (way) => (way === 'pages-are-sectors' ? 4096 : 512),
  ranges,
  faults: (random, way) =>
    way === 'powersafe-overwrite'
      ? loss(random, 'powersafe', beforeSync(random, way))
      : loss(random, 'no-powersafe-overwrite', beforeSync(random, way), ({ spoilt }) => spoilt !== undefined),
  start: (way, numbers) => start(safest(way), numbers),
});
