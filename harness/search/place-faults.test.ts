// Faults are brought to where they strike, and every other one by number to where runs are decided; the rest stay as they were drawn.
import { describe, expect, test } from 'vitest';
import type { Fault } from '../model/fault.ts';
import { stream } from '../model/random.ts';
import { op, role } from '../model/operations.ts';
import { emptyRecord } from '../model/record.ts';
import { encodeRequest } from '../model/request.ts';
import { placeFaults, type StepCount, StepCounter } from './place-faults.ts';

const counts: readonly StepCount[] = [
  { lane: 'writer', op: 'write', role: 'db', steps: 20 },
  { lane: 'writer', op: 'read', role: 'db', steps: 2000 },
  { lane: 'writer', op: 'sync', role: 'wal', steps: 3 },
  { lane: 'reader', op: 'shmLock', role: 'shm', steps: 40 },
];

const far: Fault = { kind: 'kill', at: { lane: 'writer', op: 'write', role: 'db', nth: 95 } };
const near: Fault = { kind: 'kill', at: { lane: 'writer', op: 'write', role: 'db', nth: 7 } };
const numbered: Fault = { kind: 'kill', at: { step: 1234 } };
const timed: Fault = { kind: 'kill', at: { timeMs: 7 }, process: 'writer' };
const elsewhere: Fault = { kind: 'kill', at: { lane: 'nobody', op: 'write', role: 'db', nth: 95 } };

/** What a fault became in each of many runs. */
function placed(fault: Fault): readonly Fault[] {
  const runs = Array.from({ length: 400 }, (_, run) => placeFaults([fault], counts, stream('placed', 3, run)));
  return runs.flat();
}

const share = (faults: readonly Fault[], is: (fault: Fault) => boolean) => faults.filter(is).length / faults.length;

describe('an address by operation', () => {
  test('past the last step of its kind comes back among them, and strikes; in some runs it stays', () => {
    const all = placed(far);
    expect(share(all, ({ at }) => 'op' in at && at.nth === 15)).toBeGreaterThan(0.65);
    expect(share(all, ({ at }) => 'op' in at && at.nth === 95)).toBeGreaterThan(0.15);
  });

  test('that strikes, and one of a lane that the dry run did not have, stay', () => {
    expect(new Set(placed(near))).toEqual(new Set([near]));
    expect(new Set(placed(elsewhere))).toEqual(new Set([elsewhere]));
  });
});

describe('a fault by number', () => {
  test('goes where runs are decided in a third of the runs or so, to rare kinds as often as to frequent ones', () => {
    const all = placed(numbered);
    expect(share(all, ({ at }) => 'step' in at)).toBeGreaterThan(0.5);
    const where = all.flatMap(({ at }) => ('op' in at ? [at] : []));
    expect(where.length).toBeGreaterThan(100);
    expect(new Set(where.map(({ op: its }) => its))).toEqual(new Set(['write', 'sync', 'shmLock']));
    expect(where.filter(({ op: its }) => its === 'sync').length / where.length).toBeGreaterThan(0.2);
    for (const { op: its, nth } of where)
      expect(nth).toBeLessThanOrEqual(its === 'sync' ? 3 : its === 'write' ? 20 : 40);
  });

  test('goes to statements for a server, and to nothing else that is asked', () => {
    const counter = new StepCounter();
    const asker = { name: 'asker', process: { name: 'asker', lanes: [] }, files: [] };
    const statement = { kind: 'statement', connection: 1, sql: 'COMMIT', bind: [], timeoutMs: 5 } as const;
    const asked = [{ kind: 'receive', timeoutMs: 5 }, statement, { kind: 'processes' }, statement] as const;
    for (const [step, request] of asked.entries())
      counter.see(step, { ...emptyRecord(), op: op.ask, role: role.none, text: encodeRequest(request) }, asker);
    const runs = Array.from({ length: 400 }, (_, run) =>
      placeFaults([{ kind: 'server-kill', at: { step: 9 } }], counter.counts, stream('placed', 3, run)),
    );
    const where = runs.flat().flatMap(({ at }) => ('op' in at ? [at] : []));
    expect(new Set(where.map(({ lane, op: its, nth }) => `${lane} ${its} ${nth}`))).toEqual(
      new Set(['asker ask 2', 'asker ask 4']),
    );
  });

  test('stays where it is by time, and where nothing is known', () => {
    expect(new Set(placed(timed))).toEqual(new Set([timed]));
    expect(placeFaults([numbered], [], stream('placed', 3, 1))).toEqual([numbered]);
  });
});
