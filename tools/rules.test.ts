// Shows that each rule of .oxlintrc.json and tools/rooms.ts that holds the architecture refuses what it must and lets clean
// code be. All snippets are files of one small copy of the tree, and one run of the linter, with the real
// configuration, judges them all. What stays out: the general rules, which are oxlint's own and tested there.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** A file to judge, and the rules that must refuse it: none when it is clean. */
interface Case {
  readonly path: string;
  readonly code: string;
  readonly refusedBy: readonly string[];
}

const root = dirname(import.meta.dirname);
const ROOMS = 'lockstep(rooms)';
const CYCLE = 'import(no-cycle)';
const LANE = 'lockstep(lane-program)';
const ASYNC = 'oxc(no-async-await)';
const GLOBALS = 'eslint(no-restricted-globals)';
/** oxlint gives this finding no code. */
const UNUSED_DISABLE = 'unused disable directive';
const PROPERTIES = 'eslint(no-restricted-properties)';

/** What the snippets import: one module a room. */
const neighbours: Readonly<Record<string, string>> = {
  'harness/lane/world.ts': 'export interface World { now(): number }\nexport class SqlError extends Error {}\n',
  'harness/lane/host.ts': 'export const host: number = 1;\n',
  'harness/lane/native/bottom.ts': 'export const bottom: number = 1;\n',
  'harness/gate/build.ts': 'export const build: number = 1;\n',
  'harness/model/history.ts': 'export interface History { hash: string }\nexport const format: number = 1;\n',
  'src/board-file/board.ts': 'export const board: number = 1;\n',
  'src/board-file/board.test.ts': 'export const fixture: number = 1;\n',
  'src/policies/policy.ts': 'export const policy: number = 1;\n',
  'src/programs/board/session.ts': 'export const session: number = 1;\n',
  'src/programs/gateway/gateway.ts': 'export const gateway: number = 1;\n',
  'src/strategies/strategy.ts': 'export const strategy: number = 1;\n',
  'src/oracle/oracle.ts': 'export const oracle: number = 1;\n',
  'src/testing/mutants/mutant.test-support.ts': 'export const mutant: number = 1;\n',
  'scenarios/wedge.ts': 'export const wedge: number = 1;\n',
  'scenarios/other.program.ts': 'export const other: number = 1;\n',
  'reports/html.ts': 'export const html: number = 1;\n',
  'compare/visit.ts': 'export const visit: number = 1;\n',
  'campaign/range.ts': 'export const range: number = 1;\n',
  'cli/run.ts': 'export const run: number = 1;\n',
  'tools/tool.ts': 'export const tool: number = 1;\n',
};

const imports = (name: string, from: string): string =>
  `import { ${name} } from '${from}';\nexport const got = ${name};\n`;
const importsType = (name: string, from: string): string =>
  `import type { ${name} } from '${from}';\nexport type Got = ${name};\n`;

const room = {
  harness: ['host', 'harness/lane/host.ts'],
  history: ['format', 'harness/model/history.ts'],
  world: ['SqlError', 'harness/lane/world.ts'],
  boardFile: ['board', 'src/board-file/board.ts'],
  policies: ['policy', 'src/policies/policy.ts'],
  board: ['session', 'src/programs/board/session.ts'],
  gateway: ['gateway', 'src/programs/gateway/gateway.ts'],
  strategies: ['strategy', 'src/strategies/strategy.ts'],
  oracle: ['oracle', 'src/oracle/oracle.ts'],
  mutants: ['mutant', 'src/testing/mutants/mutant.test-support.ts'],
  scenarios: ['wedge', 'scenarios/wedge.ts'],
  program: ['other', 'scenarios/other.program.ts'],
  reports: ['html', 'reports/html.ts'],
  compare: ['visit', 'compare/visit.ts'],
  campaign: ['range', 'campaign/range.ts'],
  cli: ['run', 'cli/run.ts'],
  tools: ['tool', 'tools/tool.ts'],
  test: ['fixture', 'src/board-file/board.test.ts'],
} as const;
type Room = keyof typeof room;

