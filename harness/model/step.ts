// A step as the history sees it, and who may look at steps while a run goes on. What stays out: the wire (gate/).
import type { RawRecord } from './record.ts';

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
