// What one run may take of the machine, where the plan alone does not show it: a plan is a file from a stranger, and a
// small one can ask for processes or bytes without end. Each bound is far above what any useful plan has taken; whoever
// meets one is told which, and the run ends. What stays out: bounds that a plan's text shows (model/plan.ts), and steps
// and virtual time, which the plan says itself.
import { usageError } from '../errors/errors.ts';
import { op } from '../model/operations.ts';
import type { RawRecord } from '../model/record.ts';
import type { ProcessState } from './lanes.ts';

/** Real milliseconds between two turns of the event loop. */
export const breathMs = 100;

/** Virtual time that lanes have to end after they were asked to stop. */
export const graceMs = 3_600_000;

const gibibyte = 2 ** 30;

export const runBounds = {
  processesAtOnce: 100,
  processes: 2000,
  lanes: 5000,
  /** The gate numbers so many names a lane, and no more (gate.c, NAMES_MAX). */
  namesOfALane: 4000,
  fileBytes: gibibyte,
  bytesWritten: 64 * gibibyte,
  /** Characters of observations, messages and labels, which the history keeps. */
  charactersSaid: gibibyte / 2,
  realMs: 3_600_000,
} as const;

function tooMuch(what: string, most: number, unit: string): Error {
  return usageError(
    'RUN_TOO_MUCH',
    `The plan asks for too much: its run has ${what}; at most ${most.toLocaleString('en-GB')} ${unit}.`,
    'Take faults, operations or virtual time out of the plan.',
  );
}

export class RunBounds {
  #written = 0;
  #said = 0;
  readonly #beganMs = performance.now();

  /** Before a process starts: `all` there were so far. */
  process(all: readonly Pick<ProcessState, 'ending'>[]): void {
    const { processes, processesAtOnce } = runBounds;
    const living = all.filter(({ ending }) => ending === undefined).length;
    if (living >= processesAtOnce) throw tooMuch('more processes at once', processesAtOnce, 'may live at once');
    if (all.length >= processes) throw tooMuch('more processes in all', processes, 'may be started');
  }

  /** Before a lane starts: `all` there were so far. */
  lane(all: number): void {
    if (all >= runBounds.lanes) throw tooMuch('more lanes', runBounds.lanes, 'may be started');
  }

  /** A lane has met so many names of files. */
  names(count: number): void {
    if (count > runBounds.namesOfALane) {
      throw tooMuch('a lane with more files', runBounds.namesOfALane, 'files may be touched by a lane');
    }
  }

  /** Follows a step of any lane. */
  see({ op: operation, rc, a, b, text }: Readonly<RawRecord>): void {
    this.#said += text.length;
    if (this.#said > runBounds.charactersSaid) {
      throw tooMuch('more words', runBounds.charactersSaid, 'characters may be observed and sent');
    }
    if (rc !== 0) return;
    if (operation === op.write || operation === op.fdWrite) this.#holds(a, b + a);
    else if (operation === op.truncate || operation === op.fdTruncate) this.#holds(0, b);
    else if (operation === op.fileWrite || operation === op.copy) this.#holds(b, b);
  }

  /** Now and then. */
  time(): void {
    if (performance.now() - this.#beganMs <= runBounds.realMs) return;
    throw tooMuch('taken more real time', runBounds.realMs / 60_000, 'minutes may pass');
  }

  #holds(written: number, length: number): void {
    this.#written += written;
    if (length > runBounds.fileBytes) throw tooMuch('a longer file', runBounds.fileBytes, 'bytes may be in a file');
    if (this.#written > runBounds.bytesWritten) {
      throw tooMuch('written more', runBounds.bytesWritten, 'bytes may be written');
    }
  }
}
