// The package as somebody gets it: packed, installed into an empty project, and at work there, with nothing of the checkout. Its programs
// do step for step what those of the checkout do: a shipped plan has its hash.
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { long } from '../harness/testing/long.test-support.ts';
import { readIndex } from '../scenarios/corpus-index.ts';
import { replayShape, runShape } from './front-door.test-support.ts';
import { program, scenario, write } from './own/project.test-support.ts';

const root = dirname(import.meta.dirname);
const { devDependencies } = z
  .object({ devDependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));

/** Without what npm tells its children of this project, and without what is installed in it. */
const env = Object.fromEntries(
  Object.entries(process.env)
    .filter(([name]) => !/^(?:npm_|NODE_|VITEST|INIT_CWD)/i.test(name))
    .map(([name, value]) => [
      name,
      name === 'PATH'
        ? (value ?? '')
            .split(':')
            .filter((one) => !one.startsWith(root))
            .join(':')
        : value,
    ]),
);

let folder: string;

async function at(file: string, args: readonly string[], cwd = folder) {
  const got = await execa(file, args, { cwd, env, extendEnv: false, reject: false, stdin: 'ignore' });
  return { code: got.exitCode, out: got.stdout, err: got.stderr };
}

/** @param args of a command that gives a document */
async function document<T extends z.ZodType>(args: readonly string[], shape: T) {
  const { code, out, err } = await at('npx', ['lockstep', ...args, '--json']);
  if (out === '') throw new Error(err);
  return { code, document: shape.parse(JSON.parse(out)) };
}

const testFile = `import { test } from 'vitest';
import { explored } from 'lockstep/vitest';
import scenario from './adder.scenario.ts';

test('nothing that was added is lost', explored(scenario, { strategy: 'atomic', runs: 80 }));
test('but by chance', explored(scenario, { runs: 80 }));
`;

let installed: Promise<void> | undefined;

