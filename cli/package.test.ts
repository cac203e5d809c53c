// The package as somebody gets it: packed, installed into an empty project, and at work there, with nothing of the checkout. Its programs
// do step for step what those of the checkout do: a shipped plan has its hash.
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { findProgram } from '../harness/run/command.ts';
import { long } from '../harness/testing/long.test-support.ts';
import { readIndex } from '../scenarios/corpus-index.ts';
import { replayShape, runShape } from './front-door.test-support.ts';
import { program, scenario, shortComparison, write } from './own/project.test-support.ts';
import { type Outcome, Project, root, versioned } from './package.test-support.ts';

/** The same lost update, in other languages. */
const python = `import sqlite3
db = sqlite3.connect('app.db', timeout=60)
value, = db.execute('SELECT value FROM counter').fetchone()
db.execute('UPDATE counter SET value = ?', (value + 1,))
db.commit()
`;
const inNode = `import Database from 'better-sqlite3';
const db = new Database('app.db', { timeout: 60_000 });
const { value } = db.prepare('SELECT value FROM counter').get();
await new Promise((done) => setTimeout(done, 5));
db.prepare('UPDATE counter SET value = ?').run(value + 1);
`;
const shell = `value=$(sqlite3 app.db 'SELECT value FROM counter')
sqlite3 app.db ".timeout 60000" "UPDATE counter SET value = $value + 1"
`;
const others = `import { command, defineScenario, invariant, node, type ProgramMaker, python } from 'lockstep';

const allAdded = invariant('all-added', 'harm', 'the counter says 2', function* ({ autopsy }) {
  const rows = autopsy.queries['counter'] as readonly (readonly number[])[];
  if (rows[0]?.[0] !== 2) yield { message: \`the counter says \${rows[0]?.[0]}\` };
});

const adding = (name: string, add: ProgramMaker) =>
  defineScenario({
    name,
    says: 'two processes add to one counter',
    from: import.meta.url,
    database: 'app.db',
    setup: 'CREATE TABLE counter(value INTEGER); INSERT INTO counter VALUES(0)',
    programs: { add },
    start: [{ program: 'add', times: 2 }],
    queries: { counter: 'SELECT value FROM counter' },
    invariants: [allAdded],
  });

export const inPython = adding('python', python('add.py', [], { interpreter: '/usr/bin/python3' }));
export const inNode = adding('node', node('add.js'));
export const atShell = adding('shell', command(['sh', './add.sh']));
`;

const testFile = `import { test } from 'vitest';
import { explored } from 'lockstep/vitest';
import scenario from './adder.scenario.ts';

test('nothing that was added is lost', explored(scenario, { strategy: 'atomic', runs: 80 }));
test('but by chance', explored(scenario, { runs: 80, shrinkMs: 2000 }));
`;

const projectFiles = {
  'adder.program.ts': program,
  'adder.scenario.ts': scenario,
  'adder.test.ts': testFile,
  'lockstep.config.ts':
    "import type { Config } from 'lockstep';\n\nexport default { scenarios: ['.'] } satisfies Config;\n",
};

let project: Project;
beforeAll(() => {
  project = new Project();
});
afterAll(() => project[Symbol.dispose]());

const lockstep = (...args: readonly string[]): Promise<Outcome> => project.at('npx', ['lockstep', ...args]);