const programs: readonly Room[] = ['boardFile', 'policies', 'board', 'gateway'];
const system: readonly Room[] = [...programs, 'strategies', 'oracle'];

/** For each kind of file, from a path of that kind: the rooms it may import; it may import no other. */
const openDoors: Readonly<Record<string, readonly Room[]>> = {
  'harness/model/a': ['history'],
  'harness/host/a': ['history'],
  'harness/observe/a': ['history'],
  'harness/judge/a': ['history'],
  'harness/postgres/a': ['history'],
  'harness/lane/a': ['harness', 'history', 'world'],
  'harness/run/a': ['harness', 'history', 'world'],
  'harness/run/a.test': ['harness', 'history', 'world'],
  'harness/run/a.program': ['world'],
  'harness/search/a': ['harness', 'history', 'world'],
  'src/board-file/a': ['boardFile', 'world'],
  'src/policies/a': ['policies', 'boardFile', 'world'],
  'src/programs/process/a': ['boardFile', 'world'],
  'src/programs/board/a': ['board', 'policies', 'boardFile', 'world'],
  'src/programs/gateway/a': ['gateway', 'board', 'policies', 'boardFile', 'world'],
  'src/programs/worker/a': ['board', 'boardFile', 'world'],
  'src/programs/a': [], // no room: only the catalogue of programs stands there
  'src/strategies/a': ['strategies', 'policies', 'world'],
  'src/oracle/a': [...system, 'history', 'world'],
  'src/x/a.test': [...system, 'mutants', 'harness', 'history', 'world', 'test'],
  'src/x/a.test-support': [...system, 'mutants', 'harness', 'history', 'world'],
  'src/testing/mutants/a.test-support': [...programs, 'strategies', 'mutants', 'world'],
  'scenarios/x/a': ['scenarios', 'program', ...system, 'harness', 'history', 'world'],
  'scenarios/x/a.test': ['scenarios', 'program', ...system, 'mutants', 'harness', 'history', 'world', 'test'],
  'scenarios/x/a.program': [...programs, 'world', 'program'],
  'reports/x/a': ['reports', 'history'],
  'reports/x/a.test': ['reports', 'harness', 'history', 'world'],
  'compare/x/a': ['compare', 'reports', 'scenarios', 'program', ...system, 'harness', 'history', 'world'],
  'campaign/x/a': ['campaign', 'compare', 'reports', 'scenarios', 'program', ...system, 'harness', 'history', 'world'],
  'cli/x/a': [
    'cli',
    'campaign',
    'compare',
    'reports',
    'scenarios',
    'program',
    ...system,
    'harness',
    'history',
    'world',
  ],
  'cli/x/a.test': [
    'cli',
    'campaign',
    'compare',
    'reports',
    'scenarios',
    'program',
    ...system,
    'harness',
    'history',
    'world',
    'test',
  ],
  'tools/x/a': ['tools'],
};

/** Every kind of file against every room. */
const doorCases: readonly Case[] = Object.entries(openDoors).flatMap(([kind, open]) =>
  (Object.keys(room) as Room[]).map((to): Case => {
    const [name, target] = room[to];
    const [stem, suffix = ''] = kind.split(/(?=\.)/);
    return {
      path: `${stem}-to-${to}${suffix}.ts`,
      code: imports(name, `./${relative(dirname(kind), target)}`),
      refusedBy: open.includes(to) ? [] : [ROOMS],
    };
  }),
);

