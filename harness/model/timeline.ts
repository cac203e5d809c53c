// The shape of a run as a picture: its lanes, every step, and what held from which step to which: locks, files, queues,
// faults, facts. Made once from the steps (explain/timeline/), drawn by reports/ without any further knowledge of SQLite.
// Logical names only, as in a history. What stays out: drawing it.

/** Version of the timeline format: rises when a field changes its meaning. */
export const timelineFormat = 1;

/**
 * One step, as a row: short, since a run has many thousands.
 *
 * 0 its number · 1 place of its lane in `lanes` · 2 virtual ms since the run's start · 3 place of its operation in `ops` ·
 * 4 place of its file in `files`, -1 for none · 5 place of its result in `codes` · 6 its arguments by name, and `handle`,
 * the number of the connection's file within its lane; null for none ·
 * 7 its text (what was said or asked), null for none · 8 flags: see {@link stepFlag}
 */
export type TimelineStep = readonly [
  step: number,
  lane: number,
  nowMs: number,
  op: number,
  file: number,
  code: number,
  args: { readonly [name: string]: number | string } | null,
  text: string | null,
  flags: number,
];

/**
 * injected: by a fault of the plan, or the coordinator's own (a strike, a death) · failed: its result is an error
 * (SQLITE_IOERR…, FULL, CANTOPEN, …; EIO, ENOSPC, … of a raw operation), not a busy answer, a question's no, or what SQLite
 * takes as an answer, as a short read at the end of a database is (explain/timeline/failed.ts)
 */
export const stepFlag = { injected: 1, failed: 2 } as const;

/**
 * A lock that SQLite (or flock) in a lane believed it held. Levels lie on each other: who has EXCLUSIVE has SHARED too.
 *
 * @property lane place in `lanes`
 * @property file place in `files`: the database, or its -shm, or what flock locks, by the name it bore then
 * @property inode place in `inodes` of that file: another process may hold the same lock on another file of that name.
 *   Absent where it is not known
 * @property what `SHARED`, `RESERVED`, `PENDING`, `EXCLUSIVE`, a slot of the wal-index (`WRITE`, `CKPT`, `RECOVER`, `READ0`…
 *   `READ4`), or `flock`
 * @property exclusive nobody else can hold this same lock meanwhile (a write lock to the kernel). RESERVED is exclusive in
 *   this sense, and lets others read
 * @property from step that was granted it
 * @property to step that ended it: it was given back, its connection was closed, or its process died; or the kernel took
 *   it anew after it was lost, and another span begins here. Null when it lasted to the end of what is kept
 * @property lostAt step at which the kernel dropped it while its holder still believed in it, since its process closed
 *   that file raw; `from` when the kernel never held it, as of a connection that only joined its process's lost lock.
 *   Null when it was never lost
 */
export interface LockSpan {
  readonly lane: number;
  readonly file: number;
  readonly inode?: number;
  readonly what: string;
  readonly exclusive: boolean;
  readonly from: number;
  readonly to: number | null;
  readonly lostAt: number | null;
}

/**
 * A file under one of its names: an inode, from when the run first met it by that name to when it lost it.
 *
 * @property file place in `files`: the name
 * @property generation 1 for the first inode of that name in this run, 2 for the next; one that comes back under the name
 *   keeps its number
 * @property formerly place in `inodes` of the same file under its name before, when it was renamed or linked;
 *   absent where it had none
 * @property from first step that met it
 * @property to step that took the name away; null when it kept it to the end of what is kept. Before the steps that are
 *   kept it stands at the first of them
 * @property how unlinked, renamed away, or replaced by another file that was renamed over it; null when it kept its name
 * @property by place in `lanes` of who did it
 * @property holders places in `lanes` of those whose SQLite had it open then: they go on with a file that nobody else can
 *   reach by that name
 */
export interface FileSpan {
  readonly file: number;
  readonly generation: number;
  readonly formerly?: number;
  readonly from: number;
  readonly to: number | null;
  readonly how: 'unlinked' | 'renamed' | 'replaced' | null;
  readonly by: number | null;
  readonly holders: readonly number[];
}

/**
 * A file that a connection has open: its database, -wal or journal, or the -shm that it has mapped.
 *
 * @property inode place in `inodes`, by the name it was opened by
 * @property to step that closed it, or at which its process died; null when neither came by the end of what is kept
 */
export interface OpenSpan {
  readonly lane: number;
  readonly inode: number;
  readonly from: number;
  readonly to: number | null;
}

/**
 * A message, as long as it lay in a queue.
 *
 * @property sender place in `lanes`
 * @property queue name of the lane that it was sent to: the process's for its main lane, `<process>/<thread>` for others
 * @property text as JSON, cut when it is long
 * @property from step that sent it
 * @property to step that received it, or at which its queue was gone with its lane; null when it still lay there at the
 *   end of what is kept
 * @property received true when `to` is the step that received it; else absent
 */
export interface MessageSpan {
  readonly sender: number | null;
  readonly queue: string;
  readonly text: string;
  readonly from: number;
  readonly to: number | null;
  readonly received?: true;
}

export type TimelineEventKind =
  /** A fault of the plan struck. */
  | 'fault'
  /** The schedule left the default: this lane goes on instead of the one before. */
  | 'preemption'
  /** A process ended otherwise than by returning. */
  | 'death'
  /** Somebody was told that a commit is durable. */
  | 'commit'
  /** A lane met an error: a step failed, with its extended code; or it said so, or threw. */
  | 'error'
  /** A sentence of the explanation. */
  | 'fact'
  /** Another step that such a sentence tells of: what led to the one where it stands. */
  | 'link'
  /** An invariant was violated here. Violations of the run as a whole have no step, and are no events. */
  | 'violation';

/**
 * @property lane place in `lanes`; null where no lane did it
 * @property text short, for a label or a list: a sentence, or a code with its operation
 */
export interface TimelineEvent {
  readonly step: number;
  readonly lane: number | null;
  readonly kind: TimelineEventKind;
  readonly text: string;
}

/**
 * The run was followed up to `step`, and went on by chance: `failed` of `runs` such runs violated what it violated
 * (search/inevitable.ts).
 */
export interface InevitablePoint {
  readonly step: number;
  readonly runs: number;
  readonly failed: number;
}

/**
 * A run as a picture.
 *
 * @property lanes `<process>` or `<process>/<thread>`, in the order of their first steps
 * @property files names below the world's directory
 * @property codes SQLite's extended codes by name, SQLITE_OK too; numbers for raw operations (errno, 0 for done)
 * @property total steps of the run
 * @property kept the first and the last step that `steps` holds: all of them, or those round what matters when there are
 *   too many to show; spans and events outside are left out or cut to it
 * @property steps in order, a step a row
 * @property locks, inodes, opens, messages each in the order of their first steps
 * @property events in the order of steps
 * @property inevitable how often it fails when it goes on by chance, in the order of steps; absent where nobody has tried
 */
export interface Timeline {
  readonly format: typeof timelineFormat;
  readonly hash: string;
  readonly virtualMs: number;
  readonly total: number;
  readonly kept: { readonly from: number; readonly to: number };
  readonly lanes: readonly string[];
  readonly ops: readonly string[];
  readonly files: readonly string[];
  readonly codes: readonly (string | number)[];
  readonly steps: readonly TimelineStep[];
  readonly locks: readonly LockSpan[];
  readonly inodes: readonly FileSpan[];
  readonly opens: readonly OpenSpan[];
  readonly messages: readonly MessageSpan[];
  readonly events: readonly TimelineEvent[];
  readonly inevitable?: readonly InevitablePoint[];
}
