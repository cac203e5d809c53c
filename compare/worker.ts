// A worker of a comparison: a process that visits cells. This side starts it and tells it where to go; worker-main.ts is the
// other. What stays out: what a visit is (visit.ts).
import { fileURLToPath } from 'node:url';
import { type ErrorSaid, harnessError, LockstepError, sayError } from '../harness/errors/errors.ts';
import { AskedProcess } from '../harness/search/asked-process.ts';
import { keyOf } from './cells.ts';
import type { VisitOrder, VisitReport } from './visit.ts';

/** @property stopped the visit ended because it was told to, not because it was done */
export type WorkerAnswer =
  | { readonly report: VisitReport; readonly stopped: boolean }
  | { readonly error: ErrorSaid; readonly seconds: number; readonly stopped: boolean };

const program = fileURLToPath(new URL('./worker-main.ts', import.meta.url));

export class Worker {
  readonly #process: AskedProcess<VisitOrder, WorkerAnswer>;
  #at = '';

  constructor() {
    this.#process = new AskedProcess<VisitOrder, WorkerAnswer>({
      program,
      interrupted: ({ stopped }) => stopped,
      died: (how) => workerDied(how, this.#at),
    });
  }

  /** See {@link AskedProcess}. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** A worker that dies is replaced, and the visit made again; a cell that kills one after the other has an error. */
  async visit(order: VisitOrder): Promise<WorkerAnswer> {
    this.#at = keyOf(order.cell);
    const began = performance.now();
    try {
      return await this.#process.ask(order);
    } catch (error) {
      if (!(error instanceof LockstepError)) throw error;
      const seconds = (performance.now() - began) / 1000;
      return { error: sayError(error, error.code), seconds, stopped: this.#process.stopped };
    }
  }

  /** Ends the visit it is in as soon as that may be. */
  stop(): void {
    this.#process.stop();
  }

  close(): Promise<void> {
    return this.#process.close();
  }
}

function workerDied(how: string, cell: string): Error {
  return harnessError(
    'WORKER_DIED',
    `The workers of the comparison died one after the other in the cell ${cell} (the last one: ${how}).`,
    'Run the cell by itself, with `npx lockstep run`, to see why. Most likely the machine is out of memory.',
  );
}
