// Faults where they come to bear. An address by operation past the last of its kind never strikes; one by the number of a step strikes at what
// is frequent. So the first is brought back among the steps that a dry run had, and of the second every other one goes where runs are decided:
// before a sync, inside a commit or a checkpoint, where a lock is handed over, where a file's name changes, at a statement for a server. Each such
// kind of step is as likely as any other. The rest stay as scenarios draw them, since what nobody thought of may lie anywhere. What stays out: which faults there are (scenarios).
import { type Fault, faultSchema } from '../model/fault.ts';
import { op, type Operation, operations, type Role, roles } from '../model/operations.ts';
import { below, type Random } from '../model/random.ts';
import type { RawRecord } from '../model/record.ts';
import { parseRequest } from '../model/request.ts';
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
  ['ask', ['none']],
];

/** Steps of one lane of one kind. @property statements of those that ask, which ask a server to do a statement: 1 for the first that asks */
export interface StepCount {
  readonly lane: string;
  readonly op: Operation;
  readonly role: Role;
  readonly steps: number;
  readonly statements?: readonly number[];
}

type Count = { -readonly [K in keyof StepCount]: StepCount[K] } & { statements?: number[] };

/** Follows a dry run. */
export class StepCounter implements StepSink {
  readonly #counts = new Map<string, Count>();

  see(_step: number, { op: operation, role: its, text }: Readonly<RawRecord>, { name: lane }: StepLane): void {
    if (operation === op.fault || operation === op.quiet) return;
    const count = this.#of(lane, operation, its);
    count.steps++;
    if (operation !== op.ask) return;
    count.statements ??= [];
    if (parseRequest(text).kind === 'statement') count.statements.push(count.steps);
  }

  #of(lane: string, operation: number, its: number): Count {
    const key = `${lane} ${operation} ${its}`;
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    const fresh: Count = { lane, op: operations[operation] ?? 'step', role: roles[its] ?? 'none', steps: 0 };
    this.#counts.set(key, fresh);
    return fresh;
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

/** Of those that ask, a statement decides; most others do not. */
function placesOf({ steps, statements }: StepCount): number {
  return statements === undefined ? steps : statements.length;
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
    .map(([kind, its]) => counts.filter((one) => one.op === kind && its.includes(one.role) && placesOf(one) > 0))
    .filter((some) => some.length > 0);
  const some = there[below(random, there.length)] ?? [];
  const one = some[below(random, some.length)];
  if (one === undefined) return undefined;
  const place = below(random, placesOf(one));
  return { lane: one.lane, op: one.op, role: one.role, nth: one.statements?.[place] ?? 1 + place };
}
