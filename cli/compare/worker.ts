// A worker of a comparison: a process that visits cells. This side starts it and tells it where to go; worker-main.ts is the
// other. What stays out: what a visit is (visit.ts).
import { fileURLToPath } from 'node:url';
import { type ErrorSaid, harnessError } from '../../harness/errors.ts';
import { AskedProcess } from '../../harness/explore/asked-process.ts';
import { keyOf } from './cells.ts';
import type { VisitOrder, VisitReport } from './visit.ts';

export type ToWorker = { readonly visit: VisitOrder } | { readonly stop: true };

/** @property stopped the visit ended because it was told to, not because it was done */
export type WorkerAnswer =
  | { readonly report: VisitReport; readonly stopped: boolean }
  | { readonly error: ErrorSaid; readonly seconds: number; readonly stopped: boolean };

const program = fileURLToPath(new URL('./worker-main.ts', import.meta.url));

export class Worker {
  #process: AskedProcess<ToWorker, WorkerAnswer> | undefined;
  #at = '';

  /** A worker that died is replaced by the next visit; the cell that it was in has an error. */
  async visit(order: VisitOrder): Promise<WorkerAnswer> {
    this.#at = keyOf(order.cell);
    const began = performance.now();
    this.#process ??= new AskedProcess({ program, died: (how) => workerDied(how, this.#at) });
    try {
      return await this.#process.ask({ visit: order });
    } catch (error) {
      this.#process = undefined;
      if (!(error instanceof Error && 'remedy' in error)) throw error;
      const { message, remedy } = error as Error & ErrorSaid;
      const said: ErrorSaid = { kind: 'harness', code: 'WORKER_DIED', message, remedy };
      return { error: said, seconds: (performance.now() - began) / 1000, stopped: false };
    }
  }

  /** Ends the visit it is in as soon as that may be. */
  stop(): void {
    this.#process?.tell({ stop: true });
  }

  async close(): Promise<void> {
    await this.#process?.close();
    this.#process = undefined;
  }
}

function workerDied(how: string, cell: string): Error {
  return harnessError(
    'WORKER_DIED',
    `A worker of the comparison died (${how}) in the cell ${cell}.`,
    'Run the cell by itself, with `npx lockstep run`, to see why.',
  );
}