/** Packs and installs, once: the first of the tests whose turn it is takes a minute longer. */
async function install(): Promise<void> {
  const packed = await execa('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root });
  const [{ filename }] = z
    .tuple([z.object({ filename: z.string() })])
    .parse(JSON.parse(packed.stdout.slice(packed.stdout.indexOf('[\n'))));
  write(folder, {
    'package.json': '{ "name": "somebodys", "private": true, "type": "module" }',
    'adder.program.ts': program,
    'adder.scenario.ts': scenario,
    'adder.test.ts': testFile,
    'lockstep.config.ts':
      "import type { Config } from 'lockstep';\n\nexport default { scenarios: ['.'] } satisfies Config;\n",
  });
  const beside = ['vitest', 'typescript', '@types/node'].map((name) => `${name}@${devDependencies[name]}`);
  const options = ['--save-dev', '--prefer-offline', '--no-audit', '--no-fund'];
  const got = await at('npm', ['install', ...options, `./${filename}`, ...beside]);
  if (got.code !== 0) throw new Error(got.err);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-package-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the package', long, () => {
  test('has what it needs, and no test, no source of a type, no path of the checkout', async () => {
    await (installed ??= install());
    const inside = join(folder, 'node_modules/lockstep');
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
    expect(files.filter((name) => /(?<!\.d)\.tsx?$/.test(name))).toEqual([]);
    expect(files.filter((name) => readFileSync(join(inside, name), 'latin1').includes(root))).toEqual([]);
  });

  test('no name of a file with types is left in it that another process would be started with', async () => {
    await (installed ??= install());
    const dist = join(folder, 'node_modules/lockstep/dist');
    const named = /['"`]\.{1,2}\/[\w./-]+\.tsx?['"`]/;
    const left = globSync('**/*.{js,d.ts}', { cwd: dist }).filter((name) =>
      named.test(readFileSync(join(dist, name), 'utf8')),
    );
    expect(left).toEqual([]);
  });

  test('brings no package that compiles itself when it is installed', async () => {
    await (installed ??= install());
    const tree = z.object({
      packages: z.record(z.string(), z.looseObject({ hasInstallScript: z.boolean().optional() })),
    });
    const { packages } = tree.parse(JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')));
    const scripts = Object.entries(packages)
      .filter(([, one]) => one.hasInstallScript === true)
      .map(([name]) => name);
    // core-js thanks its users, koffi looks whether its prebuilt part is there.
    expect(scripts.toSorted()).toEqual(['node_modules/core-js', 'node_modules/koffi']);
  });

  test('doctor finds all well, list the scenario', async () => {
    await (installed ??= install());
    const capabilities = z.object({ capabilities: z.array(z.object({ name: z.string(), ok: z.boolean() })) });
    const doctor = await document(['doctor'], capabilities);
    expect(doctor.document.capabilities.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual([]);
    expect((await at('npx', ['lockstep', 'list'])).out).toMatch(
      /^scenarios\n {2}lost-update +two processes add to one counter$/m,
    );
  });

  test('run, replay, shrink', async () => {
    await (installed ??= install());
    const run = await document(['run', 'lost-update', '--runs', '100', '--jobs', '2'], runShape);
    expect(run).toMatchObject({
      code: 1,
      document: { verdict: 'fail', violations: [{ invariant: 'no-lost-update' }] },
    });
    const plan = run.document.plan ?? '';
    for (const host of ['native', 'node']) {
      const replayed = await document(['replay', plan, '--times', '3', '--host', host], replayShape);
      expect(replayed.document.hashes).toEqual([run.document.hash]);
    }
    expect((await at('npx', ['lockstep', 'shrink', plan, '--out', 'small.json'])).code).toBe(1);
  });

  test('compare makes a page', async () => {
    await (installed ??= install());
    const asked = ['compare', '--engines', '3.54.1', '--runs', '80', '--no-costs', '--out', 'report'];
    expect((await at('npx', ['lockstep', ...asked])).code).toBe(1);
    expect(readFileSync(join(folder, 'report/index.html'), 'utf8')).toContain('lost-update');
  });

  test('a shipped plan has the hash that it has in the checkout', async () => {
    await (installed ??= install());
    const name = 'minimal/wal-reset.wal.3.51.2.json';
    const { document: replayed } = await document(
      ['replay', `node_modules/lockstep/dist/scenarios/corpus/${name}`],
      replayShape,
    );
    expect(replayed.hashes).toEqual([readIndex().plans[name]?.hash]);
  });

  test('what it exports has types, also for a strict project', async () => {
    await (installed ??= install());
    write(folder, {
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
    expect(await at('npx', ['tsc', '-p', '.'])).toEqual({ code: 0, out: '', err: '' });
  });

  test('a scenario is a test', async () => {
    await (installed ??= install());
    const { code, out, err } = await at('npx', ['vitest', 'run', '--reporter=verbose']);
    expect(code).toBe(1);
    expect(out).toMatch(/✓ adder\.test\.ts > nothing that was added is lost/);
    expect(`${out}${err}`).toMatch(
      /Lockstep: lost-update, strategy as-is, SQLite 3\.54\.1: run \d+ violates\n\s*no-lost-update: \d were added/,
    );
    const again = /See it again: npx lockstep (replay \S+)/.exec(`${out}${err}`)?.[1] ?? '';
    expect((await at('npx', ['lockstep', ...again.split(' ')])).code).toBe(1);
  });

  test('init writes a scenario that is found', async () => {
    await (installed ??= install());
    write(folder, { 'deep/package.json': '{}', 'deep/worker.js': "require('better-sqlite3');\n" });
    const deep = join(folder, 'deep');
    expect(await at('npx', ['lockstep', 'init', '--yes'], deep)).toMatchObject({ code: 0 });
    expect((await at('npx', ['lockstep', 'list'], deep)).out).toMatch(/^ {2}worker +several processes of/m);
  });
});
