// Runs Vitest on small test files with our configuration, and looks at the last line and the exit code that scripts rely on; and at
// which long and slow tests ran.
import { cpSync, globSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { longTurnLine, partOf } from './long-tests.ts';
import { slowDayOf, slowDays } from './slow-tests.ts';
import { longButFirst } from '../harness/testing/long.test-support.ts';

const root = dirname(import.meta.dirname);
let directory = '';

/** Two, of which each fills a day. */
const slow = { 'a.test.ts': { 'is slow': 1000, 'is slow, too': 999 } };
const slowOnDays = slowDays(slow);
/** The day of `is slow`. */
const ownDay = slowOnDays.findIndex((names) => names['a.test.ts']?.includes('is slow'));

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lockstep-count-'));
  for (const part of [
    'vitest.config.ts',
    'package.json',
    ...globSync('tools/*.ts', { cwd: root, exclude: ['**/*.test.ts'] }),
  ]) {
    cpSync(join(root, part), join(directory, part));
  }
  writeFileSync(join(directory, 'tools/slow-tests.json'), JSON.stringify(slow));
  // What runs before all tests of the project has nothing to do here.
  mkdirSync(join(directory, 'harness', 'testing'), { recursive: true });
  writeFileSync(join(directory, 'harness', 'testing', 'prepare.test-support.ts'), 'export const setup = () => {};\n');
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Runs the given test files as `npm test` does. Result: the exit code, and all lines of both streams as they came. */
async function run(
  files: Readonly<Record<string, string>>,
  turn: Readonly<Record<string, string>> = {},
): Promise<{ exitCode: number; lines: readonly string[] }> {
  for (const [name, body] of Object.entries(files)) {
    writeFileSync(join(directory, name), `import { expect, it } from 'vitest';\n${body}\n`);
  }
  // Into one pipe, as CI has them: of two nobody knows which is read first.
  const { exitCode = -1, stdout } = await execa('npm test 2>&1', {
    shell: true,
    cwd: directory,
    reject: false,
    stdin: 'ignore',
    env: {
      CI: 'true',
      VITEST: undefined,
      FORCE_COLOR: undefined,
      LOCKSTEP_ALL: undefined,
      LOCKSTEP_PART: undefined,
      ...turn,
    },
  });
  return { exitCode, lines: stdout.split('\n') };
}

const PASS = `it('passes', () => expect(1).toBe(1));`;
const FAIL = `it('fails', () => expect(1).toBe(2));`;
const SKIP = `it.skip('waits', () => expect(1).toBe(1));`;

describe('the last line of npm test', () => {
  it.each([
    ['all pass', { 'a.test.ts': PASS }, '1 passed, 0 failed', 0],
    ['one fails', { 'a.test.ts': PASS, 'b.test.ts': FAIL }, '1 passed, 1 failed', 1],
    ['one is skipped', { 'a.test.ts': PASS + SKIP }, '1 passed, 0 failed, 1 skipped', 0],
    ['none ran', { 'a.test.ts': SKIP }, '0 passed, 0 failed, 1 skipped', 1],
    ['there are none', {}, '0 passed, 0 failed', 1],
    ['a file is broken', { 'a.test.ts': PASS, 'b.test.ts': `throw new Error('broken');` }, '1 passed, 1 failed', 1],
    ['an error strays', { 'a.test.ts': `${PASS}\nvoid Promise.reject(new Error('stray'));` }, '1 passed, 1 failed', 1],
  ] as const)('when %s', longButFirst, async (_, files, line, code) => {
    const { exitCode, lines } = await run(files);
    expect({ exitCode, last: lines.at(-1) }).toEqual({ exitCode: code, last: line });
    expect(lines.filter((each) => / passed, \d+ failed/.test(each))).toHaveLength(1);
  });
});

describe('a long test', () => {
  const name = 'of a room > takes seconds';
  const own = partOf(name);
  const LONG = `describe('of a room', () => it('takes seconds', { tags: ['long'] }, () => expect(1).toBe(1)));`;
  const files = { 'a.test.ts': `import { describe } from 'vitest';\n${PASS}\n${LONG}` };

  it.each([
    ['runs with its part', { LOCKSTEP_PART: String(own) }, '2 passed, 0 failed', own],
    [
      'waits while it is the turn of another',
      { LOCKSTEP_PART: String((own + 1) % 100) },
      '1 passed, 0 failed, 1 skipped',
      (own + 1) % 100,
    ],
    ['runs with all', { LOCKSTEP_ALL: '1' }, '2 passed, 0 failed', 'all'],
  ] as const)('%s, and the run says so', longButFirst, async (_, turn, last, told) => {
    const { exitCode, lines } = await run(files, turn);
    expect({ exitCode, last: lines.at(-1) }).toEqual({ exitCode: 0, last });
    expect(lines).toContain(longTurnLine(told, slowOnDays.length));
  });
});

describe('a long test whose cost is known', () => {
  const LONG = `it('is slow', { tags: ['long'] }, () => expect(1).toBe(1));`;

  it.each([
    ['runs on its day', { LOCKSTEP_PART: String(ownDay) }, '2 passed, 0 failed'],
    ['waits on the others', { LOCKSTEP_PART: String(ownDay + 1) }, '1 passed, 0 failed, 1 skipped'],
    ['waits where nobody asks for long ones', { LOCKSTEP_PART: '' }, '1 passed, 0 failed, 1 skipped'],
  ])('%s', longButFirst, async (_, turn, last) => {
    const { lines } = await run({ 'a.test.ts': `${PASS}\n${LONG}` }, turn);
    expect(lines.at(-1)).toEqual(last);
  });
});

describe('a slow test', () => {
  const files = { 'a.test.ts': `${PASS}\nit('is slow', () => expect(1).toBe(1));` };

  it.each([
    ['runs on its day', { LOCKSTEP_PART: String(ownDay) }, '2 passed, 0 failed'],
    ['waits on the others', { LOCKSTEP_PART: String(ownDay + 1) }, '1 passed, 0 failed, 1 skipped'],
    ['runs with all', { LOCKSTEP_ALL: '1' }, '2 passed, 0 failed'],
  ])('%s', longButFirst, async (_, turn, last) => {
    expect(slowDayOf(ownDay + 1, slowOnDays.length)).not.toBe(ownDay);
    const { exitCode, lines } = await run(files, turn);
    expect({ exitCode, last: lines.at(-1) }).toEqual({ exitCode: 0, last });
  });
});