/** One after the other, in one folder: one test, so that one day in ten packs and installs, and not each. */
const steps: { readonly [what: string]: () => Promise<void> } = {
  'has what it needs, and no test, no source of a type, no path of the checkout': async () => {
    const inside = join(project.folder, 'node_modules/lockstep');
    const files = globSync('**/*', { cwd: inside }).filter((name) => statSync(join(inside, name)).isFile());
    for (const file of [
      'LICENSE',
      'CHANGELOG.md',
      'README.md',
      'dist/harness/gate/gate.c',
      'dist/harness/api/index.d.ts',
    ])
      expect(files).toContain(file);
    expect(files.filter((name) => /\.test\.|\.bench\.|test-support/.test(name))).toEqual([]);
    expect(files.filter((name) => /(?<!\.d)\.tsx?$/.test(name) && !name.startsWith('docs/examples/'))).toEqual([]);
    expect(files.filter((name) => readFileSync(join(inside, name), 'latin1').includes(root))).toEqual([]);
  },

  'no name of a file with types is left in it that another process would be started with': async () => {
    const dist = join(project.folder, 'node_modules/lockstep/dist');
    const names = /['"`](\.{0,2}\/?[\w./-]+)\.tsx?['"`]/g;
    const left = globSync('**/*.{js,d.ts}', { cwd: dist }).flatMap((file) =>
      [...readFileSync(join(dist, file), 'utf8').matchAll(names)]
        .map(([, stem]) => join(dirname(file), `${stem}.js`))
        .filter((named) => existsSync(join(dist, named))),
    );
    expect(left).toEqual([]);
  },

  'brings no package that compiles itself when it is installed': async () => {
    const tree = z.object({
      packages: z.record(z.string(), z.looseObject({ hasInstallScript: z.boolean().optional() })),
    });
    const { packages } = tree.parse(JSON.parse(readFileSync(join(project.folder, 'package-lock.json'), 'utf8')));
    const scripts = Object.entries(packages)
      .filter(([, one]) => one.hasInstallScript === true)
      .map(([name]) => name);
    // core-js thanks its users, koffi looks whether its prebuilt part is there.
    expect(scripts.toSorted()).toEqual(['node_modules/core-js', 'node_modules/koffi']);
  },

  'doctor finds all well, list the scenario': async () => {
    const capabilities = z.object({ capabilities: z.array(z.object({ name: z.string(), ok: z.boolean() })) });
    const doctor = await project.document(['doctor'], capabilities);
    expect(doctor.document.capabilities.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual([]);
    expect((await lockstep('list')).out).toMatch(/^scenarios\n {2}lost-update +two processes add to one counter$/m);
  },

  'run, replay, shrink': async () => {
    const run = await project.document(
      ['run', 'lost-update', '--runs', '100', '--jobs', '2', '--shrink-time', '2s'],
      runShape,
    );
    expect(run).toMatchObject({
      code: 1,
      document: { verdict: 'fail', violations: [{ invariant: 'no-lost-update' }] },
    });
    const plan = run.document.plan ?? '';
    for (const host of ['native', 'node']) {
      const replayed = await project.document(['replay', plan, '--times', '3', '--host', host], replayShape);
      expect(replayed.document.hashes).toEqual([run.document.hash]);
    }
    expect((await lockstep('shrink', plan, '--out', 'small.json', '--time', '2s')).code).toBe(1);
  },

  'compare makes a page': async () => {
    expect((await lockstep(...shortComparison)).code).toBe(1);
    expect(readFileSync(join(project.folder, 'report/index.html'), 'utf8')).toContain('lost-update');
  },

  'a shipped plan has the hash that it has in the checkout': async () => {
    const name = 'minimal/wal-reset.wal.3.51.2.json';
    const { document: replayed } = await project.document(
      ['replay', `node_modules/lockstep/dist/scenarios/corpus/${name}`],
      replayShape,
    );
    expect(replayed.hashes).toEqual([readIndex().plans[name]?.hash]);
  },

  'what it exports has types, also for a strict project': async () => {
    write(project.folder, {
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          module: 'nodenext',
          target: 'es2024',
          strict: true,
          noEmit: true,
          types: ['node'],
          allowImportingTsExtensions: true,
          erasableSyntaxOnly: true,
        },
        files: ['adder.scenario.ts', 'adder.program.ts', 'adder.test.ts', 'lockstep.config.ts'],
      }),
    });
    expect(await project.at('npx', ['tsc', '-p', '.'])).toEqual({ code: 0, out: '', err: '' });
  },

  'a scenario is a test': async () => {
    const { code, out, err } = await project.at('npx', ['vitest', 'run', '--reporter=verbose', '--no-color']);
    expect(code).toBe(1);
    expect(out).toMatch(/✓ adder\.test\.ts > nothing that was added is lost/);
    expect(`${out}${err}`).toMatch(
      /Lockstep: lost-update, strategy as-is, SQLite 3\.54\.1: run \d+ violates\n\s*no-lost-update: \d were added/,
    );
    const again = /See it again: npx lockstep (replay .*)$/m.exec(`${out}${err}`)?.[1] ?? '';
    expect((await lockstep(...again.split(' '))).code).toBe(1);
  },

  'programs in Python, of Node and at a shell are processes of a run': async () => {
    write(project.folder, {
      'others/add.py': python,
      'others/add.js': inNode,
      'others/add.sh': shell,
      'others/others.scenario.ts': others,
    });
    for (const name of ['python', 'node', ...(findProgram('sqlite3') === undefined ? [] : ['shell'])]) {
      const asked = ['run', name, '--scenarios', 'others', '--runs', '30', '--no-shrink'];
      const { document: found } = await project.document(asked, runShape);
      expect(found).toMatchObject({ scenario: name, verdict: 'fail', violations: [{ invariant: 'all-added' }] });
      const replayed = await project.document(
        ['replay', found.plan ?? '', '--scenarios', 'others', '--times', '5'],
        replayShape,
      );
      expect(replayed.document.hashes).toEqual([found.hash]);
    }
  },

  'init writes a scenario that is found': async () => {
    write(project.folder, { 'deep/package.json': '{}', 'deep/worker.js': "require('better-sqlite3');\n" });
    const deep = join(project.folder, 'deep');
    expect(await project.at('npx', ['lockstep', 'init', '--yes'], deep)).toMatchObject({ code: 0 });
    expect((await project.at('npx', ['lockstep', 'list'], deep)).out).toMatch(/^ {2}worker +several processes of/m);
  },
};

