import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';
import { noise, work } from './work.program.ts';

export const bug: PlantedBug = {
  name: 'two-leaders',
  about: 'a file that says who leads is looked for, and then written',
  kind: 'planted',
  depth: 2,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /^both .+ and .+ lead$/ },
  schema: `PRAGMA journal_mode=WAL; ${noise}`,
  queries: {},
  processes: (draw) =>
    ['a', 'b'].map((name) => ({ name, program: 'candidate', args: { before: draw(0, 10), after: draw(1, 6) } })),
  rule: 'one leads',
  broken: ({ observations }) => {
    const [one, other] = observations.filter(({ kind }) => kind === 'leads');
    return one === undefined || other === undefined ? undefined : `both ${one.lane} and ${other.lane} lead`;
  },
};

export function candidate(world: World, args: Json): void {
  const { before, after, fixed } = args as Told<{ before: number; after: number }>;
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  work(world, db, before);
  const isThere = world.files.stat('leader') !== undefined;
  if (!isThere) {
    const made = attempt(() => world.files.write('leader', world.process, { exclusive: fixed }));
    if (made) world.observe('leads', null);
  }
  work(world, db, after);
  db.close();
}

function attempt(write: () => void): boolean {
  try {
    write();
    return true;
  } catch {
    return false;
  }
}
