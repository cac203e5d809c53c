import { type Json, SqlError, type World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';
import { firstSaid } from './facts.ts';

export const bug: PlantedBug = {
  name: 'torn-init',
  about: 'a schema is made in several transactions, and the first table is taken for all of them',
  kind: 'planted',
  depth: 2,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /met half a schema/ },
  schema: 'PRAGMA journal_mode=WAL; CREATE TABLE noise(who TEXT, n INT);',
  queries: {},
  processes: (draw) => ['a', 'b', 'c'].map((name) => ({ name, program: 'opener', args: { before: draw(0, 8) } })),
  rule: 'who finds the first table finds all',
  broken: (history) => {
    const half = firstSaid(history, 'half');
    return half === undefined ? undefined : `${half.lane} met half a schema`;
  },
};

const tables = ['one', 'two', 'three'];

export function opener(world: World, args: Json): void {
  const { before, fixed } = args as Told<{ before: number }>;
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  for (let n = 0; n < before; n++) db.run('INSERT INTO noise VALUES(?, ?)', world.process, n);
  const make = () => {
    for (const table of tables) db.exec(`CREATE TABLE IF NOT EXISTS ${table}(n INT)`);
  };
  const there = db.get("SELECT 1 FROM sqlite_master WHERE name = 'one'") !== undefined;
  if (!there && fixed) db.immediate(make);
  else if (!there) make();
  try {
    for (const table of tables) db.run(`INSERT INTO ${table} VALUES(1)`);
  } catch (error) {
    if (!(error instanceof SqlError) || !error.message.includes('no such table')) throw error;
    world.observe('half', null);
  }
  db.close();
}
