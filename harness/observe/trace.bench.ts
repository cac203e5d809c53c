// The trace on demand: a record becomes a step in words, and a line of JSON.
import type { Bench } from 'tinybench';
import { emptyRecord } from '../model/record.ts';
import { op, role } from '../model/operations.ts';
import { traceStep } from './trace.ts';

const steps = 1000;

export function addTasks(bench: Bench): void {
  const lane = { name: 'gateway-1/dispatcher', process: { name: 'gateway-1', lanes: [] }, files: ['kanban.db'] };
  const write = { ...emptyRecord(), op: op.write, role: role.wal, handle: 2, a: 4096, b: 32_768, sum: 99 };
  const lock = { ...emptyRecord(), op: op.shmLock, role: role.shm, handle: 3, a: 0x3_0106 };
  bench.add(`put ${steps} steps into words`, () => {
    for (let i = 0; i < steps; i++) traceStep(i, i % 2 === 0 ? write : lock, lane, i);
  });
  bench.add(`write ${steps} steps as lines of JSON`, () => {
    for (let i = 0; i < steps; i++) JSON.stringify(traceStep(i, i % 2 === 0 ? write : lock, lane, i));
  });
}
