// Pages that transactions read and write, as far as steps show which: of the database file by their place, of a -wal by the checkpoint that
// copied the same frame, or else by a page of the database that had the same bytes next. What stays out: which rows are in them.
import { argument, type TraceStep } from '../observe/trace.ts';

const pageBytesMin = 512;

/**
 * A page that was read or written.
 *
 * @property step that did
 * @property sum of its bytes; @property number 1 for the first page of the database; undefined in a -wal
 * @property frame in which -wal it is, and where; undefined in the database. Which frame lay there, the step tells
 */
export interface PageVersion {
  readonly step: number;
  readonly sum: number;
  readonly number: number | undefined;
  readonly frame: string | undefined;
}

/** The page that a step reads or writes; undefined where that is none: a header, a part, the journal. */
export function pageIn(one: TraceStep): PageVersion | undefined {
  const { step, op, role, file } = one;
  const [length, sum, offset] = [argument(one, 'length'), argument(one, 'sum'), argument(one, 'offset')];
  if ((op !== 'read' && op !== 'write') || length < pageBytesMin || (length & (length - 1)) !== 0) return undefined;
  if (role === 'wal') return { step, sum, number: undefined, frame: `${file} ${offset}` };
  return role === 'db' ? { step, sum, number: offset / length + 1, frame: undefined } : undefined;
}

/** A frame that was written to a -wal. */
interface Frame {
  readonly step: number;
  number: number | undefined;
}

/** Which pages versions are of. Bytes alone do not tell: two pages may have the same, or one the same again. */
export class PageNumbers {
  /** By the places of -wals, in the order in which they were written. */
  readonly #frames = new Map<string, Frame[]>();
  /** Pages of the database by their bytes, in order. */
  readonly #sightings = new Map<number, { readonly step: number; readonly number: number }[]>();
  /** The page of a -wal that each lane read last. */
  readonly #read = new Map<string, PageVersion>();

  /** Enters a step. */
  see(step: TraceStep): void {
    const page = step.rc === 'SQLITE_OK' ? pageIn(step) : undefined;
    if (page?.number !== undefined) this.#inDatabase(step, page, page.number);
    else if (page?.frame !== undefined && step.op === 'read') this.#read.set(step.lane, page);
    else if (page?.frame !== undefined) add(this.#frames, page.frame, { step: step.step, number: undefined });
  }

  #inDatabase({ lane, op }: TraceStep, { step, sum }: PageVersion, number: number): void {
    add(this.#sightings, sum, { step, number });
    // A checkpoint reads a frame and writes it to the database at once (wal.c, walCheckpoint).
    const read = op === 'write' ? this.#read.get(lane) : undefined;
    const frame = read?.sum === sum ? this.#frameOf(read) : undefined;
    if (frame !== undefined) frame.number ??= number;
  }

  #frameOf({ frame, step }: PageVersion): Frame | undefined {
    return frame === undefined ? undefined : this.#frames.get(frame)?.findLast((one) => one.step <= step);
  }

  #sighted({ sum, step }: PageVersion): number | undefined {
    const sightings = this.#sightings.get(sum);
    return (sightings?.find((one) => one.step >= step) ?? sightings?.at(-1))?.number;
  }

  /** Those that are known, each once, in order. */
  of(versions: readonly PageVersion[]): readonly number[] {
    const known = versions.flatMap((one) => one.number ?? this.#frameOf(one)?.number ?? this.#sighted(one) ?? []);
    return [...new Set(known)].toSorted((a, b) => a - b);
  }
}

function add<Key, Value>(all: Map<Key, Value[]>, key: Key, value: Value): void {
  const known = all.get(key);
  if (known === undefined) all.set(key, [value]);
  else known.push(value);
}
