// `lockstep init`: what it guesses of a folder, what it writes, what it refuses. That what it writes runs is shown for each kind of
// program where that kind is tested.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { callIn, jsonIn } from '../front-door.test-support.ts';
import { write } from '../own/project.test-support.ts';
import { guess } from './guess.ts';
import { scenarioText, wordsOf } from './scenario-text.ts';

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
  ['node app.js', 'app', "node('app.js')"],
  ['sh job.sh', 'sh', "command(['sh', 'job.sh'])"],
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
    write(folder, { 'package.json': '{}', 'worker.py': 'import sqlite3' });
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
    expect(out).toMatch(/^lockstep\.scenario\.ts has a scenario "w": `python3 w\.py` on a\.db\.\n/);
    expect(out).toContain('npx lockstep run w ');
    expect(readFileSync(join(folder, 'lockstep.scenario.ts'), 'utf8')).toContain(
      "queries: { jobs: 'SELECT id FROM jobs' },",
    );
  });

  test('writes over nothing, unless it is told to', async () => {
    write(folder, { 'lockstep.scenario.ts': 'mine', 'lockstep.config.ts': "export default { scenarios: ['.'] };\n" });
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
    expect(existsSync(join(folder, 'lockstep.scenario.ts'))).toBe(false);
  });
});
