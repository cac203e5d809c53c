// The steps of a run, kept for an explanation: in words, by number, and by lane. What stays out: steps that change and
// show nothing, such as questions about a file, of which a run has as many as of all others.
import { op, operations } from '../model/operations.ts';
import type { RawRecord } from '../model/record.ts';
import type { StepLane, StepSink } from '../model/step.ts';
import { StatementBook } from './statements.ts';
import { traceStep, type TraceStep } from '../observe/trace.ts';

const passedOver: ReadonlySet<number> = new Set([
  op.access,
  op.fileSize,
  op.fileControl,
  op.randomness,
  op.time,
  op.stat,
  op.lstat,
  op.fdStat,
  op.fdScan,
  op.fdRead,
  op.exists,
  op.list,
  op.tell,
  op.quiet,
  op.fault,
]);

const namesPassedOver: ReadonlySet<string> = new Set([...passedOver].flatMap((number) => operations[number] ?? []));

/** Is it a step that an explanation is made from? */
export function isExplained(step: TraceStep): boolean {
  return !namesPassedOver.has(step.op);
}

/** Keeps the steps of one run that an explanation is made from. */
export class StepBook implements StepSink {
  readonly steps: TraceStep[] = [];
  readonly statements = new StatementBook();

  see(step: number, record: Readonly<RawRecord>, lane: StepLane, nowMs: number): void {
    if (!passedOver.has(record.op)) this.steps.push(traceStep(step, record, lane, nowMs));
  }

  hear(step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    this.statements.hear(step, record, lane);
  }
}

/** Place of the first step with a number of at least `from`. */
function placeOf(steps: readonly TraceStep[], from: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle]?.step ?? Infinity) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Steps under a lane's name that it did not take: a fault, and what came of its statement. */
const ofCoordinator: ReadonlySet<string> = new Set(['fault', 'statement']);

/** The first step that a lane took itself from number `from` on; undefined when it took none. */
export function nextStepOf(steps: readonly TraceStep[], lane: string, from: number): TraceStep | undefined {
  for (let i = placeOf(steps, from); i < steps.length; i++)
    if (steps[i]?.lane === lane && !ofCoordinator.has(steps[i]?.op ?? '')) return steps[i];
  return undefined;
}

/** The last step before number `before`; undefined before the first. */
export function stepBefore(steps: readonly TraceStep[], before: number): TraceStep | undefined {
  return steps[placeOf(steps, before) - 1];
}