const otherImportCases: readonly Case[] = [
  { path: 'reports/types.ts', code: importsType('History', '../harness/model/history.ts'), refusedBy: [] },
  { path: 'harness/model/up.ts', code: importsType('World', '../lane/world.ts'), refusedBy: [ROOMS] },
  { path: 'harness/model/schema.ts', code: imports('z', 'zod'), refusedBy: [] },
  { path: 'harness/model/disk.ts', code: imports('readFileSync', 'node:fs'), refusedBy: [ROOMS] },
  { path: 'harness/model/like.ts', code: imports('z', 'zod-like'), refusedBy: [ROOMS] },
  { path: 'harness/lane/native/under.ts', code: imports('host', '../host.ts'), refusedBy: [] },
  { path: 'harness/lane/native/made.ts', code: imports('build', '../../gate/build.ts'), refusedBy: [] },
  { path: 'harness/lane/made.ts', code: imports('build', '../gate/build.ts'), refusedBy: [ROOMS] },
  { path: 'harness/lane/over.ts', code: imports('bottom', './native/bottom.ts'), refusedBy: [ROOMS] },
  { path: 'harness/run/over.ts', code: imports('bottom', '../lane/native/bottom.ts'), refusedBy: [] },
  { path: 'harness/attic/lost.ts', code: imports('format', '../model/history.ts'), refusedBy: [ROOMS] },
  {
    path: 'harness/run/one.ts',
    code: "import type { Other } from './other.ts';\nexport interface One { other: Other }\n",
    refusedBy: [CYCLE],
  },
  {
    path: 'harness/run/other.ts',
    code: "import type { One } from './one.ts';\nexport interface Other { one: One }\n",
    refusedBy: [CYCLE],
  },
  { path: 'reports/machine.ts', code: importsType('World', '../harness/lane/world.ts'), refusedBy: [ROOMS] },
  { path: 'src/policies/type.ts', code: importsType('World', '../../harness/lane/world.ts'), refusedBy: [] },
  {
    path: 'src/policies/type-of-host.ts',
    code: `export type H = import('../../harness/lane/host.ts').X;\n`,
    refusedBy: [ROOMS],
  },
  { path: 'src/policies/star.ts', code: `export * from '../../harness/lane/host.ts';\n`, refusedBy: [ROOMS] },
  { path: 'src/policies/names.ts', code: `export { host } from '../../harness/lane/host.ts';\n`, refusedBy: [ROOMS] },
  {
    path: 'harness/run/dynamic.ts',
    code: `export const m = import('../../src/board-file/board.ts');\n`,
    refusedBy: [ROOMS],
  },
  {
    path: 'harness/run/template.ts',
    code: 'export const m = import(`../../src/board-file/board.ts`);\n',
    refusedBy: [ROOMS],
  },
  { path: 'harness/run/chosen.ts', code: 'export const load = (m: string): unknown => import(m);\n', refusedBy: [] },
  { path: 'harness/run/node.ts', code: imports('readFileSync', 'node:fs'), refusedBy: [] },
  {
    path: 'harness/run/detour.ts',
    code: imports('board', './../../harness/../src/board-file/board.ts'),
    refusedBy: [ROOMS],
  },
  { path: 'attic/lost.ts', code: imports('board', '../src/board-file/board.ts'), refusedBy: [ROOMS] },
];

