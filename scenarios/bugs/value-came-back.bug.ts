import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';
import { noise, work } from './work.program.ts';

export const bug: PlantedBug = {
  name: 'value-came-back',
  about: 'a value is compared and swapped, though it has been another one and come back meanwhile (ABA)',
  kind: 'planted',
  depth: 4,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /^.+ took \d+ changes for none$/ },
  schema: `PRAGMA journal_mode=WAL; CREATE TABLE cell(v TEXT, version INT); INSERT INTO cell VALUES('free', 0); ${noise}`,
  queries: {},
  processes: (draw) => [
    { name: 'swapper', program: 'swapper', args: { before: draw(0, 6), after: draw(0, 4) } },
    { name: 'turner', program: 'turner', args: { before: draw(1, 12), between: draw(1, 4), after: draw(1, 8) } },
  ],
  rule: 'what is swapped has not changed since it was read',
  broken: ({ observations }) => {
    const swapped = observations.find(({ kind, data }) => kind === 'swapped' && Number(data) > 0);
    return swapped === undefined ? undefined : `${swapped.lane} took ${Number(swapped.data)} changes for none`;
  },
};

export function swapper(world: World, args: Json): void {
  const { before, after, fixed } = args as Told<{ before: number; after: number }>;
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  work(world, db, before);
  const { v, version } = db.get('SELECT v, version FROM cell') ?? {};
  db.immediate(() => {
    const now = db.get('SELECT v, version FROM cell') ?? {};
    if (now['v'] !== v || (fixed && now['version'] !== version)) return;
    db.run("UPDATE cell SET v = 'swapped', version = version + 1");
    world.observe('swapped', Number(now['version']) - Number(version));
  });
  work(world, db, after);
  db.close();
}

/** Takes what is free, and gives it back. */
export function turner(world: World, args: Json): void {
  const { before, between, after } = args as { before: number; between: number; after: number };
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  work(world, db, before);
  const { changes } = db.run("UPDATE cell SET v = ?, version = version + 1 WHERE v = 'free'", world.process);
  work(world, db, between);
  if (changes === 1) db.run("UPDATE cell SET v = 'free', version = version + 1 WHERE v = ?", world.process);
  work(world, db, after);
  db.close();
}
