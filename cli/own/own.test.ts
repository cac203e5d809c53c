// Scenarios of a person's own: found by --scenarios or by lockstep.config.ts, in every command that takes a scenario or a plan of
// one, in other processes too; and what is wrong with a file said in a sentence.
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { callIn, jsonIn, replayShape, runShape } from '../front-door.test-support.ts';
import { program, scenario, shortComparison, write } from './project.test-support.ts';
import { long, longButFirst } from '../../harness/testing/long.test-support.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-own-'));
  write(folder, { 'adder.program.ts': program, 'adder.scenario.ts': scenario, 'package.json': '{"type":"module"}' });
});
afterEach(() => rmSync(folder, { recursive: true }));

const config = "export default { scenarios: ['.'], engine: '3.54.1' };\n";
const here = ['--scenarios', 'adder.scenario.ts'];

const named = z.array(z.object({ name: z.string() }));
const listShape = z.object({ scenarios: named, strategies: named, invariants: named, marks: named });

test('a failure is found in jobs, shrunk, replayed, and gone under the fix', long, async () => {
  const run = await jsonIn(
    folder,
    ['run', 'lost-update', ...here, '--runs', '100', '--jobs', '2', '--shrink-time', '2s'],
    runShape,
  );
  expect(run).toMatchObject({ code: 1, document: { verdict: 'fail', strategy: 'as-is', engine: '3.54.1' } });
  expect(run.document.violations.map(({ invariant }) => invariant)).toEqual(['no-lost-update']);
  expect(run.document.marks['added']).toBeGreaterThan(0);
  expect(run.document.marks['wal-written']).toBeGreaterThan(0);
  const plan = run.document.plan ?? '';
  const replayed = await jsonIn(folder, ['replay', plan, ...here, '--times', '3'], replayShape);
  expect(replayed).toMatchObject({ code: 1, document: { verdict: 'fail', hashes: [run.document.hash] } });
  const shrunk = await jsonIn(folder, ['shrink', plan, ...here, '--out', 'small.json', '--time', '2s'], runShape);
  expect(shrunk).toMatchObject({ code: 1, document: { scenario: 'lost-update', plan: 'small.json' } });
  const fixed = await callIn(folder, ['replay', plan, ...here, '--strategy', 'atomic']);
  expect(fixed).toMatchObject({ code: 3, out: expect.stringContaining('it violates nothing here') as string });
});

test('the command that is said to show it again is one that does', async () => {
  const { out } = await callIn(folder, ['run', 'lost-update', ...here, '--runs', '100', '--no-shrink']);
  const said = /see it again: npx lockstep (.*)$/m.exec(out)?.[1] ?? '';
  expect(said).toContain('--scenarios adder.scenario.ts');
  expect((await callIn(folder, said.split(' '))).code).toBe(1);
});

test.each<readonly [readonly string[], number, RegExp]>([
  [['bisect', 'found.json', '--engines', '3.54.1', '--searches', '1'], 1, /3\.54\.1 +FAIL +no-lost-update/],
  [['sweep', 'lost-update', '--from', '20', '--to', '22'], 3, /lost-update/],
  [
    [
      'bench',
      '--scenario',
      'lost-update',
      '--engines',
      'plain',
      '--choosers',
      'preemptions',
      '--jobs',
      '2',
      '--seeds',
      '1',
      '--no-stress',
      '--only',
      'no-lost-update',
    ],
    0,
    /preemptions/,
  ],
  [['reproduce', 'lost-update'], 2, /No plan is shipped that reproduces lost-update/],
])('%j knows them too', longButFirst, async (args, code, says) => {
  const { out } = await callIn(folder, ['run', 'lost-update', ...here, '--runs', '100', '--no-shrink', '--json']);
  renameSync(join(folder, z.object({ plan: z.string() }).parse(JSON.parse(out)).plan), join(folder, 'found.json'));
  const got = await callIn(folder, [...args, ...here]);
  expect(`${got.out}\n${got.err}`).toMatch(says);
  expect(got.code).toBe(code);
});

test('a comparison makes its cells in workers, and takes the own ones where none are named', long, async () => {
  const shape = z.object({
    cells: z.array(z.object({ scenario: z.string(), strategy: z.string(), verdict: z.string() })),
  });
  const { code, document } = await jsonIn(folder, [...shortComparison, '--scenarios', './adder.scenario.ts'], shape);
  expect(code).toBe(1);
  expect(document.cells).toMatchObject([
    { scenario: 'lost-update', strategy: 'as-is', verdict: 'fail' },
    { scenario: 'lost-update', strategy: 'atomic', verdict: 'pass' },
  ]);
});

