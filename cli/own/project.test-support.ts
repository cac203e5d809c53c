// A project of somebody's own, for tests: a scenario with a lost update, its fix as a strategy, and the program of both. What stays
// out: Lockstep, which a test brings.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Two processes add to a counter by reading it and writing what they have read plus one. */
export const program = `import type { World } from 'lockstep/world';

export function adder(world: World): void {
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  for (let i = 0; i < 3; i++) {
    addOne();
    world.observe('added', null);
    world.sleep(1);
  }
  db.close();

  function addOne(): void {
    const value = Number(db.get('SELECT value FROM counter')?.['value']);
    db.run('UPDATE counter SET value = ?', value + 1);
  }
}

export function atomicAdder(world: World): void {
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  for (let i = 0; i < 3; i++) {
    db.run('UPDATE counter SET value = value + 1');
    world.observe('added', null);
    world.sleep(1);
  }
  db.close();
}
`;

export const scenario = `import { defineScenario, invariant, observed, stepped, world } from 'lockstep';

const noLostUpdate = invariant('no-lost-update', 'harm', 'the counter holds all that was added', function* (history) {
  const added = history.observations.filter(({ kind }) => kind === 'added').length;
  const rows = history.autopsy.queries['counter'] as readonly (readonly number[])[];
  const value = rows[0]?.[0] ?? 0;
  if (value < added) yield { message: \`\${added} were added, and the counter says \${value}\` };
});

export default defineScenario({
  name: 'lost-update',
  says: 'two processes add to one counter',
  from: import.meta.url,
  database: 'app.db',
  setup: 'PRAGMA journal_mode=WAL; CREATE TABLE counter(value INTEGER); INSERT INTO counter VALUES(0)',
  programs: { adder: world('adder.program.ts', 'adder') },
  start: [{ program: 'adder', times: 2 }],
  strategies: [
    { name: 'as-is', says: 'reads, then writes' },
    { name: 'atomic', says: 'one statement', programs: { adder: world('adder.program.ts', 'atomicAdder') } },
  ],
  queries: { counter: 'SELECT value FROM counter' },
  invariants: [noLostUpdate],
  marks: [
    observed('added', 'somebody added', 'added'),
    stepped('wal-written', 'a frame was written to the -wal', { op: 'write', role: 'wal' }),
  ],
});
`;

/** Writes files into a folder, by their names. */
export function write(folder: string, files: { readonly [name: string]: string }): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** A comparison of the project's scenarios in seconds, into `report`. */
export const shortComparison = 'compare --engines 3.54.1 --runs 80 --no-costs --shrink-time 2s --out report'.split(' ');
