// `lockstep init`: what it guesses of a folder, what it writes, what it refuses. That what it writes runs is shown for each kind of
// program where that kind is tested.
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { findProgram } from '../../harness/run/command.ts';
import { callIn, jsonIn, runShape } from '../front-door.test-support.ts';
import { write } from '../own/project.test-support.ts';
import { guess } from './guess.ts';
import { scenarioText, wordsOf } from './scenario-text.ts';
import { long } from '../../harness/testing/long.test-support.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-init-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const makeDatabase = (name: string, sql: string): void => {
  const db = new Database(join(folder, name));
  db.exec(sql);
  db.close();
};

/** Debian's Python has a sqlite3 that loads extensions. */
const worker = `import sqlite3, sys
db = sqlite3.connect('jobs.db', timeout=60)
for _ in range(3):
    with db:
        db.execute('INSERT INTO jobs(worker) VALUES(?)', (sys.argv[1],))
`;

const nodeWorker = `import Database from 'better-sqlite3';
const db = new Database('jobs.db', { timeout: 60_000 });
for (let i = 0; i < 3; i++) {
  db.prepare('INSERT INTO jobs(worker) VALUES(?)').run(String(i));
  await new Promise((done) => setTimeout(done, 10));
}
db.close();
`;

const initShape = z.object({
  format: z.literal(1),
  scenario: z.string(),
  file: z.string(),
  config: z.string().nullable(),
  command: z.string(),
  database: z.string(),
});

describe('guesses', () => {
  test.each<readonly [string, { readonly [name: string]: string }, string | undefined]>([
    ['a Python program', { 'a.py': 'import os', 'worker.py': 'import sqlite3' }, 'python3 worker.py'],
    ['one of Node', { 'app.js': "import Database from 'better-sqlite3';" }, 'node app.js'],
    ['one with types', { 'app.ts': "import { DatabaseSync } from 'node:sqlite';" }, 'node app.ts'],
    ['a shell script', { 'job.sh': 'sqlite3 app.db .dump' }, 'sh job.sh'],
    [
      'the start script',
      { 'package.json': '{"scripts":{"start":"node server.js --port 1"}}' },
      'node server.js --port 1',
    ],
    ['no start script that is more than a program', { 'package.json': '{"scripts":{"start":"a && b"}}' }, undefined],
    ['no configuration, and no test', { 'lockstep.config.ts': 'sqlite', 'a.test.js': 'sqlite' }, undefined],
    ['nothing in nothing', {}, undefined],
    ['nothing in a package.json that is none', { 'package.json': '{' }, undefined],
  ])('%s', (_what, files, command) => {
    write(folder, files);
    expect(guess(folder, undefined).command).toBe(command);
  });

  test('the database, its tables and a key', () => {
    makeDatabase(
      'work.sqlite',
      'PRAGMA journal_mode=WAL; CREATE TABLE jobs(job TEXT PRIMARY KEY, n); CREATE INDEX i ON jobs(n)',
    );
    expect(guess(folder, undefined)).toMatchObject({
      database: 'work.sqlite',
      schema: 'PRAGMA journal_mode=WAL;\nCREATE TABLE jobs(job TEXT PRIMARY KEY, n);\nCREATE INDEX i ON jobs(n);',
      query: 'SELECT job FROM jobs',
    });
  });

  test.each([
    ["db = sqlite3.connect('jobs.db')", 'jobs.db'],
    ['sqlite3 -batch work.sqlite .dump', 'work.sqlite'],
    ['from sqlite3.dbapi2 import connect', 'app.db'],
  ])('the database that a program names: %s', (text, database) => {
    write(folder, { [text.startsWith('sqlite3') ? 'a.sh' : 'a.py']: `${text}\n` });
    expect(guess(folder, undefined).database).toBe(database);
  });

  test('a table without a key of its own, with a name that needs quotes', () => {
    makeDatabase('a.db', 'CREATE TABLE "my jobs"(n)');
    expect(guess(folder, 'a.db').query).toBe('SELECT rowid FROM "my jobs"');
  });

  test('nothing of a database that is not there, or is none', () => {
    write(folder, { 'b.db': 'no database' });
    for (const name of ['b.db', 'c.db'])
      expect(guess(folder, name)).toMatchObject({ database: name, schema: '', query: undefined });
  });
});

test('words of a command are those that a shell would make of it', () => {
  expect(wordsOf(`python3 "my worker.py" --name 'a b' -v`)).toEqual(['python3', 'my worker.py', '--name', 'a b', '-v']);
});

test.each([
  ['python3 bin/worker.py --id {name}', 'worker', "python('bin/worker.py', ['--id', '{name}'])"],
  ['/usr/bin/python3.9 worker.py', 'worker', "python('worker.py', [], { interpreter: '/usr/bin/python3.9' })"],
  ['node app.js', 'app', "node('app.js')"],
  ['sh bin/job.sh app.db', 'job', "command(['sh', './bin/job.sh', 'app.db'])"],
  ['./tool --db app.db', 'tool', "command(['./tool', '--db', 'app.db'])"],
  ['python3 -m worker', 'python3', "command(['python3', '-m', 'worker'])"],
])('%s is written as it runs', (command, name, made) => {
  const written = scenarioText({ command, database: 'app.db', schema: '', query: undefined });
  expect(written.name).toBe(name);
  expect(written.text).toContain(`programs: { ${name}: ${made} },`);
});

