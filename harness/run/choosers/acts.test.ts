// Turns of acts on lanes that nobody runs: a lane is taken off before an act, unless its turn is broken off.
import { describe, expect, test } from 'vitest';
import { lockLevel } from '../../observe/footprint.ts';
import { op, role } from '../../model/operations.ts';
import { emptyRecord, type RawRecord, recordFlag } from '../../model/record.ts';
import { type Random, stream } from '../../model/random.ts';
import { ActsChooser } from './acts.ts';
import type { Site } from './sites.ts';

const point = { flags: recordFlag.switchPoint };
const shared: Partial<RawRecord> = { ...point, op: op.lock, role: role.db, b: lockLevel.shared, a: lockLevel.shared };
const sync: Partial<RawRecord> = { ...point, op: op.sync, role: role.db };
const write: Partial<RawRecord> = { op: op.write, role: role.db };
const close: Partial<RawRecord> = { ...point, op: op.close, role: role.db };

/** An act: its snapshot, then more. */
const act = [shared, write, sync, write, close];
const acts = 30;
const sites: readonly Site[] = [{ op: op.sync, role: role.db, steps: new Map() }];

/** Two lanes that do nothing but such acts. Result: what each lane was taken off before while it still had something to do. */
function takenOff(random: Random, itsSites: readonly Site[]): readonly (number | undefined)[] {
  const program = Array.from({ length: acts }, () => act)
    .flat()
    .map((one, i) => ({ ...emptyRecord(), ...one, lane: i }));
  const at = new Map([
    ['a', 0],
    ['b', 0],
  ]);
  const ahead = (lane: string) => ({ record: program[at.get(lane) ?? 0] ?? emptyRecord(), file: 'app.db' });
  const chooser = new ActsChooser(random, itsSites);
  const found: (number | undefined)[] = [];
  let running = 'a';
  for (let steps = 0; ; steps++) {
    const ready = ['a', 'b'].filter((lane) => (at.get(lane) ?? 0) < program.length);
    if (ready.length < 2) return found;
    const { lane } = chooser.choose({ steps, points: steps, ready, fallback: running, ahead });
    if (lane !== running) found.push(ahead(running).record.op);
    running = lane;
    const { record } = ahead(lane);
    at.set(lane, (at.get(lane) ?? 0) + 1);
    chooser.see(steps, record, { name: lane, process: { name: lane, lanes: [] }, files: [] });
  }
}

const all = (itsSites: readonly Site[]) =>
  Array.from({ length: 40 }, (_, run) => takenOff(stream('chooser', 5, run), itsSites)).flat();

describe('lanes are taken off', () => {
  test('before an act only, where there is no step by which they meet', () => {
    const places = all([]);
    expect(places.length).toBeGreaterThan(100);
    expect(new Set(places)).toEqual(new Set([op.lock]));
  });

  test('and some before a step by which they meet, but never where it is no switch point', () => {
    const places = all(sites);
    expect(new Set(places)).toEqual(new Set([op.lock, op.sync]));
    const broken = places.filter((one) => one === op.sync).length;
    expect(broken).toBeGreaterThan(places.length / 20);
    expect(broken).toBeLessThan(places.length / 2);
    expect(new Set(all([{ op: op.write, role: role.db, steps: new Map() }]))).toEqual(new Set([op.lock]));
  });
});
