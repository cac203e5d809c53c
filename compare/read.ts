// Reads a result document from a file a person named. What stays out: its shape (reports/read-results.ts).
import { LockstepError, usageError } from '../harness/errors/errors.ts';
import { readText } from '../harness/host/read-text.ts';
import { ReportError } from '../reports/errors.ts';
import { readResults } from '../reports/read-results.ts';
import type { Results } from '../reports/results.ts';

/** Hundreds of times what a full comparison has. */
const resultsBytesMax = 256 << 20;

/** Throws a usage error for a file that is not there, or is no result document. */
export function readResultsFile(path: string): Results {
  return asUsage(() => readResults(textOf(path), path));
}

/** Throws a usage error for a file that cannot be read whole. */
export function textOf(path: string): string {
  try {
    return readText(path, resultsBytesMax);
  } catch (error) {
    if (error instanceof LockstepError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw usageError(
      'RESULTS_UNREADABLE',
      `${path} cannot be read: ${reason}.`,
      'Name a results.json of `compare`.',
      error,
    );
  }
}

/**
 * What reports/ says of an input that it cannot take is a usage error of the front door.
 *
 * @param remedy what to do instead of what reports/ advises
 */
export function asUsage<T>(body: () => T, remedy?: string): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof ReportError)) throw error;
    throw usageError(error.code, error.message, remedy ?? error.remedy, error);
  }
}
