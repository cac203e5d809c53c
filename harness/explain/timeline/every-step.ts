// Keeps every step of a run, in words: what a timeline is made from. What stays out: leaving steps out, which the
// explanation's own book does (explain/run-steps.ts).
import type { RawRecord } from '../../model/record.ts';
import type { StepLane, StepSink } from '../../model/step.ts';
import { StatementBook } from '../statements.ts';
import { traceStep, type TraceStep } from '../../observe/trace.ts';

export class EveryStep implements StepSink {
  /** In order: a step's place is its number. A run that is made once more writes over what there is of it. */
  readonly steps: TraceStep[] = [];
  readonly statements = new StatementBook();

  see(step: number, record: Readonly<RawRecord>, lane: StepLane, nowMs: number): void {
    this.steps[step] = traceStep(step, record, lane, nowMs);
  }

  hear(step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    this.statements.hear(step, record, lane);
  }
}
