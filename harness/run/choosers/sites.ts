// The resources that lanes meet in: read off a dry run, so that a chooser can decide there only and let lanes run free between. A
// resource is what a footprint names (a file, its lock, a slot of its wal-index, a file lock), or a kind of step that depends on
// everything. What stays out: who chooses what (surw.ts), and what depends on what (observe/footprint.ts).
import { op, role } from '../../model/operations.ts';
import { decode, type RawRecord, recordFlag } from '../../model/record.ts';
import type { StepLane, StepSink } from '../../model/step.ts';
import { addStep, Footprint, lockLevel } from '../../observe/footprint.ts';
import type { StepKind } from '../chooser.ts';

/**
 * A resource that at least two lanes touch and one of them changes.
 *
 * @property kinds of the steps that touch it
 * @property steps that touch it, by lane
 */
export interface Site {
  readonly name: string;
  readonly kinds: readonly StepKind[];
  readonly steps: ReadonlyMap<string, number>;
}

/** These end a wait of others, of which no footprint tells. */
const wakes: ReadonlySet<number> = new Set([op.ask, op.tell, op.funlock, op.fdClose]);

/** May others go on after a step who could not before? A lane that is alone stops behind it, so that they can be chosen. */
export function mayWake({ op: operation }: Readonly<RawRecord>): boolean {
  return wakes.has(operation);
}

export const wakingKinds: readonly StepKind[] = [...wakes].flatMap((operation) =>
  Object.values(role).map((its) => ({ op: operation, role: its })),
);

/**
 * What a lane does in the wal-index between a step on it and its next one: memory, which no step shows. Who takes a lock there reads it,
 * and under an exclusive one writes it (walformat.html, "WAL Locks").
 */
export function addIndex(into: Footprint, record: Readonly<RawRecord>, file: string): void {
  if (record.op !== op.shmLock && record.op !== op.shmBarrier) return;
  if (record.op === op.shmLock && decode.shmLock(record).mode === 'exclusive') into.changes(`index:${file}`);
  else into.reads(`index:${file}`);
}

/** @returns names of what a step touches, whatever comes of it, and whether it changes it */
export function resourcesOf(record: Readonly<RawRecord>, file: string): ReadonlyMap<string, boolean> {
  const footprint = new Footprint();
  // What its handle holds is not known before it is done: a lock or unlock counts as a change.
  addStep(footprint, record, file, lockLevel.reserved);
  addIndex(footprint, record, file);
  return footprint.opaque ? new Map([[`step:${record.op}`, true]]) : footprint.things;
}

interface Seen {
  readonly kinds: Map<string, StepKind>;
  readonly steps: Map<string, number>;
  changed: boolean;
}

/** Follows a dry run. Only switch points count: nowhere else can a lane be taken off. */
export class SiteRecorder implements StepSink {
  readonly #seen = new Map<string, Seen>();

  see(_step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    if ((record.flags & recordFlag.switchPoint) === 0 || (record.flags & recordFlag.injected) !== 0) return;
    const kind = { op: record.op, role: record.role };
    for (const [name, changed] of resourcesOf(record, lane.files[record.file] ?? '')) {
      let seen = this.#seen.get(name);
      if (seen === undefined) this.#seen.set(name, (seen = { kinds: new Map(), steps: new Map(), changed: false }));
      seen.kinds.set(`${kind.op} ${kind.role}`, kind);
      seen.steps.set(lane.name, (seen.steps.get(lane.name) ?? 0) + 1);
      seen.changed ||= changed;
    }
  }

  /** Once the run is over. */
  sites(): readonly Site[] {
    return [...this.#seen].flatMap(([name, { kinds, steps, changed }]) =>
      changed && steps.size > 1 ? [{ name, kinds: [...kinds.values()], steps }] : [],
    );
  }
}
