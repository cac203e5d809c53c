// The shape of what a run leaves behind: what invariants, symptoms and reports read. Logical names only; nothing in it
// differs between two replays. What stays out: how it is gathered.
import type { Durability, ModelName } from './file-systems.ts';
import type { Plan, Preemption } from './plan.ts';
import type { Ending } from './process.ts';
import type { Json } from './values.ts';

export const historyFormat = 1;

/** Something a lane said by `World.observe`. `nowMs` counts from the run's start, virtual. */
export interface Observation {
  readonly step: number;
  readonly lane: string;
  readonly nowMs: number;
  readonly kind: string;
  readonly data: Json;
}

/**
 * An open file of a living process, as the kernel lists it.
 *
 * @property file path below the world's directory; the name it was opened by when it is deleted
 * @property generation 1 for the oldest inode of that name that still exists, 2 for the next: never the inode number
 */
export interface OpenFile {
  readonly process: string;
  readonly file: string;
  readonly deleted: boolean;
  readonly generation: number;
}

/** A POSIX (fcntl) lock of a process (`posix`) or of an open file description (`ofd`), or a flock(2), as /proc/PID/fdinfo lists it; bytes from `from` to `to`, both included. */
export interface HeldLock {
  readonly process: string;
  readonly file: string;
  readonly deleted: boolean;
  readonly kind: 'posix' | 'ofd' | 'flock';
  readonly mode: 'read' | 'write';
  readonly from: number;
  readonly to: number;
}

/** A lock that SQLite in a process has been granted and not given back, by the trace. */
export interface BelievedLock {
  readonly process: string;
  readonly file: string;
  readonly what: string;
  readonly from: number;
  readonly to: number;
}

/**
 * The living processes and the disk, seen from outside while every lane stands still.
 *
 * @property label what the lane that asked for it called it; `end` at the plan's end, before lanes are asked to stop
 * @property paths which inode each name in the world's directory points to now: a file that is held open under the same
 *   name and another generation has been unlinked or replaced
 * @property broken locks that SQLite believes it holds and the kernel does not know
 */
export interface Look {
  readonly label: string;
  readonly step: number;
  readonly paths: readonly { readonly file: string; readonly generation: number }[];
  readonly openFiles: readonly OpenFile[];
  readonly locks: readonly HeldLock[];
  readonly believed: readonly BelievedLock[];
  readonly broken: readonly BelievedLock[];
}

/**
 * An index, walked beside its table.
 *
 * @property difference the first entry that is not what REINDEX would make of the table, as text, or the code with which
 *   the comparison ended; absent when there is none (or the table is too large to compare, see table-walk.ts)
 */
export interface IndexCount {
  readonly index: string;
  readonly rows: number | { readonly error: string };
  readonly difference?: string;
}

/**
 * Rows of a table, counted by a walk of the table and by a walk of each of its indexes.
 *
 * @property root number of its first page
 */
export interface TableCount {
  readonly table: string;
  readonly root?: number;
  readonly rows: number | { readonly error: string };
  readonly indexes: readonly IndexCount[];
}

/** Columns of a row of a query. */
type Row = readonly Json[];

/**
 * A part of a scenario's query that cannot be read to its end.
 *
 * @property table that it reads; null for a query that is not given in parts
 * @property prefix with which its keys begin
 */
export interface Unread {
  readonly query: string;
  readonly table: string | null;
  readonly prefix: string;
  readonly error: string;
}

/**
 * The disk as the lanes left it, before anybody recovered anything.
 *
 * @property hotJournal a rollback journal lies there that whoever opens the database next rolls back
 * @property walPages pages whose newest committed version is in -wal only
 * @property opened the database file by itself, without journal and -wal: 'ok', or the code with which it could not be read
 * @property integrity what integrity_check says of it by itself. A file whose -wal is needed, or whose journal is hot, may be
 *   unsound by itself, and that is no harm
 */
export interface BeforeRecovery {
  readonly hotJournal: boolean;
  readonly walPages: number;
  readonly opened: string;
  readonly integrity: readonly string[];
}

/**
 * The database after every lane has ended, read by a separate process that never passed the gate.
 *
 * @property files before recovery
 * @property before recovery: all else is of the database after it
 * @property opened 'ok', or the extended code with which it could not be opened or read
 * @property queries results of the scenario's own queries, rows as arrays. Of one that cannot be read to its end the first
 *   error, and the rows that can be read all the same
 * @property unread what of the queries cannot be read
 */
export interface Autopsy {
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  readonly before: BeforeRecovery;
  readonly opened: string;
  readonly integrity: readonly string[];
  readonly quick: readonly string[];
  readonly foreignKeys: number;
  readonly tables: readonly TableCount[];
  readonly queries: {
    readonly [name: string]: readonly Row[] | QueryError;
  };
  readonly unread: readonly Unread[];
}

/** Why a query failed: the extended result code, and SQLite's own words where it has some; `rows` are those that it gave before. */
export interface QueryError {
  readonly error: string;
  readonly message?: string;
  readonly rows: readonly Row[];
}

/**
 * What a fault did to the bytes of the run's database.
 *
 * @property page number of the b-tree page that it changed; null: the header
 * @property owner table or index that the page belongs to; null for the header
 * @property settled nobody was in the middle of a transaction with a rollback journal: a copy made then is sound by itself
 * @property before a copy of the database made just before it changed, examined; `after`: one made just after
 */
