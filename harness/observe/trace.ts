// The trace on demand: every step of a run as a line of JSON (NDJSON), versioned, with names for numbers. What stays
// out: the hash, which is taken over the records themselves (run/run.ts).
import { usageError } from '../errors/errors.ts';
import type { Plan } from '../model/plan.ts';
import { resultCodeName } from '../model/result-codes.ts';
import { op, operations, role, roles } from '../model/operations.ts';
import { type RawRecord, recordFlag, decode } from '../model/record.ts';
import { GrowingFile } from '../host/write-whole.ts';
import { openerOf, type StepLane, type StepSink, type TraceStep } from '../model/step.ts';

export type { TraceStep };

/** Version of the trace format: rises when a field changes its meaning. */
export const traceFormat = 1;

const lockNames = ['NONE', 'SHARED', 'RESERVED', 'PENDING', 'EXCLUSIVE'];

/** The arguments of a step by name. */
function argsOf(record: Readonly<RawRecord>): TraceStep['args'] {
  const operation = operations[record.op];
  if (operation === undefined || !(operation in decode)) return undefined;
  const args = decode[operation as keyof typeof decode](record);
  return 'level' in args ? { level: lockNames[args.level] ?? args.level } : args;
}

export function traceStep(step: number, record: Readonly<RawRecord>, lane: StepLane, nowMs: number): TraceStep {
  const touchesFile = record.role !== role.none;
  const name = lane.files[record.file] ?? '';
  // The wal-index is reached through the file handle of its database.
  const file = record.role === role.shm && record.handle !== 0 ? `${name}-shm` : name;
  const args = argsOf(record);
  const raw = record.op >= op.step || record.op === op.raw;
  const opener = openerOf(record, lane);
  return {
    step,
    lane: lane.name,
    nowMs,
    op: operations[record.op] ?? String(record.op),
    ...(touchesFile ? { role: roles[record.role] ?? '', file } : {}),
    ...(record.handle === 0 ? {} : { handle: record.handle }),
    ...(args === undefined ? {} : { args }),
    rc: raw ? record.rc : resultCodeName(record.rc),
    ...((record.flags & recordFlag.injected) === 0 ? {} : { injected: true as const }),
    ...(opener === lane.name ? {} : { opener }),
    ...(record.text === '' || (record.handle !== 0 && record.op !== op.fdOpen) ? {} : { text: record.text }),
  };
}

/** The argument of a step as a number; 0 where it has none. */
export function argument({ args }: TraceStep, name: string): number {
  return Number(args?.[name] ?? 0);
}

/** Writes the trace of one run to a file, as it goes; it has its name once it is closed. */
export class TraceWriter implements StepSink {
  readonly #file: GrowingFile;
  #waiting: string[] = [];
  /** Number of the next step: a run that is made once more is the same one, up to where it came to nothing. */
  #next = 0;

  /** @throws a usage error when the file cannot be made */
  constructor(path: string, plan: Plan) {
    try {
      this.#file = new GrowingFile(path);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw usageError(
        'TRACE_UNWRITABLE',
        `The trace cannot be written: ${reason}.`,
        'Name another file with --trace.',
        error,
      );
    }
    this.#waiting.push(JSON.stringify({ format: traceFormat, plan }));
  }

  see(step: number, record: Readonly<RawRecord>, lane: StepLane, nowMs: number): void {
    if (step < this.#next) return;
    this.#next = step + 1;
    this.#waiting.push(JSON.stringify(traceStep(step, record, lane, nowMs)));
    if (this.#waiting.length >= 1000) this.#flush();
  }

  /** @throws a harness error when the trace is not there as a whole: the run that it is of goes on all the same */
  close(): void {
    this.#flush();
    this.#file.close();
  }

  #flush(): void {
    this.#file.write(`${this.#waiting.join('\n')}\n`);
    this.#waiting = [];
  }
}
