// What a program may do with SQLite and files that nobody should: it happens for real, in both hosts alike where both can, and replays to
// one hash.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Coordinator } from '../run/coordinator.ts';
import type { History } from '../model/history.ts';
import type { StartProcess } from '../model/process.ts';
import type { Scenario } from '../model/scenario.ts';
import { coordinatorOf, observed, planOf, process, scenarioOf } from '../testing/lab.test-support.ts';
import { nativeHostPossible } from './native/build.ts';

const module = new URL('./hazards.test-support.ts', import.meta.url).href;
const names = ['setup', 'tour', 'apart', 'forking', 'twice'] as const;

function scenario(start: readonly StartProcess[], journal: 'wal' | 'delete'): Scenario {
  const base = scenarioOf(start, journal);
  const own = Object.fromEntries(names.map((name) => [name, { module, export: name }]));
  return { ...base, programs: own };
}

let native: Coordinator;
let node: Coordinator;
beforeAll(async () => {
  native = await coordinatorOf(nativeHostPossible ? { host: 'native' } : {});
  node = await coordinatorOf({ host: 'node' });
});
afterAll(() => {
  native.close();
  node.close();
});

async function run(start: readonly StartProcess[], journal: 'wal' | 'delete', coordinator = native): Promise<History> {
  return coordinator.run(scenario(start, journal), planOf());
}

test.runIf(nativeHostPossible)('both hosts see the same, and leave the same trace', async () => {
  const guide = [process('guide', 'tour')];
  const [one, other] = [await run(guide, 'delete'), await run(guide, 'delete', node)];
  expect(other.hash).toBe(one.hash);
  expect(observed(one, 'backups')).toEqual([[expect.arrayContaining(['number']), 61, 0]]);
  expect(observed(one, 'vfses')).toEqual([[['dotted.db.lock'], ['SQLITE_BUSY', 'done'], 'SQLITE_ERROR', []]]);
  expect(observed(one, 'defences')).toEqual([
    [
      ['delete', 'delete'],
      ['delete', 'off'],
    ],
  ]);
  expect(observed(one, 'pokes')).toEqual([['EFAULT', 'done', 'ENOENT']]);
  expect(observed(one, 'numbers')).toEqual([['EBADF', 'lab.db', 'SQLite format', 'EBADF']]);
});

test('a wal-index of its own: nobody sees what the other has written', async () => {
  const both = (alone: boolean) => ['p', 'q'].map((name) => process(name, 'apart', alone));
  const most = async (alone: boolean) => Math.max(...observed(await run(both(alone), 'wal'), 'rows').map(Number));
  expect(await most(false)).toBe(6);
  expect(await most(true)).toBeLessThan(6);
});

test.runIf(nativeHostPossible)('a fork has what its parent has open, and closes it under it', async () => {
  const history = await run([process('parent', 'forking')], 'delete');
  expect(observed(history, 'child')).toEqual([{ inTransaction: true, process: 'child' }]);
  expect(observed(history, 'parent')).toMatchObject([
    { ending: { how: 'returned' }, committed: expect.stringMatching(/IOERR/) },
  ]);
  expect((await run([process('parent', 'forking')], 'delete')).hash).toBe(history.hash);
});

test.runIf(nativeHostPossible)('a second copy of SQLite takes the locks of the first away by a close', async () => {
  const history = await run([process('p', 'twice')], 'delete');
  const kernel = new Map(history.looks.map(({ label, locks }) => [label, locks.length]));
  expect(kernel.get('held')).toBeGreaterThan(0);
  expect(kernel.get('lost')).toBe(0);
  expect(observed(history, 'rows')).toEqual([0]);
});

test.each(['forking', 'twice'])('Node cannot: %s is an error that says so', async (program) => {
  await expect(run([process('p', program)], 'delete', node)).rejects.toThrow(/for the native host only/);
});
