// Pages that transactions read and write, as far as steps show which: of the database file by their place, of a -wal by a checkpoint or a read of
// the database that had the same bytes. What stays out: which rows are in them.
import { argument, type TraceStep } from '../observe/trace.ts';

const pageBytesMin = 512;

/**
 * A page that was read or written.
 *
 * @property sum of its bytes; @property number 1 for the first page of the database; undefined in a -wal
 */
export interface PageVersion {
  readonly sum: number;
  readonly number: number | undefined;
}

/** The page that a step reads or writes; undefined where that is none: a header, a part, the journal. */
export function pageIn(step: TraceStep): PageVersion | undefined {
  const { op, role } = step;
  const length = argument(step, 'length');
  if ((op !== 'read' && op !== 'write') || length < pageBytesMin || (length & (length - 1)) !== 0) return undefined;
  if (role === 'wal') return { sum: argument(step, 'sum'), number: undefined };
  return role === 'db' ? { sum: argument(step, 'sum'), number: argument(step, 'offset') / length + 1 } : undefined;
}

/** Which pages versions are of. */
export class PageNumbers {
  readonly #numbers = new Map<number, number>();

  /** Enters a step. */
  see(step: TraceStep): void {
    const page = step.rc === 'SQLITE_OK' ? pageIn(step) : undefined;
    if (page?.number !== undefined) this.#numbers.set(page.sum, page.number);
  }

  /** Those that are known, each once, in order. */
  of(versions: readonly PageVersion[]): readonly number[] {
    const known = versions.flatMap(({ sum, number }) => number ?? this.#numbers.get(sum) ?? []);
    return [...new Set(known)].toSorted((a, b) => a - b);
  }
}