describe('lockstep.config.ts', () => {
  test('is found from the folder of the project down', async () => {
    write(folder, { 'lockstep.config.ts': config, 'deep/er/none.txt': '' });
    const { document } = await jsonIn(join(folder, 'deep/er'), ['list'], listShape);
    expect(document.scenarios[0]?.name).toBe('lost-update');
    for (const [kind, name] of [
      ['strategies', 'atomic'],
      ['invariants', 'no-lost-update'],
      ['marks', 'added'],
      ['marks', 'wal-written'],
    ] as const)
      expect(document[kind].map((one) => one.name)).toContain(name);
    write(folder, { 'second.scenario.ts': scenario.replace("'lost-update'", "'lost-too'") });
    const { document: both } = await jsonIn(folder, ['list'], listShape);
    expect(both.scenarios.slice(0, 2).map((one) => one.name)).toEqual(['lost-update', 'lost-too']);
    expect(both.marks.filter(({ name }) => name === 'lanes-met')).toHaveLength(1);
  });

  test('is not looked for above the project', async () => {
    write(folder, { 'lockstep.config.ts': config, 'other/package.json': '{}' });
    const { document } = await jsonIn(join(folder, 'other'), ['list'], listShape);
    expect(document.scenarios.map(({ name }) => name)).not.toContain('lost-update');
  });

  test('says on which engine its scenarios run', async () => {
    write(folder, { 'lockstep.config.ts': config.replace('3.54.1', '3.51.2') });
    const { document } = await jsonIn(folder, ['run', 'lost-update', '--runs', '1', '--no-shrink'], runShape);
    expect(document.engine).toBe('3.51.2');
  });
});

describe('what is wrong is said in a sentence, with exit code 2', () => {
  const list = async (args: readonly string[], files: { readonly [name: string]: string } = {}) => {
    write(folder, files);
    const { code, err } = await callIn(folder, ['list', ...args]);
    expect(code).toBe(2);
    return err;
  };

  test.each<readonly [string, string, { readonly [name: string]: string }, RegExp]>([
    [
      'a file that is not there',
      'none.ts',
      {},
      /There is no none\.ts, which --scenarios names,.*\n`npx lockstep init`/,
    ],
    [
      'a folder without any',
      './empty',
      { 'empty/a.ts': '' },
      /The folder empty,.* has no file of scenarios: none is called/,
    ],
    [
      'a file that throws',
      'bad.ts',
      { 'bad.ts': "throw new TypeError('no')" },
      /bad\.ts cannot be loaded: TypeError: no \(bad\.ts:1:7\)/,
    ],
    [
      'a module where package.json says that there are none',
      'old/jobs.scenario.ts',
      { 'old/package.json': '{"type":"commonjs"}', 'old/jobs.scenario.ts': scenario },
      /jobs\.scenario\.ts cannot be loaded: SyntaxError: .*\nSay in package\.json .*npm pkg set type=module.*\.mts\./,
    ],
    ['a file that is no code', 'bad.ts', { 'bad.ts': 'const =' }, /bad\.ts cannot be loaded: SyntaxError/],
    [
      'a file without one',
      'bad.ts',
      { 'bad.ts': 'export const a = 1;' },
      /The file bad\.ts exports no scenario\.\nExport what/,
    ],
    [
      'two of one name',
      '.',
      { 'b.scenario.ts': scenario },
      /b\.scenario\.ts has a scenario "lost-update", and so does adder\.scenario\.ts/,
    ],
    [
      'a name of ours',
      'ours.ts',
      { 'ours.ts': scenario.replace("'lost-update'", "'wal-reset'") },
      /"wal-reset", and one of this name comes with Lockstep/,
    ],
    [
      'paths relative to nothing',
      'bad.ts',
      { 'bad.ts': scenario.replace('from: import.meta.url,', '') },
      /lost-update does not say to which file.*\nWrite `from: import\.meta\.url`/,
    ],
    [
      'an empty list',
      'a.ts,',
      {},
      /argument 'a\.ts,' is invalid\. It takes a list with commas, in which nothing is empty/,
    ],
  ])('%s', async (_what, place, files, says) => {
    expect(await list(['--scenarios', place], files)).toMatch(says);
  });

  test.each([
    [
      'export default { scenario: 1 };',
      /lockstep\.config\.ts exports by default what is none:[\s\S]*scenario[\s\S]*\nWrite it so:/,
    ],
    ["export default { scenarios: 'adder.scenario.ts', engine: '9.9.9' };", /9\.9\.9/],
    ["export default { scenarios: 'gone.ts' };", /There is no gone\.ts, which .*lockstep\.config\.ts names/],
    ["throw new Error('no')", /The configuration .*lockstep\.config\.ts cannot be loaded: Error: no/],
  ])('a configuration: %s', async (text, says) => {
    expect(await list([], { 'lockstep.config.ts': text })).toMatch(says);
  });

  test('a scenario whose field is wrong is named when it is used', async () => {
    write(folder, { 'bad.ts': scenario.replace("database: 'app.db'", "database: '../app.db'") });
    const { code, err } = await callIn(folder, ['run', 'lost-update', '--scenarios', 'bad.ts']);
    expect(code).toBe(2);
    expect(err).toMatch(/The scenario lost-update: database: /);
  });

  test('a plan of a scenario that nobody names says how to find it', async () => {
    const { out } = await callIn(folder, ['run', 'lost-update', ...here, '--runs', '100', '--no-shrink', '--json']);
    const { plan } = z.object({ plan: z.string() }).parse(JSON.parse(out));
    expect(JSON.parse(readFileSync(join(folder, plan), 'utf8'))).toMatchObject({ scenario: 'lost-update' });
    const { code, err } = await callIn(folder, ['replay', plan]);
    expect(code).toBe(2);
    expect(err).toMatch(
      /There is no scenario "lost-update"\.\n.*one of your own is found by --scenarios FILE, or by lockstep\.config\.ts/,
    );
  });
});
