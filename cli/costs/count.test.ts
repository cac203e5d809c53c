// What is counted of a commit: SQLite's calls, and what a strategy writes to files of its own; between the begin and the acknowledgement.
import { expect, test } from 'vitest';
import { encodeObserved } from '../../harness/model/observation.ts';
import { op } from '../../harness/model/operations.ts';
import { emptyRecord, type RawRecord } from '../../harness/model/record.ts';
import type { StepLane } from '../../harness/model/step.ts';
import { CommitCounter } from './count.ts';

const lane = { name: 'gateway-1' } as unknown as StepLane;

function counted(steps: readonly Partial<RawRecord>[]) {
  const counter = new CommitCounter([]);
  const said = (kind: string): Partial<RawRecord> => ({ op: op.observe, text: encodeObserved({ kind, data: null }) });
  const all = [...steps, said('commit-begins'), ...steps, said('acknowledged'), ...steps];
  for (const [step, record] of all.entries()) counter.see(step, { ...emptyRecord(), ...record }, lane);
  return counter.result(0, 300);
}

test('bytes and syncs of a journal that a strategy keeps open count, and are no calls of SQLite', () => {
  const sqlite = [{ op: op.write, a: 4096 }, { op: op.sync }];
  expect(counted(sqlite)).toMatchObject({ commits: 1, vfsCallsPerCommit: 2, syncsPerCommit: 1, bytesPerCommit: 4096 });
  const own = [...sqlite, { op: op.fdWrite, a: 100 }, { op: op.fdSync }];
  expect(counted(own)).toMatchObject({ vfsCallsPerCommit: 2, syncsPerCommit: 2, bytesPerCommit: 4196 });
});

test('disk is shared out among the commits', () => {
  expect(counted([]).diskBytesPerCommit).toBe(300);
});
