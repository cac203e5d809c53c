// A step as the history sees it, and who may look at steps while a run goes on. What stays out: the wire (gate/).
import type { RawRecord } from './record.ts';

/**
 * One step, in words: a line of a trace.
 *
 * @property nowMs virtual ms since the run's start
 * @property op an operation (operations.ts)
 * @property role of the file: db, wal, shm, journal or other
 * @property file its name in the world
 * @property handle number of the connection's file within its lane
 * @property args by name (record.ts)
 * @property rc a result code by name (`SQLITE_BUSY`), or the number that came of what is not SQLite's
 * @property injected a fault of the plan failed it
 */
export interface TraceStep {
  readonly step: number;
  readonly lane: string;
  readonly nowMs: number;
  readonly op: string;
  readonly role?: string;
  readonly file?: string;
  readonly handle?: number;
  readonly args?: { readonly [name: string]: number | string };
  readonly rc: string | number;
  readonly injected?: true;
  readonly text?: string;
}

/** The lane that took a step: just what a history needs to know of it. */
export interface StepLane {
  readonly name: string;
  readonly process: { readonly name: string };
  /** File names by number. */
  readonly files: readonly string[];
}

/** Sees every step of a run, in order. The record is reused: copy what you keep. */
export interface StepSink {
  see(step: number, record: Readonly<RawRecord>, lane: StepLane, nowMs: number): void;
}
