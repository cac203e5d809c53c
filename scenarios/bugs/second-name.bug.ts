import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';

export const bug: PlantedBug = {
  name: 'second-name',
  about:
    'a worker dies in a COMMIT, and who comes next opens the database by another name, beside which no journal lies (toil #2947)',
  kind: 'use',
  depth: 1,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /^the janitor read \d+ old rows and \d+ new ones$/ },
  schema: `PRAGMA page_size=512; CREATE TABLE t(k INTEGER PRIMARY KEY, v TEXT);
    WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < 60) INSERT INTO t SELECT k, 'old' || hex(zeroblob(30)) FROM n;`,
  queries: {},
  processes: () => [
    { name: 'worker', program: 'worker', args: {} },
    { name: 'janitor', program: 'janitor', args: {} },
  ],
  faults: (draw) => [{ kind: 'kill', at: { lane: 'worker', op: 'write', role: 'db', nth: draw(1, 60) } }],
  rule: 'what the janitor reads is all old or all new',
  broken: ({ observations }) => {
    for (const { kind, data } of observations) {
      if (kind !== 'read') continue;
      const { old, fresh } = data as { old: number; fresh: number };
      if (old > 0 && fresh > 0) return `the janitor read ${old} old rows and ${fresh} new ones`;
    }
    return undefined;
  },
};

export function worker(world: World): void {
  world.files.link('app.db', 'alias.db');
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  db.exec('PRAGMA cache_size=4');
  for (const round of ['a', 'b', 'c'])
    db.run("UPDATE t SET v = 'new' || ? || v WHERE v LIKE 'old%' OR ? <> 'a'", round, round);
  db.close();
}

export function janitor(world: World, args: Json): void {
  const { fixed } = args as Told<object>;
  world.wait('worker');
  const db = world.open(fixed ? 'app.db' : 'alias.db', { busyTimeoutMs: 60_000 });
  const count = (like: string) => Number(db.get('SELECT count(*) AS n FROM t WHERE v LIKE ?', like)?.['n']);
  world.observe('read', { old: count('old%'), fresh: count('new%') });
  db.close();
}