export interface Damage {
  readonly page: number | null;
  readonly owner: string | null;
  readonly settled: boolean;
  readonly before: Autopsy;
  readonly after: Autopsy;
}

/**
 * A power loss in the middle of a run, and what it left of the run's database.
 *
 * @property promise what is promised of acknowledged commits; {@link PowerLoss.after} is held to it
 * @property underWay operations that were not synced
 * @property lost of those
 * @property after the database when the machine is on again, before anybody of the run has opened it
 */
export interface PowerLoss {
  readonly model: ModelName;
  readonly promise: Durability;
  readonly underWay: number;
  readonly lost: number;
  readonly after: Autopsy;
}

/**
 * A fault of the plan that struck. Times are virtual ms from the run's start.
 *
 * @property fault its place in `plan.faults`, from 0 on
 * @property step number of the step that marks the strike in the trace
 * @property liftedMs when it was over. One that only changes something (a kill, a raw read, changed bytes) is over at
 *   once; a pause when the lane may go on, at the latest at the plan's end; failing steps when the last rule is used up
 *   or lifted; one that starts a process (of a person, not an orphan) when that process has ended. Null: not by the
 *   run's end
 * @property changed whether it changed bytes of a file
 * @property damage what it changed of the run's own database
 * @property powerLoss where it was one
 * @property note what it found and did, or why nothing came of it
 */
export interface Strike {
  readonly fault: number;
  readonly kind: string;
  readonly step: number;
  readonly nowMs: number;
  readonly liftedMs: number | null;
  readonly changed?: boolean;
  readonly damage?: Damage;
  readonly powerLoss?: PowerLoss | undefined;
  readonly note?: string;
}

/**
 * Writes of a process to a file that its name does not mean any more: nobody who opens that name will see them.
 *
 * @property writes how many, truncations included
 * @property lost how the name was lost before: the lane that did it, at which step
 */
export interface StrayWrites {
  readonly process: string;
  readonly file: string;
  readonly writes: number;
  readonly firstStep: number;
  readonly lost: { readonly by: string; readonly step: number; readonly how: 'unlinked' | 'replaced' | 'renamed' };
}

/**
 * How large SQLite's writes have made a file, whatever became of it later.
 *
 * @property bytes the end of the write that reached farthest
 * @property step that write
 */
export interface WrittenFile {
  readonly file: string;
  readonly bytes: number;
  readonly step: number;
}

/**
 * A name that was refused: it leads out of the run's folder.
 *
 * @property name as the program or the statement gave it
 */
export interface Refusal {
  readonly step: number;
  readonly lane: string;
  readonly name: string;
}

/**
 * The end of a process that did not return by itself.
 *
 * @property step number of the step that ends it in the trace
 * @property nowMs virtual ms from the run's start
 */
export interface Death {
  readonly process: string;
  readonly ending: Ending;
  readonly step: number;
  readonly nowMs: number;
}

/**
 * What a command printed on its standard error: the stack of an error that nobody caught, most of all.
 *
 * @property text its last bytes, at most {@link wordsMost}
 */
export interface Words {
  readonly process: string;
  readonly text: string;
}

/** Bytes that are kept of what one command says. */
export const wordsMost = 4096;

/** The end of a lane in the trace; of a process that died, of the lane only under which that stands. `nowMs` as elsewhere. */
export interface LaneEnd {
  readonly lane: string;
  readonly step: number;
  readonly nowMs: number;
}

/** What a run leaves. */
export interface History {
  readonly format: typeof historyFormat;
  readonly plan: Plan;
  readonly end: 'done' | 'stopped' | 'cut off';
  readonly steps: number;
  readonly switchPoints: number;
  readonly virtualMs: number;
  /** SHA-256 over all records and observations in order. */
  readonly hash: string;
  readonly observations: readonly Observation[];
  readonly endings: readonly { readonly lane: string; readonly ending: Ending }[];
  /** In order. */
  readonly laneEnds: readonly LaneEnd[];
  /** In the order in which they struck; a fault that never struck has none. */
  readonly strikes: readonly Strike[];
  /** Processes that did not return by themselves, in the order in which they were started. */
  readonly deaths: readonly Death[];
  /** In the order of the first such write. */
  readonly strayWrites: readonly StrayWrites[];
  /** In the order of the first write to each. */
  readonly written: readonly WrittenFile[];
  /** Databases that SQLite has read or written in a process, and what these were copied or renamed to, by name, in the order of the first such step. */
  readonly databases: readonly string[];
  /** By program that the run began with: has a process on it, or one that such a process has started, read or written a database? */
  readonly atWork: { readonly [program: string]: boolean };
  /** Processes that the run began with and that are commands. */
  readonly commands: readonly string[];
  /** In the order in which they were refused. */
  readonly refusals: readonly Refusal[];
  /** How often each mark was reached. */
  readonly marks: { readonly [name: string]: number };
  /** In order. There is none labelled `end` when every lane had ended before the plan's end. */
  readonly looks: readonly Look[];
  readonly autopsy: Autopsy;
  /** Of commands that have printed something, in the order in which they were started. Not in the hash: it may hold anything. */
  readonly words?: readonly Words[];
  /** Where the schedule left the default. */
  readonly preemptions: readonly Preemption[];
}

/** The last step before lanes were asked to end, at the plan's end; Infinity where all had ended before. */
export function askedToEnd({ looks }: Pick<History, 'looks'>): number {
  return looks.find(({ label }) => label === 'end')?.step ?? Infinity;
}