/** What a lane program may not say, by the rule that refuses it. `w` is its World. */
const laneBans: readonly (readonly [string, string, readonly string[]])[] = [
  ['date-now', 'export const a = Date.now();', [GLOBALS]],
  ['new-date', 'export const a = new Date();', [GLOBALS]],
  ['performance', 'export const a = performance.now();', [GLOBALS]],
  ['timeout', 'setTimeout(() => 1, 1);', [GLOBALS]],
  ['interval', 'setInterval(() => 1, 1);', [GLOBALS]],
  ['immediate', 'setImmediate(() => 1);', [GLOBALS]],
  ['microtask', 'queueMicrotask(() => 1);', [GLOBALS]],
  ['promise', 'export const a = Promise.withResolvers();', [GLOBALS]],
  ['async', 'export const a = async (): Promise<number> => 1;', [ASYNC]],
  ['async-generator', 'export async function* a(): AsyncGenerator<number> {\n  yield 1;\n}', [ASYNC]],
  ['await', 'await null;', [LANE]],
  ['for-await', 'for await (const a of [1]) {\n  a.toFixed();\n}', [LANE]],
  ['await-using', 'await using a = null;\nexport const b = a;', [LANE]],
  ['from-async', 'export const a = Array.fromAsync([]);', [PROPERTIES]],
  ['math-random', 'export const a = Math.random();', [PROPERTIES]],
  ['math-index', `export const a = Math['random']();`, [PROPERTIES, LANE]],
  ['math-parts', 'const { random } = Math;\nexport const a = random();', [PROPERTIES, LANE]],
  ['math-alias', 'const m = Math;\nexport const a = m.random();', [LANE]],
  ['crypto', 'export const a = crypto.randomUUID();', [GLOBALS]],
  ['process', 'process.exit(1);', [GLOBALS]],
  ['global-this', 'export const a = globalThis.Date.now();', [GLOBALS]],
  ['global', 'export const a = global.Date.now();', [GLOBALS]],
  ['eval', `export const a: unknown = eval('1');`, ['eslint(no-eval)', GLOBALS]],
  ['console', 'console.log(1);', ['eslint(no-console)', GLOBALS]],
  ['locale', `export const a = 'a'.localeCompare('b');`, [PROPERTIES]],
  ['intl', 'export const a = new Intl.NumberFormat();', [GLOBALS]],
  ['node-fs', imports('readFileSync', 'node:fs'), [ROOMS]],
  ['node-child', imports('fork', 'node:child_process'), [ROOMS]],
  ['node-worker', imports('Worker', 'node:worker_threads'), [ROOMS]],
  ['node-crypto', imports('randomInt', 'node:crypto'), [ROOMS]],
  ['node-bare', imports('readFileSync', 'fs'), ['unicorn(prefer-node-protocol)', ROOMS]],
  ['package', imports('execa', 'execa'), [ROOMS]],
  ['dynamic', `export const m = import('./board.ts');`, [ROOMS]],
];

/** What a lane program says instead. */
const cleanProgram = `import { SqlError, type World } from 'WORLD';

export function tick(world: World, process: { readonly setTimeout: number }): number {
  if (process.setTimeout > Math.max(1, 2)) throw new SqlError('late');
  return world.now();
}

export const module: string = import.meta.url;
`;

const laneCases: readonly Case[] = [
  ...laneBans.flatMap(([name, code, refusedBy]) => [
    { path: `src/policies/ban-${name}.ts`, code: `${code}\nexport const end = 1;\n`, refusedBy },
    { path: `scenarios/deep/ban-${name}.program.ts`, code: `${code}\nexport const end = 1;\n`, refusedBy },
  ]),
  { path: 'src/policies/clean.ts', code: cleanProgram.replace('WORLD', '../../harness/lane/world.ts'), refusedBy: [] },
  {
    path: 'scenarios/deep/clean.program.ts',
    code: cleanProgram.replace('WORLD', '../../harness/lane/world.ts'),
    refusedBy: [],
  },
  {
    path: 'src/clock.test.ts',
    code: 'export const a = Date.now() + Math.random();\nawait Promise.all([]);\n',
    refusedBy: [],
  },
  { path: 'scenarios/clock.ts', code: 'export const a = Date.now() + Math.random();\n', refusedBy: [] },
  { path: 'harness/clock.ts', code: 'export const a = Date.now() + Math.random();\n', refusedBy: [] },
];

