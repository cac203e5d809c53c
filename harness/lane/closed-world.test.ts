// The world is closed: no name leads a lane out of its run's folder, neither through World nor through SQL, and past both the
// kernel refuses it. What setup left (second names, links, folders) is there in every run.
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { landlockVersion } from '../run/landlock.ts';
import type { Coordinator } from '../run/coordinator.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import type { History } from '../model/history.ts';
import {
  coordinatorOf,
  observed,
  planOf,
  process as start,
  scenarioOf,
  StepKeeper,
} from '../testing/lab.test-support.ts';
import type { Json } from '../model/values.ts';

const module = new URL('./closed-world-programs.test-support.ts', import.meta.url).href;
let coordinator: Coordinator;
let outside: string;
const precious = 'of somebody else';

beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());
beforeEach(() => {
  if (outside !== undefined) rmSync(outside, { recursive: true, force: true });
  outside = realpathSync(mkdtempSync(join(tmpdir(), 'outside-')));
  writeFileSync(join(outside, 'precious'), precious);
});
afterAll(() => rmSync(outside, { recursive: true, force: true }));

function untouched(): void {
  expect(readdirSync(outside)).toEqual(['precious']);
  expect(readFileSync(join(outside, 'precious'), 'utf8')).toBe(precious);
}

function scenarioWith(program: string, args: Json): Scenario {
  const base = scenarioOf([start('p', program, args)]);
  const programs = Object.fromEntries(
    ['setupWorld', 'lookingRound', 'usingNames', 'writingBoth', 'breakingOut'].map((name) => [
      name,
      { module, export: name },
    ]),
  );
  return { ...base, programs, setup: () => start('setup', 'setupWorld') };
}

async function run(program: string, args: Json = null, plan: Partial<Plan> = {}): Promise<History> {
  const history = await coordinator.run(scenarioWith(program, args), planOf(plan));
  expect(history.endings).toEqual([{ lane: 'p', ending: { how: 'returned' } }]);
  return history;
}

test('second names, links and folders that setup made are the same in every run', async () => {
  for (const _again of [1, 2]) {
    const history = await run('lookingRound');
    expect(observed(history, 'list')).toEqual([
      [
        ['folder', 'lab.db', 'link.db', 'twin.db'],
        ['dangling.db', 'inner.db'],
      ],
    ]);
    expect(observed(history, 'inodes')).toEqual([[1, 1, 2, 2]]);
    expect(observed(history, 'exists')).toEqual([true]);
    expect(history.autopsy.queries['t']).toEqual([[1]]); // written through the second name
    expect(history.refusals).toEqual([]);
  }
});

describe('a name that leads out', () => {
  const malformed = (folder: string): readonly string[] => {
    const up = `${'../'.repeat(20)}${folder.slice(1)}/precious`;
    return [
      `${folder}/precious`,
      `${folder}/new`,
      up,
      `a\n/${up}`,
      `a\r/${up}`,
      `a\u2028/${up}`,
      `folder/../${up}`,
      '..',
      'folder/..',
      '\u001b]0;title\u0007',
      'a\u202e.db',
    ];
  };

  test('is refused to World and to SQL, and told with its words', async () => {
    const names = malformed(outside);
    const history = await run('usingNames', { outside, names });
    untouched();
    for (const kind of ['world-open', 'attach', 'vacuum'])
      expect(observed(history, kind)).toEqual(names.map(() => ({ error: 'SQLITE_CANTOPEN' })));
    for (const kind of ['read', 'write', 'copy', 'rename', 'rename-to', 'link', 'mkdir', 'list', 'unlink', 'flock'])
      expect(observed(history, kind)).toEqual(names.map(() => ({ error: 'EACCES' })));
    expect(new Set(history.refusals.map(({ name }) => name))).toEqual(new Set(names));
  });

  test('by a link that no World made leads nowhere either', async () => {
    const names = ['out/precious', 'out/new', 'out.db'];
    const history = await run('usingNames', { outside, names });
    untouched();
    for (const kind of ['world-open', 'attach', 'vacuum'])
      expect(observed(history, kind)).toEqual(names.map(() => ({ error: 'SQLITE_CANTOPEN' })));
    for (const kind of ['read', 'write', 'copy', 'flock'])
      expect(observed(history, kind)).toEqual(names.map(() => ({ error: 'EACCES' })));
    expect(observed(history, 'rename')).toEqual([{ error: 'EACCES' }, { error: 'EACCES' }, null]); // the link itself
  });

  test('does not change the hash with the place where the runs lie', async () => {
    const hashes = new Set<string>();
    for (const length of [1, 40]) {
      const runs = mkdtempSync(join(tmpdir(), 'r'.repeat(length)));
      const before = process.env['LOCKSTEP_RUNS'];
      process.env['LOCKSTEP_RUNS'] = runs;
      const there = await coordinatorOf();
      process.env['LOCKSTEP_RUNS'] = before;
      if (before === undefined) delete process.env['LOCKSTEP_RUNS'];
      try {
        for (const program of ['usingNames', 'writingBoth']) {
          const args = { outside: '/nowhere', names: ['/nowhere/x', 'out/y', 'fine'] };
          hashes.add(`${program} ${(await there.run(scenarioWith(program, args), planOf())).hash}`);
        }
      } finally {
        there.close();
        rmSync(runs, { recursive: true });
      }
    }
    expect(hashes.size).toBe(2);
  });
});

test('a relative name in SQL means the folder of the run, and a transaction over two files stays in it', async () => {
  const cwd = process.cwd();
  const before = readdirSync(cwd);
  const keeper = new StepKeeper();
  const history = await coordinator.run(scenarioWith('writingBoth', null), planOf(), undefined, [keeper]);
  expect(history.endings).toEqual([{ lane: 'p', ending: { how: 'returned' } }]);
  expect(observed(history, 'files')).toEqual([
    [
      { seq: 0, name: 'main', file: '/lockstep/lab.db' },
      { seq: 2, name: 'second', file: '/lockstep/second.db' },
    ],
  ]);
  expect(keeper.steps.some(({ file, op }) => op === 'open' && file?.startsWith('lab.db-mj') === true)).toBe(true);
  expect(history.autopsy.files.map(({ name }) => name)).toContain('second.db');
  expect(history.refusals).toEqual([{ step: expect.any(Number) as number, lane: 'p', name: '/tmp' }]);
  expect(readdirSync(cwd)).toEqual(before);
});

test.skipIf((await landlockVersion()) === 0)('past World and SQLite the kernel holds the lane', async () => {
  const history = await run('breakingOut', { outside });
  untouched();
  for (const kind of ['write inside', 'by threads']) expect(observed(history, kind)).toEqual([null]);
  for (const kind of ['write', 'create', 'unlink', 'mkdir', 'symlink', 'run'])
    expect(observed(history, kind)).toEqual([{ error: 'EACCES' }]);
  for (const kind of ['rename', 'take in'])
    expect(['EACCES', 'EXDEV']).toContain((observed(history, kind)[0] as { readonly error: string }).error);
  if ((await landlockVersion()) >= 6) expect(observed(history, 'signal')).toEqual([{ error: 'EPERM' }]);
  expect(observed(history, 'core')).toEqual(['0']);
  expect(observed(history, 'new privileges')).toEqual(['1']);
  expect(existsSync(join(outside, 'free'))).toBe(false);
});
