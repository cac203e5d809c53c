// What a fault may do to a run (the host), and what a kind of fault is. One file a fault beside this one, one line each in
// catalogue.ts. What stays out: where it strikes and how a plan says so (model/fault.ts), and the scheduling around them.
import type { Loss } from '../../model/crash.ts';
import type { RawRecord } from '../../model/record.ts';
import type { Address, FaultName } from '../../model/fault.ts';
import type { StartProcess } from '../../model/process.ts';

/** A step that has not happened yet, as far as a failure rule judges by it; `file` is its name below the world. */
export type StepAhead = Readonly<Pick<RawRecord, 'op' | 'role' | 'a' | 'b' | 'sum' | 'text'>> & {
  readonly file: string;
};

/**
 * Fails matching steps: the coordinator applies it until it is lifted or, with `once`, used up. It is not asked about
 * steps that have no way to fail.
 *
 * @property codeOf the SQLite code that the step must fail with; undefined lets it pass. A raw file operation becomes
 *   ENOSPC by SQLITE_FULL and EIO by any other code
 * @property ops operations (wire numbers) it may match: all when undefined. Lanes park before each of them while it holds
 * @property roles file roles it may match: all when undefined
 */
export interface FailureRule {
  codeOf(step: StepAhead): number | undefined;
  readonly lane?: string | undefined;
  readonly process?: string | undefined;
  readonly ops?: readonly number[] | undefined;
  readonly roles?: readonly number[] | undefined;
  readonly once: boolean;
  readonly until?: Address | undefined;
  /** It has been lifted. */
  lifted?(): void;
}

/** A living process as a fault sees it, by the trace alone. */
export interface LivingProcess {
  readonly name: string;
  /** Its control group; undefined when it is in none. */
  readonly group: string | undefined;
  /** Lanes that have not ended. */
  readonly lanes: number;
  /** Files that SQLite has open in it: databases, -wal and journals, one each time it was opened. */
  readonly handles: number;
}

/** What a fault may do, when it strikes. Names are logical, files below the world's directory. */
export interface FaultHost {
  /** The lane about to run, where the address names none. */
  readonly lane: string | undefined;
  /** The database that faults mean when they name none. */
  readonly database: string;
  /** The program that makes a database where there is none. */
  readonly setup: StartProcess;
  /** Virtual ms since the run's start. */
  readonly nowMs: number;
  /** Uniform in [0, 1), from a stream that depends on the plan's seed and on which fault of the plan this is. */
  random(): number;
  processOf(lane: string): string;
  /** What a process of this run, living or dead, was started on. */
  startOf(process: string): StartProcess | undefined;
  /** In the order in which they were started. */
  living(): readonly LivingProcess[];
  /** SIGKILL, and waits until the kernel has dropped its files and locks. */
  kill(process: string): void;
  /** The lane's pending write stores its first `bytes` bytes only, then the process is dead. */
  tearAndDie(lane: string, bytes: number): void;
  pause(lane: string, ms: number): void;
  /** The collector of the lane's process runs in it. Result: false where such a process has none. */
  collect(lane: string): boolean;
  /** The process opens, reads and closes each file raw. */
  rawRead(process: string, files: readonly string[]): void;
  fail(rule: FailureRule): void;
  /** Every process dies, the disk becomes what is left, and after so many virtual ms the machine is on again. */
  losePower(loss: Loss, offMs: number): void;
  /**
   * SIGKILL to the run's PostgreSQL server.
   *
   * @param offMs until it is started again, virtual; 0: at once
   * @returns false where there is none, or it is off
   */
  killServer(offMs: number): boolean;
  /** The run's PostgreSQL server makes a checkpoint. Result: false where there is none, or it is off. */
  checkpointServer(): boolean;
  /** From now on no table and no index of the run's PostgreSQL server can grow, or they can again; nothing where there is none. */
  fillServerDisk(isFull: boolean): void;
  /** A server dies in the middle of the statement before which a lane stands. Result: false where it stands before none. */
  killServerInside(lane: string, nth: number): boolean;
  /** The statement before which a lane stands is the last of its connection. Result: false where it stands before none. */
  cutConnection(lane: string, when: 'before' | 'after'): boolean;
  /** A name that nobody in this run has: `<stem>-<n>`, with the smallest n from 1 on. */
  freeName(stem: string): string;
  /**
   * Starts a process, in no control group.
   *
   * @param how.detached by a launcher that exits: a real orphan
   * @param how.lasts the fault lasts until that process has ended
   */
  start(process: StartProcess, how: { readonly detached?: boolean; readonly lasts: boolean }): void;
  /** Length in bytes; undefined when there is no such file. */
  sizeOf(file: string): number | undefined;
  read(file: string): Buffer | undefined;
  /**
   * Changes bytes of a file from outside: no lane does it, and no lock of anybody is touched.
   *
   * @param page of a b-tree that they are, and whose it is; without one they are the header's
   */
  overwrite(
    file: string,
    offset: number,
    bytes: Uint8Array,
    page?: { readonly number: number; readonly owner: string },
  ): void;
  /** Names of the files of a folder, sorted; none where there is no such folder. */
  filesIn(folder: string): readonly string[];
  /** Of a file only so many bytes stay. */
  cut(file: string, bytes: number): void;
  /** Files, or empty folders, lose their names: whoever has one open keeps it. */
  remove(names: readonly string[]): void;
  /** A sentence for the trace and the strike: what it found and did, or why nothing came of it. */
  note(sentence: string): void;
}

/** One kind of fault. */
export interface FaultKind<Spec extends { readonly kind: FaultName; readonly at: Address }> {
  readonly kind: Spec['kind'];
  readonly says: string;
  /** Does it, at its address. */
  strike(spec: Spec, host: FaultHost): void;
}

/** The process a fault means: named, or that of the lane in its address, or that of the lane about to run. */
export function victimProcess(
  spec: { readonly at: Address; readonly process?: string | undefined },
  host: FaultHost,
): string | undefined {
  if (spec.process !== undefined) return spec.process;
  const lane = victimLane(spec, host);
  return lane === undefined ? undefined : host.processOf(lane);
}

/** The lane a fault means: named, or the one in its address, or the one about to run. */
export function victimLane(
  spec: { readonly at: Address; readonly lane?: string | undefined },
  host: FaultHost,
): string | undefined {
  return spec.lane ?? ('lane' in spec.at ? spec.at.lane : host.lane);
}
