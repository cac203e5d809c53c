// lie: what is told to have happened has not, of the operations, to the process and about the locks that the plan names.
import { expect, test } from 'vitest';
import type { FaultOf } from '../../model/fault.ts';
import { process } from '../../testing/lab.test-support.ts';
import { faultLab, type Seen } from './fault-lab.test-support.ts';

const run = faultLab();
type Lie = FaultOf<'lie'>;
const lie = (more: Partial<Lie> & Pick<Lie, 'ops'>): Lie => ({ kind: 'lie', at: { step: 0 }, ...more });
const inserting = (name: string, from: number) => process(name, 'inserting', { from, count: 3, sleepMs: 1000 });

function told({ steps }: Seen): readonly string[] {
  const lies = steps.filter(({ injected, op }) => injected === true && op !== 'fault' && op !== 'end');
  return [...new Set(lies.map(({ op, role, rc, lane }) => `${lane} ${op} ${role} ${rc}`))].toSorted();
}

test('writes that are lost: SQLite is told that they happened', async () => {
  const seen = await run([inserting('p', 0)], [lie({ ops: ['write'], role: 'wal' })]);
  expect(told(seen)).toEqual(['p write wal SQLITE_OK']);
  expect(seen.violations.map(({ invariant }) => invariant)).toContain('acknowledged-commits');
});

test('until then only', async () => {
  const seen = await run(
    [inserting('p', 0)],
    [lie({ ops: ['write'], at: { timeMs: 60_000 }, until: { timeMs: 90_000 } })],
  );
  expect(told(seen)).toEqual([]);
  expect(seen.violations).toEqual([]);
});

test('locks of one process, of those that are named', async () => {
  const faults = [lie({ ops: ['lock'], process: 'p', locks: ['EXCLUSIVE'] })];
  const seen = await run([inserting('p', 0), inserting('q', 100)], faults, 'delete');
  expect(told(seen)).toEqual(['p lock db SQLITE_OK']);
  const levels = seen.steps.flatMap(({ injected, args }) =>
    injected === true && args && 'level' in args ? [args['level']] : [],
  );
  expect(new Set(levels)).toEqual(new Set(['EXCLUSIVE']));
});

test('locks of the wal-index: giving back is no lie', async () => {
  const seen = await run([inserting('p', 0)], [lie({ ops: ['shmLock'], locks: ['WRITE'] })]);
  const lies = seen.steps.filter(({ injected, op }) => injected === true && op === 'shmLock');
  expect(lies.length).toBeGreaterThan(0);
  for (const { args } of lies) expect(args).toMatchObject({ action: 'lock', slot: 0 });
});
