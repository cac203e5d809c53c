// What only the machine can have refused ends a run, in whichever operation it did.
import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { op, stepKinds } from '../model/operations.ts';
import { emptyRecord, type RawRecord, recordFlag } from '../model/record.ts';
import { checkHost } from './host-records.ts';
import type { LaneState } from './lanes.ts';

const lane = { name: 'p', files: ['a'] } as unknown as LaneState;

function checked(record: Partial<RawRecord>): () => void {
  return () => checkHost({ ...emptyRecord(), ...record }, lane);
}

const rawOperations = [...Object.values(stepKinds), 'raw' as const];

test.each(rawOperations)('%s: a full disk and a broken one are no event of the run', (name) => {
  const { ENOSPC, EIO, ENOENT } = constants.errno;
  expect(checked({ op: op[name], rc: ENOSPC })).toThrow(/ENOSPC/);
  expect(checked({ op: op[name], rc: EIO })).toThrow(/EIO/);
  expect(checked({ op: op[name], rc: ENOENT })).not.toThrow();
});

test.each(Object.values(stepKinds))('%s: what the plan injects is one', (name) => {
  const { ENOSPC } = constants.errno;
  expect(checked({ op: op[name], rc: ENOSPC, flags: recordFlag.injected })).not.toThrow();
});
