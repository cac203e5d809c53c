// The kinds of steps by which lanes meet: read off a dry run, so that a chooser can decide there only and let lanes run free between.
// They meet in a resource, which is what a footprint names (a file, its lock, a slot of its wal-index, a file lock), or in what depends
// on everything. Kinds, not resources, since those are what the gate can stop a lane at without asking. What stays out: who chooses what (surw.ts), and what depends on what (observe/footprint.ts).
import { op, role } from '../../model/operations.ts';
import { decode, type RawRecord, recordFlag } from '../../model/record.ts';
import type { StepLane, StepSink } from '../../model/step.ts';
import { addStep, Footprint, lockLevel } from '../../observe/footprint.ts';
import { numberOfKind, type StepKind } from '../chooser.ts';

/**
 * A kind of step that touches, somewhere, what at least two lanes touch and one of them changes.
 *
 * @property steps of that kind, by lane
 */
export interface Site extends StepKind {
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

/** Who touches a resource, and whether anybody changes it. */
interface Touched {
  readonly lanes: Set<string>;
  changed: boolean;
}

interface Kind extends StepKind {
  readonly steps: Map<string, number>;
  readonly resources: Set<string>;
  /** A lane can be taken off before one of them. */
  isPoint: boolean;
}

/** Follows a dry run. */
export class SiteRecorder implements StepSink {
  readonly #touched = new Map<string, Touched>();
  readonly #kinds = new Map<number, Kind>();

  see(_step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    if ((record.flags & recordFlag.injected) !== 0) return;
    const kind = this.#kindOf(record);
    kind.isPoint ||= (record.flags & recordFlag.switchPoint) !== 0;
    kind.steps.set(lane.name, (kind.steps.get(lane.name) ?? 0) + 1);
    for (const [name, changed] of resourcesOf(record, lane.files[record.file] ?? '')) {
      kind.resources.add(name);
      const touched = this.#touched.get(name) ?? { lanes: new Set(), changed: false };
      this.#touched.set(name, touched);
      touched.lanes.add(lane.name);
      touched.changed ||= changed;
    }
  }

  /** Once the run is over. */
  sites(): readonly Site[] {
    const isShared = (name: string): boolean => {
      const touched = this.#touched.get(name);
      return touched !== undefined && touched.changed && touched.lanes.size > 1;
    };
    return [...this.#kinds.values()]
      .filter(({ isPoint, resources }) => isPoint && [...resources].some(isShared))
      .map(({ op: operation, role: its, steps }) => ({ op: operation, role: its, steps }));
  }

  #kindOf(record: Readonly<RawRecord>): Kind {
    const key = numberOfKind(record);
    let kind = this.#kinds.get(key);
    if (kind === undefined) {
      kind = { op: record.op, role: record.role, steps: new Map(), resources: new Set(), isPoint: false };
      this.#kinds.set(key, kind);
    }
    return kind;
  }
}