/** General rules that our configuration turns on, sets up or lifts in places. */
const generalCases: readonly Case[] = [
  {
    path: 'harness/run/floating.ts',
    code: `const later = async (): Promise<void> => {\n  await import('./clock.ts');\n};\nlater();\n`,
    refusedBy: ['typescript(no-floating-promises)'],
  },
  {
    path: 'harness/run/cycle-a.ts',
    code: imports('b', './cycle-b.ts').replace('got', 'a'),
    refusedBy: ['import(no-cycle)'],
  },
  {
    path: 'harness/run/cycle-b.ts',
    code: imports('a', './cycle-a.ts').replace('got', 'b'),
    refusedBy: ['import(no-cycle)'],
  },
  { path: 'harness/default.ts', code: 'export default 1;\n', refusedBy: ['import(no-default-export)'] },
  {
    path: 'harness/later.ts',
    code: '// TODO later\nexport const a = 1;\n',
    refusedBy: ['eslint(no-warning-comments)'],
  },
  { path: 'harness/loud.ts', code: 'console.log(1);\nexport const a = 1;\n', refusedBy: ['eslint(no-console)'] },
  { path: 'cli/loud.ts', code: 'console.log(1);\nexport const a = 1;\n', refusedBy: [] },
  {
    path: 'harness/surely.ts',
    code: 'export const a = (n?: string): string => n!;\n',
    refusedBy: ['typescript(no-non-null-assertion)'],
  },
  { path: 'harness/surely.test.ts', code: 'export const a = (n?: string): string => n!;\n', refusedBy: [] },
  {
    path: 'harness/only.test.ts',
    code: `import { expect, it } from 'vitest';\nit.only('a', () => expect(1).toBe(1));\n`,
    refusedBy: ['vitest(no-focused-tests)'],
  },
  {
    path: 'harness/empty.test.ts',
    code: `import { it } from 'vitest';\nit('a', () => undefined);\n`,
    refusedBy: ['vitest(expect-expect)'],
  },
  {
    path: 'harness/needless.ts',
    code: '// oxlint-disable-next-line no-console\nexport const a = 1;\n',
    refusedBy: [UNUSED_DISABLE],
  },
];

const cases: readonly Case[] = [...doorCases, ...otherImportCases, ...laneCases, ...generalCases];
/** Snippets that must be refused may break other rules as well; only these count. */
const judged = new Set(cases.flatMap(({ refusedBy }) => refusedBy));
let tree = '';
let findings = new Map<string, Set<string>>();

/** A copy of the configuration, the neighbours and the snippets, in a fresh directory. */
function buildTree(): string {
  const fresh = mkdtempSync(join(tmpdir(), 'lockstep-rules-'));
  for (const part of ['.oxlintrc.json', 'tsconfig.json', 'package.json', 'tools/rooms.ts', 'tools/lint-plugin.ts']) {
    cpSync(join(root, part), join(fresh, part));
  }
  symlinkSync(join(root, 'node_modules'), join(fresh, 'node_modules'));
  const files = [...Object.entries(neighbours), ...cases.map(({ path, code }) => [path, code] as const)];
  for (const [path, code] of files) {
    mkdirSync(dirname(join(fresh, path)), { recursive: true });
    writeFileSync(join(fresh, path), code);
  }
  return fresh;
}

/** The rules that refused something, by file. */
async function lint(directory: string): Promise<Map<string, Set<string>>> {
  const command = ['--disable-nested-config', '-f', 'json'];
  const { stdout } = await execa('oxlint', command, {
    cwd: directory,
    preferLocal: true,
    localDir: root,
    reject: false,
  });
  const output = JSON.parse(stdout) as { diagnostics: readonly { code?: string; filename: string }[] };
  const byFile = new Map<string, Set<string>>();
  for (const { filename, code = UNUSED_DISABLE } of output.diagnostics) {
    byFile.set(filename, (byFile.get(filename) ?? new Set()).add(code));
  }
  return byFile;
}

beforeAll(async () => {
  tree = buildTree();
  findings = await lint(tree);
});

afterAll(() => rmSync(tree, { recursive: true, force: true }));

it.each(cases.filter(({ refusedBy }) => refusedBy.length > 0))('refuses $path', ({ path, refusedBy }) => {
  const found = [...(findings.get(path) ?? [])];
  expect(found.filter((rule) => judged.has(rule)).toSorted()).toEqual([...refusedBy].toSorted());
});

it.each(cases.filter(({ refusedBy }) => refusedBy.length === 0))('accepts $path', ({ path }) => {
  expect([...(findings.get(path) ?? [])]).toEqual([]);
});

it('judges the neighbours clean, and nothing else', () => {
  const known = new Set(cases.map(({ path }) => path));
  expect([...findings.keys()].filter((path) => !known.has(path))).toEqual([]);
});
