import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';
import { firstSaid } from './facts.ts';
import { noise, work } from './work.program.ts';

export const bug: PlantedBug = {
  name: 'shared-temporary',
  about: 'two processes write a file beside its place and rename it, both by one temporary name',
  kind: 'planted',
  depth: 2,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /^.+ lost its temporary file$/ },
  schema: `PRAGMA journal_mode=WAL; ${noise}`,
  queries: {},
  processes: (draw) =>
    ['a', 'b'].map((name) => ({ name, program: 'saver', args: { saves: draw(1, 3), before: draw(1, 6) } })),
  rule: 'a file that was written can be renamed',
  broken: (history) => {
    const lost = firstSaid(history, 'lost');
    return lost === undefined ? undefined : `${lost.lane} lost its temporary file`;
  },
};

export function saver(world: World, args: Json): void {
  const { saves, before, fixed } = args as Told<{ saves: number; before: number }>;
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  const temporary = fixed ? `settings.${world.process}` : 'settings.new';
  for (let n = 0; n < saves; n++) {
    work(world, db, before);
    world.files.write(temporary, `${world.process} ${n}`);
    try {
      world.files.rename(temporary, 'settings');
    } catch {
      world.observe('lost', null);
    }
  }
  db.close();
}
