// Faults where they come to bear. An address by operation past the last of its kind never strikes; one by the number of a step strikes at what
// is frequent. So the first is brought back among the steps that a dry run had, and of the second every other one goes where runs are decided:
// before a sync, inside a commit or a checkpoint, where a lock is handed over, where a file's name changes. Each such kind of step is as likely as
// any other. The rest stay as scenarios draw them, since what nobody thought of may lie anywhere. What stays out: which faults there are (scenarios).
import { type Fault, faultSchema } from '../model/fault.ts';
import { op, type Operation, operations, type Role, roles } from '../model/operations.ts';
import { below, type Random } from '../model/random.ts';
import type { RawRecord } from '../model/record.ts';
import type { StepLane, StepSink } from '../model/step.ts';

/** Kinds of steps at which runs are decided. */
const decisive: readonly (readonly [Operation, readonly Role[]])[] = [
  ['sync', ['db', 'wal', 'journal']],
  ['write', ['db', 'wal', 'journal']],
  ['truncate', ['db', 'wal', 'journal']],
  ['delete', ['wal', 'journal']],
  ['lock', ['db']],
  ['unlock', ['db']],
  ['shmLock', ['shm']],
  ['shmUnmap', ['shm']],
  ['flock', ['other', 'none', 'db']],
  ['funlock', ['other', 'none', 'db']],
  ['rename', ['other', 'none', 'db']],
  ['unlink', ['other', 'none', 'db']],
];

/** Steps of one lane of one kind. */
export interface StepCount {
  readonly lane: string;
  readonly op: Operation;
  readonly role: Role;
  readonly steps: number;
}

/** Follows a dry run. */
export class StepCounter implements StepSink {
  readonly #counts = new Map<string, { -readonly [K in keyof StepCount]: StepCount[K] }>();

  see(_step: number, { op: operation, role: its }: Readonly<RawRecord>, { name: lane }: StepLane): void {
    if (operation === op.fault || operation === op.quiet) return;
    const key = `${lane} ${operation} ${its}`;
    const known = this.#counts.get(key);
    if (known !== undefined) known.steps++;
    else this.#counts.set(key, { lane, op: operations[operation] ?? 'step', role: roles[its] ?? 'none', steps: 1 });
  }

  get counts(): readonly StepCount[] {
    return [...this.#counts.values()];
  }
}

/** In so many runs faults stay where their scenario has put them. */
const asDrawn = 0.25;

/**
 * @param counts of a run of such a plan without faults
 * @param random of the run
 */
export function placeFaults(faults: readonly Fault[], counts: readonly StepCount[], random: Random): readonly Fault[] {
  if (faults.length === 0 || counts.length === 0 || random() < asDrawn) return faults;
  return faults.map((fault) => {
    const at = addressNear(fault.at, counts, random);
    if (at === undefined) return fault;
    // Not every kind of fault strikes at every address.
    const placed = faultSchema.safeParse({ ...fault, at });
    return placed.success ? placed.data : fault;
  });
}

function addressNear(at: Fault['at'], counts: readonly StepCount[], random: Random): Fault['at'] | undefined {
  if ('op' in at) {
    const isMeant = (one: StepCount): boolean =>
      one.lane === at.lane && one.op === at.op && (at.role === undefined || one.role === at.role);
    const steps = counts.filter(isMeant).reduce((sum, one) => sum + one.steps, 0);
    return steps === 0 || at.nth <= steps ? undefined : { ...at, nth: 1 + ((at.nth - 1) % steps) };
  }
  if (!('step' in at) || random() < 0.5) return undefined;
  const there = decisive
    .map(([kind, its]) => counts.filter((one) => one.op === kind && its.includes(one.role)))
    .filter((some) => some.length > 0);
  const some = there[below(random, there.length)] ?? [];
  const one = some[below(random, some.length)];
  return one && { lane: one.lane, op: one.op, role: one.role, nth: 1 + below(random, one.steps) };
}
