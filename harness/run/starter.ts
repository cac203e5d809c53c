// What starts simulated processes: one implementation for each host (node-starter.ts, native-starter.ts). What stays out: when
// they are started and what becomes of them (pool.ts).
import type { ChildProcess } from 'node:child_process';

/** The FIFOs of one thread, absolute paths. */
export interface Fifos {
  readonly in: string;
  readonly out: string;
}

/**
 * @property main of the main thread
 * @property threads to start along with it
 * @property writable folders below which it may write
 * @property logPath gets what it prints on its standard error
 * @property inPath its standard input
 * @property outPath gets what it prints on its standard output
 * @property worlds the folder it is to stand in
 * @property detached by a launcher that exits: a real orphan
 * @property stop asked while it is waited for; true ends the wait with RunInterrupted
 */
export interface StartOrder {
  readonly main: Fifos;
  readonly threads: readonly Fifos[];
  readonly writable: readonly string[];
  readonly logPath: string;
  readonly inPath: string;
  readonly outPath: string;
  readonly worlds: string;
  readonly detached: boolean;
  readonly stop: () => boolean;
}

/** @property child where Node knows the process, and collects it when it is dead */
export interface Started {
  readonly pid: number;
  readonly child: ChildProcess | undefined;
}

export interface ProcessStarter {
  /**
   * Its processes are programs of their own (model/process.ts, CommandProgram), this command: one serves once, and ends as it
   * pleases. Undefined: they serve programs over World.
   */
  readonly own: string | undefined;
  /** Returns when the process exists; it says hello when it is ready. @throws harness errors; RunInterrupted */
  start(order: StartOrder): Started;
  /** Gives up what starting takes; processes that were started go on. */
  close(): void;
}

/** Milliseconds of its own time that a process may take to start. */
export const startMs = 30_000;

/** What the system says of a process that lets nobody be adopted. */
export const noOrphans = {
  code: 'NO_ORPHANS',
  message: 'This system cannot hand an orphan to the coordinator (prctl PR_SET_CHILD_SUBREAPER), so none can be made.',
  remedy: 'Run plans with detached processes on Linux.',
} as const;
