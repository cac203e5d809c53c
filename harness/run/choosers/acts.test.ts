// Turns of acts on lanes that nobody runs: a lane is taken off before an act, or where a part of one begins.
import { describe, expect, test } from 'vitest';
import { lockLevel } from '../../observe/footprint.ts';
import { op, role } from '../../model/operations.ts';
import { emptyRecord, type RawRecord, recordFlag } from '../../model/record.ts';
import { type Random, stream } from '../../model/random.ts';
import { ActsChooser } from './acts.ts';

const point = { flags: recordFlag.switchPoint };
const on = { role: role.shm, rc: 0 };
const shared: Partial<RawRecord> = { ...point, op: op.lock, role: role.db, a: lockLevel.shared };
const reserved: Partial<RawRecord> = { ...point, op: op.lock, role: role.db, a: lockLevel.reserved };
const read: Partial<RawRecord> = { op: op.read, role: role.db, b: 4096 };
const readFirst: Partial<RawRecord> = { op: op.read, role: role.db, b: 24 };
const sync: Partial<RawRecord> = { ...point, op: op.sync, role: role.db };
const write: Partial<RawRecord> = { op: op.write, role: role.db };
const close: Partial<RawRecord> = { ...point, op: op.close, role: role.db };
/** As gate.c packs it: slot, count, and 2 for a lock, 1 for its end, with 8 for an exclusive one. */
const slot = (first: number, flags: number): Partial<RawRecord> => {
  return { ...point, ...on, op: op.shmLock, a: (first << 16) | (1 << 8) | flags };
};
const [toCheckpoint, checkpointed] = [slot(1, 2 | 8), slot(1, 1 | 8)];
const unfetch: Partial<RawRecord> = { ...point, op: op.unfetch, role: role.db, rc: 0 };

/** An act: its snapshot, then more. */
const act = [shared, readFirst, reserved, write, sync, write, close];
const acts = 30;

/** Two lanes that do nothing but such acts. Result: what each lane was taken off before while it still had something to do. */
function takenOff(random: Random, its: readonly Partial<RawRecord>[]): readonly (number | undefined)[] {
  const program = Array.from({ length: acts }, () => its)
    .flat()
    .map((one, i) => ({ ...emptyRecord(), ...one, lane: i }));
  const at = new Map([
    ['a', 0],
    ['b', 0],
  ]);
  const ahead = (lane: string) => ({ record: program[at.get(lane) ?? 0] ?? emptyRecord(), file: 'app.db' });
  const chooser = new ActsChooser(random);
  const found: (number | undefined)[] = [];
  let running = 'a';
  for (let steps = 0; ; steps++) {
    const ready = ['a', 'b'].filter((lane) => (at.get(lane) ?? 0) < program.length);
    if (ready.length < 2) return found;
    const { lane } = chooser.choose({ steps, points: steps, ready, fallback: running, ahead });
    if (lane !== running) found.push((at.get(running) ?? 0) % its.length);
    running = lane;
    const { record } = ahead(lane);
    at.set(lane, (at.get(lane) ?? 0) + 1);
    chooser.see(steps, record, { name: lane, process: { name: lane, lanes: [] }, files: [] });
  }
}

/** Places in an act, by number, before which lanes were taken off in forty runs. */
const places = (its: readonly Partial<RawRecord>[]): readonly (number | undefined)[] =>
  Array.from({ length: 40 }, (_, run) => takenOff(stream('chooser', 5, run), its)).flat();
const placesIn = (its: readonly Partial<RawRecord>[]) => new Set(places(its));

describe('lanes are taken off', () => {
  test('before an act only, where no part of one begins in it', () => {
    expect(places(act).length).toBeGreaterThan(100);
    expect(placesIn(act)).toEqual(new Set([0]));
  });

  test('now and then where a transaction that has read begins to write', () => {
    const upgrade = [shared, readFirst, read, reserved, write, sync, close];
    const all = places(upgrade);
    expect(new Set(all)).toEqual(new Set([0, 3]));
    const inside = all.filter((place) => place === 3).length;
    expect(inside).toBeGreaterThan(all.length / 10);
    expect(inside).toBeLessThan(all.length / 2);
  });

  test('at a checkpoint, before its lock and before the first step of each kind under it', () => {
    const checkpoint = [shared, close, toCheckpoint, unfetch, sync, write, sync, checkpointed, sync];
    expect(placesIn(checkpoint)).toEqual(new Set([0, 2, 3, 4, 7]));
  });

  test('where a connection gets at its wal-index or takes the -wal away', () => {
    const map: Partial<RawRecord> = { ...point, op: op.shmMap, role: role.shm, a: 0 };
    const gone: Partial<RawRecord> = { ...point, op: op.delete, role: role.wal };
    const journal: Partial<RawRecord> = { ...point, op: op.delete, role: role.journal };
    expect(placesIn([shared, map, { ...map, a: 1 }, journal, gone])).toEqual(new Set([0, 1, 4]));
  });

  test('but never where it is no switch point', () => {
    expect(placesIn([shared, read, { ...reserved, flags: 0 }, write, close])).toEqual(new Set([0]));
  });
});