test('packed and installed elsewhere, it does what it does here', { ...long, timeout: 600_000 }, async () => {
  write(project.folder, { 'package.json': '{"private":true,"type":"module"}' });
  await project.install(['vitest', 'typescript', '@types/node'].map(versioned));
  write(project.folder, projectFiles);
  for (const [what, step] of Object.entries(steps)) await expect(step(), what).resolves.toBeUndefined();
});

const cells = z.object({
  cells: z.array(z.object({ strategy: z.string(), verdict: z.string() })),
});

const guide = readFileSync(join(root, 'docs/guide.md'), 'utf8');

/** What the guide says to type where there is nothing yet. */
const beginning = [...guide.matchAll(/^```sh elsewhere\n(.*?)^```$/gms)].map(([, script = '']) => script.trim());

/** The line of the guide by which the example in C is compiled. */
const compilation = /^cc .*$/m.exec(guide)?.[0] ?? 'false';

describe('the guide, from an empty folder: the examples', () => {
  let reader: Project;
  beforeAll(() => {
    reader = new Project();
  });
  afterAll(() => reader[Symbol.dispose]());

  let begun: Promise<void> | undefined;
  async function begin(): Promise<void> {
    const answers = { 'npx lockstep init': "--command 'node app.js' --database app.db --query 'SELECT 1' --yes" };
    begun ??= reader.type(beginning.join('\n'), answers);
    await begun;
  }

  for (const language of ['python', 'node', 'shell', 'c'])
    test(`${language}: found, made small, explained, replayed 50 times, compared with its fix`, {
      ...long,
      timeout: 1_200_000,
    }, async () => {
      await begin();
      if (language === 'c') expect((await reader.at('sh', ['-c', compilation])).code).toBe(0);
      const lockstepAt = (...args: readonly string[]) => reader.at('npx', ['lockstep', ...args]);
      const where = ['--scenarios', `docs/examples/${language}/jobs.scenario.ts`];
      const words = ['--runs', '500', '--shrink-time', '20s', '--out', `plans/${language}`];
      const { code, out, err } = await lockstepAt('run', 'jobs', ...where, ...words);
      expect(code, `${out}${err}`).toBe(1);
      expect(out).toMatch(/^FAIL {2}jobs, strategy as-is, SQLite 3\.54\.1$/m);
      expect(out).toMatch(/shrunk from \d+ preemptions?.*\n +to \d+ preemptions?/);
      // Some lose an update without any preemption: then there is none to tell of.
      expect(out).toMatch(
        /- step \d+: worker.* committed what it had written .*knows nothing of it\.\n(?:.*\n)*? {2}- Violated, no-lost-update: `counted` gives/,
      );

      const plan = `plans/${language}/jobs-as-is-3.54.1-seed1.json`;
      const replayed = await reader.document(['replay', plan, ...where, '--times', '50'], replayShape);
      expect(replayed).toMatchObject({ code: 1, document: { times: 50, hashes: [expect.any(String)] } });

      const budget = ['--engines', '3.54.1', '--runs', '200', '--no-costs', '--shrink-time', '5s'];
      const compared = await lockstepAt('compare', ...where, ...budget, '--out', `report/${language}`);
      expect(compared.code, compared.err).toBe(1);
      const kept = (file: string) => readFileSync(join(reader.folder, 'report', language, file), 'utf8');
      expect(kept('index.html')).toContain('no-lost-update');
      const verdicts = cells
        .parse(JSON.parse(kept('results.json')))
        .cells.map(({ strategy, verdict }) => `${strategy} ${verdict}`);
      expect(verdicts).toEqual(['as-is fail', 'fixed pass']);
    });
});
