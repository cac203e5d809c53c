// A server that restarts, or a connection that is cut, ends no campaign: what was asked is asked again, since all that is asked
// here may be done twice. What stays out: the statements.
import { setTimeout as pause } from 'node:timers/promises';
import { harnessError } from '../../harness/errors/errors.ts';

/**
 * SQLSTATE classes and codes after which the same may be asked again: connection exceptions, insufficient resources, the
 * operator's intervention (a shutdown, a crash, a start that is not done), rollbacks that a repetition mends
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 */
const passing = /^(08|53|57P0[123]|40001|40P01)/;

/** What the system says where no connection came about. */
const unreachable = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]);

/** What the client says of a connection that ended under a statement; it has no code for that. */
const cut = /Connection terminated|connection error|not queryable|timeout exceeded when trying to connect/i;

/** Will the same, asked again, most likely be answered? */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { readonly code?: unknown }).code;
  if (typeof code === 'string' && (passing.test(code) || unreachable.has(code))) return true;
  if (error instanceof AggregateError) return error.errors.some(isPassing);
  return cut.test(error.message);
}

/** Milliseconds: the first pause, the longest, and how long all together. */
export interface Patience {
  readonly firstMs: number;
  readonly mostMs: number;
  readonly wholeMs: number;
}

/** A server has a quarter of an hour to come back. */
export const usualPatience: Patience = { firstMs: 100, mostMs: 5000, wholeMs: 15 * 60_000 };

/**
 * Asks until there is an answer, with pauses that double.
 *
 * @param shown of the store, for the sentence
 * @throws what is no matter of connections at once; a harness error when the server stays away, or `stop` says so meanwhile
 */
export async function patiently<T>(
  body: () => Promise<T>,
  { shown, stop, patience }: { readonly shown: string; readonly stop: () => boolean; readonly patience: Patience },
): Promise<T> {
  const began = performance.now();
  for (let ms = patience.firstMs; ; ms = Math.min(2 * ms, patience.mostMs)) {
    try {
      return await body();
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (stop() || performance.now() - began > patience.wholeMs) throw lost(shown, error);
      await pause(ms);
    }
  }
}

function lost(shown: string, error: unknown): Error {
  const why = error instanceof Error && error.message !== '' ? error.message : 'no connection';
  return harnessError(
    'STORE_LOST',
    `The store ${shown} does not answer: ${why}.`,
    'What was finished is in it. Once the server is there again, the same command goes on.',
    error,
  );
}
