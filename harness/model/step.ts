// A step as the history sees it, and who may look at steps while a run goes on. What stays out: the wire (gate/).
import { op } from './operations.ts';
import type { RawRecord } from './record.ts';

/**
 * One step, in words: a line of a trace.
 *
 * @property nowMs virtual ms since the run's start
 * @property op an operation (operations.ts)
 * @property role of the file: db, wal, shm, journal or other
 * @property file its name in the world
 * @property handle number of the open file, among those that one lane has opened: `opener`, where that is not `lane` itself
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
  readonly opener?: string;
  readonly args?: { readonly [name: string]: number | string };
  readonly rc: string | number;
  readonly injected?: true;
  readonly text?: string;
}

/**
 * The lane that took a step: just what a history needs to know of it.
 *
 * @property process its lanes are all that it has had in this run; `parent` is the process that started it
 */
export interface StepLane {
  readonly name: string;
  readonly process: {
    readonly name: string;
    readonly parent?: string | undefined;
    readonly lanes: readonly { readonly name: string; readonly number: number }[];
  };
  /** File names by number. */
  readonly files: readonly string[];
}

/**
 * The lane that opened the file of a step, and numbered it. Where that is another than the one that takes the step, the text of
 * the step is its number (gate.c, openerOf).
 */
export function openerOf({ op: operation, handle, text }: Readonly<RawRecord>, { name, process }: StepLane): string {
  if (handle === 0 || text === '' || operation === op.fdOpen) return name;
  return process.lanes.find(({ number }) => number === Number(text))?.name ?? name;
}

/** Sees every step of a run, in order. The record is reused: copy what you keep. */
export interface StepSink {
  see(step: number, record: Readonly<RawRecord>, lane: StepLane, nowMs: number): void;
  /**
   * Where a sink has this, lanes tell what they do in SQL (gate/gate-statements.c), and the run is the same one.
   *
   * @param step number of the next step
   */
  hear?(step: number, record: Readonly<RawRecord>, lane: StepLane): void;
}
