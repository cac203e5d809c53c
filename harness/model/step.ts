// A step as the history sees it, and who may look at steps while a run goes on. What stays out: the wire (gate/).
import { op } from './operations.ts';
import type { RawRecord } from './record.ts';

/**
 * The lane that took a step: just what a history needs to know of it.
 *
 * @property process its lanes are all that it has had in this run
 */
export interface StepLane {
  readonly name: string;
  readonly process: {
    readonly name: string;
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
}
