// A plan from a stranger, replayed: whatever its names and its SQL lead to, nothing outside of the run's folder is touched,
// and who replays it is told. The world itself: harness/lane/closed-world.test.ts.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { dir, type DirectoryResult } from 'tmp-promise';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { hasUnseen } from '../harness/model/visible.ts';
import { callHere, callIn, jsonIn, smallPlan } from './front-door.test-support.ts';
import { longButFirst } from '../harness/testing/long.test-support.ts';

let folder: DirectoryResult;
/** Somebody's folder, with a file and a database in it; and where the command is given. */
let outside: string;
let cwd: string;
beforeEach(async () => {
  folder = await dir({ unsafeCleanup: true });
  [outside, cwd] = [join(folder.path, 'outside'), join(folder.path, 'cwd')];
  for (const made of [outside, cwd]) mkdirSync(made);
  writeFileSync(join(outside, 'file'), 'precious');
  const db = new Database(join(outside, 'some.db'));
  db.exec('CREATE TABLE kept(x); INSERT INTO kept VALUES(1)');
  db.close();
});
afterEach(async () => {
  expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('precious');
  const db = new Database(join(outside, 'some.db'), { readonly: true });
  expect(db.prepare('SELECT count(*) FROM kept').pluck().get()).toBe(1);
  db.close();
  expect(readdirSync(outside).toSorted()).toEqual(['file', 'some.db']);
  await folder.cleanup();
});

/** A small plan of the canary with one fault; written into the folder of the command. */
function planWith(fault: object): string {
  const plan = smallPlan({ faults: [{ at: { step: 40 }, ...fault }] });
  const path = join(folder.path, 'plan.json');
  writeFileSync(path, JSON.stringify(plan));
  return path;
}

const leadingOut = (path: string): readonly (readonly [string, string])[] => {
  const up = `${'../'.repeat(12)}${path.slice(1)}`;
  return [
    ['a line feed', `a\n/${up}`],
    ['a carriage return', `a\r/${up}`],
    ['a line separator', `a\u2028/${up}`],
    ['steps up', up],
    ['steps up from a folder', `a/${up}`],
    ['an absolute name', path],
  ];
};

describe.each([
  ['init-swap', { way: 'rm' }, 'database'],
  ['init-swap', { way: 'mv-aside' }, 'database'],
  ['init-swap', { way: 'cp-over' }, 'database'],
  ['init-swap', { way: 'rebuild' }, 'database'],
  ['corrupt', { how: 'foreign-bytes' }, 'database'],
  ['file-damage', { how: 'remove-all' }, 'folder'],
  ['lock-cancel', { process: 'writer-1', files: 'all' }, 'database'],
  ['stalled-lock-holder', { holds: 'flock', ms: 5 }, 'file'],
  ['stalled-lock-holder', { holds: 'write', ms: 5 }, 'database'],
  ['mixed-mode', {}, 'database'],
])('%s %j', (kind, more, field) => {
  test('refuses a name that leads out, before anything runs', async () => {
    for (const [, name] of leadingOut(join(outside, 'file'))) {
      const { code, out, err } = await callHere(['replay', planWith({ kind, ...more, [field]: name })]);
      expect([code, out]).toEqual([2, '']);
      expect(err).toContain(field);
      expect(hasUnseen(err.replaceAll('\n', ' '))).toBe(false);
      expect(err.split('\n').length).toBeLessThan(20);
    }
  });
});

const replayed = z.object({
  verdict: z.string(),
  refusals: z.array(z.object({ step: z.int(), lane: z.string(), name: z.string() })),
});

describe('SQL that leads out', () => {
  test.each([
    ['VACUUM INTO', (path: string) => `VACUUM INTO '${path}/new.db'`],
    ['ATTACH of a new file', (path: string) => `ATTACH '${path}/new.db' AS o; CREATE TABLE o.t(x)`],
    ['ATTACH of somebody’s database', (path: string) => `ATTACH '${path}/some.db' AS o; DROP TABLE o.kept`],
    ['steps up', (path: string) => `ATTACH '${'../'.repeat(12)}${path.slice(1)}/some.db' AS o; DROP TABLE o.kept`],
  ])('%s is refused, and told', longButFirst, async (_what, sql) => {
    const plan = planWith({ kind: 'mixed-mode', statements: [sql(outside)], tryMs: 1 });
    const { document } = await jsonIn(cwd, ['replay', plan, '--times', '2'], replayed);
    expect(document.verdict).not.toBe('error');
    expect(document.refusals[0]).toMatchObject({ lane: 'mixed-mode-1' });
    expect(document.refusals[0]?.name).toContain('outside/');
    const { out } = await callIn(cwd, ['replay', plan]);
    expect(out).toMatch(/mixed-mode-1 named ".*", which is outside of the run's folder, and was refused/);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test('a relative name means the folder of the run, not that of the command', async () => {
    const plan = planWith({ kind: 'mixed-mode', statements: ["VACUUM INTO 'x.db'"], tryMs: 1 });
    const { document } = await jsonIn(cwd, ['replay', plan], replayed);
    expect(document.refusals).toEqual([]);
    expect(readdirSync(cwd)).toEqual([]);
    expect(existsSync('x.db')).toBe(false);
  });
});
