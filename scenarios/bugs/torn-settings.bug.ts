import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';

export const bug: PlantedBug = {
  name: 'torn-settings',
  about: 'what belongs together is written in two transactions and read in two',
  kind: 'planted',
  depth: 3,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /^the reader saw host \d+ with port \d+$/ },
  schema: `PRAGMA journal_mode=WAL; CREATE TABLE host(n INT); CREATE TABLE port(n INT);
    INSERT INTO host VALUES(0); INSERT INTO port VALUES(0);`,
  queries: {},
  processes: (draw) => [
    { name: 'writer', program: 'writer', args: { changes: draw(2, 6) } },
    { name: 'reader', program: 'reader', args: { reads: draw(2, 6) } },
  ],
  rule: 'host and port are of one change',
  broken: ({ observations }) => {
    for (const { kind, data } of observations) {
      if (kind !== 'read') continue;
      const { host, port } = data as { host: number; port: number };
      if (host !== port) return `the reader saw host ${host} with port ${port}`;
    }
    return undefined;
  },
};

export function writer(world: World, args: Json): void {
  const { changes, fixed } = args as Told<{ changes: number }>;
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  for (let n = 1; n <= changes; n++) {
    const change = () => {
      db.run('UPDATE host SET n = ?', n);
      db.run('UPDATE port SET n = ?', n);
    };
    if (fixed) db.immediate(change);
    else change();
  }
  db.close();
}

export function reader(world: World, args: Json): void {
  const { reads, fixed } = args as Told<{ reads: number }>;
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  const read = (table: string) => Number(db.get(`SELECT n FROM ${table}`)?.['n']);
  for (let n = 0; n < reads; n++) {
    if (fixed) db.exec('BEGIN');
    const [host, port] = [read('host'), read('port')];
    if (fixed) db.exec('COMMIT');
    world.observe('read', { host, port });
  }
  db.close();
}