test('what a schema has in it is no code', () => {
  const { text } = scenarioText({
    command: 'node a.js',
    database: 'a.db',
    schema: 'CREATE TABLE t(`${x}` TEXT DEFAULT "\\");',
    query: undefined,
  });
  expect(text).toContain('CREATE TABLE t(\\`\\${x}\\` TEXT DEFAULT "\\\\");');
});

describe('the command', () => {
  test('writes a scenario that is found, and the configuration that finds it', async () => {
    write(folder, { 'package.json': '{ "type": "module" }', 'worker.py': 'import sqlite3' });
    makeDatabase('jobs.db', 'CREATE TABLE jobs(id INTEGER PRIMARY KEY)');
    const { code, document } = await jsonIn(folder, ['init', '--yes'], initShape);
    expect(code).toBe(0);
    expect(document).toMatchObject({
      scenario: 'worker',
      command: 'python3 worker.py',
      database: 'jobs.db',
      config: 'lockstep.config.ts',
    });
    const names = z.object({ scenarios: z.array(z.object({ name: z.string(), says: z.string() })) });
    const list = await jsonIn(folder, ['list'], names);
    expect(list.document.scenarios[0]).toEqual({
      name: 'worker',
      says: 'several processes of `python3 worker.py` share jobs.db',
    });
  });

  test('says what to do next', async () => {
    const { out } = await callIn(folder, [
      'init',
      '--command',
      'python3 w.py',
      '--database',
      'a.db',
      '--query',
      'SELECT id FROM jobs',
    ]);
    expect(out).toMatch(/^lockstep\.scenario\.mts has a scenario "w": `python3 w\.py` on a\.db\.\n/);
    expect(out).toContain('npx lockstep run w ');
    expect(readFileSync(join(folder, 'lockstep.scenario.mts'), 'utf8')).toContain(
      "queries: { jobs: 'SELECT id FROM jobs' },",
    );
  });

  test('and for one of Node', long, async () => {
    write(folder, { 'package.json': '{ "type": "module" }', 'worker.js': nodeWorker });
    symlinkSync(join(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'));
    makeDatabase('jobs.db', 'CREATE TABLE jobs(id INTEGER PRIMARY KEY, worker TEXT)');
    await callIn(folder, ['init', '--yes']);
    const { code, document } = await jsonIn(folder, ['run', 'worker', '--runs', '2', '--no-shrink'], runShape);
    expect({ code, ...document }).toMatchObject({ code: 3, verdict: 'inconclusive', runs: 2, violations: [] });
    expect(document.steps).toBeGreaterThan(50);
  });

  test.skipIf(findProgram('sqlite3') === undefined)('and for a shell script', long, async () => {
    write(folder, { 'add.sh': `sqlite3 jobs.db "INSERT INTO jobs(worker) VALUES('$1')"\n` });
    makeDatabase('jobs.db', 'CREATE TABLE jobs(id INTEGER PRIMARY KEY, worker TEXT)');
    await callIn(folder, ['init', '--yes', '--command', 'sh add.sh {name}']);
    const { code, document } = await jsonIn(folder, ['run', 'add', '--runs', '3', '--no-shrink'], runShape);
    expect({ code, ...document }).toMatchObject({ code: 3, verdict: 'inconclusive', runs: 3, violations: [] });
    expect(document.steps).toBeGreaterThan(30);
  });

  test('puts the scenario where it is told, and the configuration where it is found', async () => {
    const { code } = await callIn(folder, ['init', '--command', 'node a.js', '--out', 'tests/a.scenario.mjs']);
    expect(code).toBe(0);
    expect((await callIn(folder, ['list'])).out).toMatch(/^scenarios\n {2}a +several processes of/);
    expect((await callIn(folder, ['list'])).err).toBe('');
  });

  test('writes for a program in Python what runs as it is', async () => {
    write(folder, { 'worker.py': worker });
    makeDatabase('jobs.db', 'PRAGMA journal_mode=WAL; CREATE TABLE jobs(id INTEGER PRIMARY KEY, worker TEXT)');
    await callIn(folder, ['init', '--yes', '--command', '/usr/bin/python3 worker.py {name}']);
    const { code, document } = await jsonIn(folder, ['run', 'worker', '--runs', '3', '--no-shrink'], runShape);
    expect({ code, ...document }).toMatchObject({ code: 3, verdict: 'inconclusive', runs: 3, violations: [] });
    expect(document.steps).toBeGreaterThan(100);
  });

  test('writes over nothing, unless it is told to', async () => {
    write(folder, {
      'package.json': '{ "type": "module" }',
      'lockstep.scenario.ts': 'mine',
      'lockstep.config.ts': "export default { scenarios: ['.'] };\n",
    });
    const given = ['init', '--command', 'python3 w.py'];
    const refused = await callIn(folder, given);
    expect(refused).toMatchObject({
      code: 2,
      err: expect.stringMatching(/lockstep\.scenario\.ts is there already\.\n.*--force/) as string,
    });
    expect(readFileSync(join(folder, 'lockstep.scenario.ts'), 'utf8')).toBe('mine');
    expect((await callIn(folder, [...given, '--force'])).code).toBe(0);
    expect(readFileSync(join(folder, 'lockstep.config.ts'), 'utf8')).toBe("export default { scenarios: ['.'] };\n");
  });

  test.each([
    [[], /not given, and there is no terminal to ask on\.\nGive it: --command/],
    [['--yes'], /Nothing in this folder looks like a program that uses SQLite\.\nGive it:/],
  ])('%j without anything to go by says what to give', async (more, says) => {
    const { code, err } = await callIn(folder, ['init', ...more]);
    expect(code).toBe(2);
    expect(err).toMatch(says);
    expect(readdirSync(folder)).toEqual([]);
  });
});
