// The engine `own`: Node programs on the SQLite that they bring, under the gate all the same, which says which one that is.
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageDir } from '../../engines/package-dir.ts';
import type { History } from '../../model/history.ts';
import { OWN_ENGINE, type ProgramRef } from '../../model/process.ts';
import { stream } from '../../model/random.ts';
import type { Scenario } from '../../model/scenario.ts';
import { turnsChooser } from '../../run/choosers/preemptions.ts';
import type { Coordinator } from '../../run/coordinator.ts';
import { coordinatorOf, machineOf, planOf, process as named, scenarioOf } from '../../testing/lab.test-support.ts';

const programs = {
  'node.mjs': `
    import { DatabaseSync } from 'node:sqlite';
    import { setTimeout as sleep } from 'node:timers/promises';
    const db = new DatabaseSync('lab.db', { timeout: 5000 });
    db.exec("INSERT INTO t(k, v) VALUES(1, '0') ON CONFLICT DO NOTHING");
    for (let i = 0; i < 3; i++) {
      const { v } = db.prepare('SELECT v FROM t WHERE k = 1').get();
      await sleep(Math.random() < 0.5 ? 0 : 2);
      db.prepare('UPDATE t SET v = ? WHERE k = 1').run(String(Number(v) + 1));
      await sleep(5);
    }
    console.error(db instanceof DatabaseSync);
    db.close();`,
  'better.cjs': `
    const Database = require('better-sqlite3');
    const db = new Database('lab.db');
    db.prepare("INSERT INTO t(k, v) VALUES(1, '0') ON CONFLICT DO NOTHING").run();
    try {
      db.prepare('nonsense');
    } catch (error) {
      console.error(error instanceof Database.SqliteError);
    }
    db.close();`,
  'both.mjs': `
    import Database from 'better-sqlite3';
    import { DatabaseSync } from 'node:sqlite';
    new Database('lab.db').exec('SELECT 1 FROM t');
    new DatabaseSync('lab.db').exec('SELECT 1 FROM t');`,
  'threads.mjs': `
    import { Worker } from 'node:worker_threads';
    import { once } from 'node:events';
    const [kind] = process.argv.slice(2);
    if (kind === 'node') new (await import('node:sqlite')).DatabaseSync(':memory:').close();
    const pool = [1, 2].map((n) => new Worker(new URL(kind === 'node' ? './thread-node.mjs' : './thread-better.mjs', import.meta.url)));
    await Promise.all(pool.map((worker) => once(worker, 'exit')));`,
  'thread-node.mjs': `
    import { DatabaseSync } from 'node:sqlite';
    import { setTimeout as sleep } from 'node:timers/promises';
    const db = new DatabaseSync('lab.db', { timeout: 5000 });
    db.exec("INSERT INTO t(k, v) VALUES(1, '0') ON CONFLICT DO NOTHING");
    for (let i = 0; i < 2; i++) {
      const { v } = db.prepare('SELECT v FROM t WHERE k = 1').get();
      await sleep(Math.random() < 0.5 ? 0 : 2);
      db.prepare('UPDATE t SET v = ? WHERE k = 1').run(String(Number(v) + 1));
    }
    db.close();`,
  'thread-better.mjs': `
    import Database from 'better-sqlite3';
    const db = new Database('lab.db');
    db.prepare("INSERT INTO t(k, v) VALUES(1, '0') ON CONFLICT DO UPDATE SET v = v + 1").run();
    db.close();`,
  'late.mjs': `
    import { Worker } from 'node:worker_threads';
    import { DatabaseSync } from 'node:sqlite';
    new Worker("setInterval(() => {}, 1000)", { eval: true });
    new DatabaseSync('lab.db').exec('SELECT 1 FROM t');`,
} as const;

