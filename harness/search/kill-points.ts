// Where in a run somebody can be killed, or a step can fail. What stays out: doing it (crash-sweep.ts).
import { didYouMean } from '../errors/did-you-mean.ts';
import { usageError } from '../errors/errors.ts';
import { type Operation, op, operations } from '../model/operations.ts';
import type { Fault } from '../model/fault.ts';
import type { RawRecord } from '../model/record.ts';
import type { StepLane, StepSink } from '../model/step.ts';
import type { SweepFault, SweepStrike } from '../model/sweep-strike.ts';
import { eioCode } from '../run/faults/io-hiccup.ts';

/**
 * A place to kill at: before step `step`.
 *
 * @property fails not killed: this step of it fails with this code
 * @property struck not killed: this fault strikes before its step
 */
export interface KillPoint {
  readonly step: number;
  readonly process: string;
  readonly fails?: { readonly lane: string; readonly op: Operation; readonly code: string };
  readonly struck?: SweepFault;
}

export function faultAt({ step, process, fails, struck }: KillPoint): Fault {
  if (struck !== undefined) return { ...struck, at: { step } };
  return fails === undefined ? { kind: 'kill', at: { step }, process } : { kind: 'io-error', at: { step }, ...fails };
}

/** Steps that a lane cannot stand before, and steps of the coordinator's own (run/faults/fault.ts). */
const unreachable: ReadonlySet<number> = new Set([op.end, op.raw, op.fault, op.quiet, op.statement, op.randomness]);

/** Finds the kill points of a run. */
export class KillPoints implements StepSink {
  readonly #victims = new Set<string>();
  readonly #victim: string | undefined;
  readonly #kind: SweepStrike;
  readonly #points: KillPoint[] = [];
  /** First and last step of the victim: outside of them it is not there yet, or no more. */
  #first = Infinity;
  #last = -1;

  constructor(victim: string | undefined, kind: SweepStrike = 'kill') {
    this.#victim = victim;
    this.#kind = kind;
  }

  see(step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    const { name } = lane.process;
    this.#victims.add(name);
    if (name === this.#victim) {
      this.#first = Math.min(this.#first, step);
      this.#last = step;
    }
    if (unreachable.has(record.op)) return;
    if (this.#kind === 'kill') this.#points.push({ step, process: this.#victim ?? name });
    else if (this.#kind === 'error') this.#mayFail(step, record, lane);
    else if ((this.#victim ?? name) === name) this.#points.push({ step, process: name, struck: this.#kind });
  }

  /** Of a given process only its own steps. */
  #mayFail(step: number, record: Readonly<RawRecord>, { name, process }: StepLane): void {
    const operation = operations[record.op];
    const code = eioCode(record);
    if (code === undefined || operation === undefined || (this.#victim ?? process.name) !== process.name) return;
    this.#points.push({ step, process: process.name, fails: { lane: name, op: operation, code } });
  }

  /** Throws a usage error when the victim takes no step. */
  checkVictim(): void {
    if (this.#victim === undefined || this.#victims.has(this.#victim)) return;
    throw usageError(
      'UNKNOWN_PROCESS',
      `No process "${this.#victim}" takes a step in this run.${didYouMean(this.#victim, this.#victims)}`,
      `Those that do: ${[...this.#victims].join(', ')}.`,
    );
  }

  within(from: number, to: number): readonly KillPoint[] {
    const [first, last] = this.#victim === undefined ? [0, Infinity] : [this.#first, this.#last];
    return this.#points.filter(({ step }) => step >= Math.max(from, first) && step <= Math.min(to, last));
  }
}
