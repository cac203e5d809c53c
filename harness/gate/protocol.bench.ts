// The wire, as often as a run uses it: some 2,000 records come in, and a grant goes out for each switch of lanes.
import type { Bench } from 'tinybench';
import { anyRole, decodeRecord, encodeGrant, encodeRecord, grantAction, opSet, unlimited } from './protocol.ts';
import { emptyRecord } from '../model/record.ts';
import { op, role } from '../model/operations.ts';

const records = 2000;
const grants = 1000;

/** What a run sends: reads and locks mostly, now and then what a program observed. */
function bodyOfRun(): Buffer {
  const read = {
    ...emptyRecord(),
    op: op.read,
    role: role.db,
    lane: 1,
    file: 1,
    handle: 3,
    a: 4096,
    b: 2 ** 33,
    sum: 7,
  };
  const lock = { ...emptyRecord(), op: op.shmLock, role: role.shm, lane: 1, file: 1, handle: 3, a: 0x3_0106 };
  const seen = {
    ...emptyRecord(),
    op: op.observe,
    role: role.none,
    lane: 1,
    text: '{"kind":"committed","data":{"keys":[17]}}',
  };
  return Buffer.concat(
    Array.from({ length: records }, (_, i) => encodeRecord(i % 16 === 0 ? seen : i % 2 ? read : lock)),
  );
}

export function addTasks(bench: Bench): void {
  const body = bodyOfRun();
  const record = emptyRecord();
  bench.add(`decode ${records} records`, () => {
    for (let at = 0; at < body.length; ) at = decodeRecord(body, at, record);
  });
  const plain = {
    action: grantAction.go,
    code: 0,
    budget: 12,
    softSteps: unlimited,
    hardSteps: unlimited,
    stopping: false,
    nowMs: Date.UTC(2031, 1, 3),
    traps: [],
    reply: '',
  };
  bench.add(`encode ${grants} grants`, () => {
    for (let i = 0; i < grants; i++) encodeGrant(plain);
  });
  const traps = Array.from({ length: 8 }, (_, left) => ({ ops: opSet([op.write]), roles: anyRole, left }));
  const laden = { ...plain, traps, reply: '{"message":"ready"}' };
  bench.add(`encode ${grants} grants with 8 traps and a reply`, () => {
    for (let i = 0; i < grants; i++) encodeGrant(laden);
  });
}