let folder: string;
const coordinators: Coordinator[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-own-'));
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(folder, name), text);
  const installed = join(folder, 'node_modules', 'better-sqlite3');
  for (const name of ['lib', 'package.json'])
    cpSync(join(packageDir('better-sqlite3'), name), join(installed, name), { recursive: true });
  mkdirSync(join(installed, 'build', 'Release'), { recursive: true });
  copyFileSync((await machineOf('3.50.4')).binding, join(installed, 'build', 'Release', 'better_sqlite3.node'));
  for (const fresh of [false, true]) coordinators.push(await coordinatorOf({ engine: OWN_ENGINE, fresh }));
}, 300_000);
afterAll(() => {
  for (const coordinator of coordinators) coordinator.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Two processes on this program. */
function labOf(file: keyof typeof programs, ...words: readonly string[]): Scenario {
  const lab = scenarioOf(['one', 'two'].map((name) => named(name, 'program')));
  const program: ProgramRef = { command: ['node', file, ...words], host: 'node', files: folder };
  const setup = lab.programs['setup'];
  if (setup === undefined) throw new Error('no setup');
  return { ...lab, programs: { setup, program }, queries: { t: 'SELECT k, v FROM t' } };
}

const plan = (more = {}) => planOf({ engine: OWN_ENGINE, ...more });

const versionsOf = ({ observations }: History) =>
  Object.fromEntries(observations.filter(({ kind }) => kind === 'sqlite').map(({ lane, data }) => [lane, data]));

/** What the programs have counted to together. */
function countIn({ autopsy }: History): unknown {
  const [row = []] = autopsy.queries['t'] as readonly (readonly unknown[])[];
  return row[1];
}

async function run(file: keyof typeof programs, seed: number, ...words: readonly string[]): Promise<History> {
  const [reused] = coordinators;
  if (reused === undefined) throw new Error('no coordinator');
  const found = await reused.run(labOf(file, ...words), plan({ seed }), turnsChooser(stream('chooser', seed, 0)));
  for (const coordinator of coordinators)
    expect((await coordinator.run(labOf(file, ...words), plan({ seed, preemptions: found.preemptions }))).hash).toBe(
      found.hash,
    );
  return found;
}

test('node:sqlite: an update is lost, each process says which SQLite answered, and one plan has one hash', async () => {
  let seed = 0;
  let history: History;
  do history = await run('node.mjs', ++seed);
  while (countIn(history) === '6' && seed < 20);
  expect(countIn(history)).not.toBe('6');
  const { sqlite: version } = process.versions as { readonly sqlite?: string };
  expect(versionsOf(history)).toEqual({ one: { version }, two: { version } });
  expect(history.words?.map(({ text }) => text)).toEqual(['true\n', 'true\n']);
});

test("the program's own better-sqlite3, with the SQLite that it has compiled in", async () => {
  const history = await run('better.cjs', 1);
  expect(versionsOf(history)).toEqual({ one: { version: '3.50.4' }, two: { version: '3.50.4' } });
  expect(history.words?.map(({ text }) => text)).toEqual(['true\n', 'true\n']);
});

test('two at once are refused in a sentence', async () => {
  await expect(coordinators[0]?.run(labOf('both.mjs'), plan())).rejects.toThrow('uses a second SQLite');
});

test('threads on node:sqlite are lanes: an update is lost, and one plan has one hash', async () => {
  let seed = 0;
  let history: History;
  do history = await run('threads.mjs', ++seed, 'node');
  while (countIn(history) === '8' && seed < 20);
  expect(Number(countIn(history))).toBeLessThan(8);
  const { sqlite: version } = process.versions as { readonly sqlite?: string };
  expect(Object.values(versionsOf(history))).toEqual([{ version }, { version }]); // of each process once
  const lanes = history.endings.map(({ lane }) => lane).filter((lane) => lane.startsWith('one'));
  expect(lanes.toSorted()).toEqual(['one', 'one/worker-1', 'one/worker-2']);
});

test("threads on the program's own better-sqlite3, which the main one has not opened", async () => {
  const history = await run('threads.mjs', 1, 'better');
  expect(Object.values(versionsOf(history))).toEqual([{ version: '3.50.4' }, { version: '3.50.4' }]);
  expect(countIn(history)).toBe('3');
});

test('another SQLite than that of its threads is refused in a sentence', async () => {
  await expect(coordinators[0]?.run(labOf('late.mjs'), plan())).rejects.toThrow(
    'uses node:sqlite when it has threads for which it uses better-sqlite3: let it open its first database before',
  );
});

test('programs over World bring none', async () => {
  await expect(coordinators[0]?.run(scenarioOf([named('one', 'setup')]), plan())).rejects.toThrow(
    'no program of this scenario brings one',
  );
});
