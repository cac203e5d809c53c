// Copies of database files past SQLite: as a whole, or read in pieces and written again; and what others wrote to the
// originals meanwhile. What stays out: what is written over by a copy (observe/file-table.ts).
import { posix } from 'node:path';
import { type TraceStep, argument } from '../observe/trace.ts';

/** One file: read from step `first` to step `last`, in so many pieces. */
export interface Copied {
  readonly from: string;
  readonly to: string;
  readonly first: number;
  readonly last: number;
  readonly pieces: number;
}

/** Copies that belong together: those of a database and of what lies beside it, by one lane. */
export interface CopySet {
  readonly lane: string;
  readonly copies: Copied[];
  /** Writes of others to the originals between its first step and its last, and who began a -wal of theirs anew. */
  readonly meanwhile: {
    readonly lane: string;
    readonly step: number;
    readonly file: string;
    readonly begins: boolean;
  }[];
}

interface Reading {
  first: number;
  last: number;
  pieces: number;
}

const isDatabase = (name: string): boolean => /\.db(-wal|-journal)?$/.test(name);
const databaseOf = (name: string): string => name.replace(/-(wal|journal)$/, '');

const walHeaderBytes = 32;

export class Copies {
  readonly #sets: CopySet[] = [];
  /** Reads of database files as plain files, by lane and file, that no write has followed yet. */
  readonly #readings = new Map<string, Map<string, Reading>>();
  /** Writes of SQLite to database files. */
  readonly #writes: CopySet['meanwhile'] = [];

  see(step: TraceStep): void {
    const name = posix.normalize(step.file ?? '');
    if (step.op === 'write' && step.rc === 'SQLITE_OK' && isDatabase(name)) {
      const begins =
        step.role === 'wal' && argument(step, 'offset') === 0 && argument(step, 'length') === walHeaderBytes;
      this.#writes.push({ lane: step.lane, step: step.step, file: name, begins });
    }
    if (step.rc !== 0) return;
    const { step: at, lane } = step;
    if (step.op === 'copy' && isDatabase(name))
      this.#copied(lane, { from: name, to: posix.normalize(step.text ?? ''), first: at, last: at, pieces: 1 });
    else if (step.op === 'fileRead' && isDatabase(name)) this.#read(step, name);
    else if (step.op === 'fileWrite') this.#written(step, name);
  }

  /** Sets during which others wrote to the originals. */
  torn(): readonly CopySet[] {
    return this.#sets.flatMap(({ lane, copies }) => {
      const first = Math.min(...copies.map((copy) => copy.first));
      const last = Math.max(...copies.map((copy) => copy.last));
      const databases = new Set(copies.map(({ from }) => databaseOf(from)));
      const meanwhile = this.#writes.filter(
        (write) =>
          write.step > first && write.step < last && write.lane !== lane && databases.has(databaseOf(write.file)),
      );
      return meanwhile.length === 0 ? [] : [{ lane, copies, meanwhile }];
    });
  }

  #read({ lane, step }: TraceStep, name: string): void {
    const own = this.#readings.get(lane) ?? new Map<string, Reading>();
    this.#readings.set(lane, own);
    const reading = own.get(name) ?? { first: step, last: step, pieces: 0 };
    own.set(name, reading);
    reading.last = step;
    reading.pieces++;
  }

  /** What was read last is what is written. */
  #written({ lane }: TraceStep, to: string): void {
    const readings = this.#readings.get(lane);
    const last = [...(readings ?? [])].toSorted((a, b) => b[1].last - a[1].last)[0];
    if (last === undefined) return;
    const [from, reading] = last;
    readings?.delete(from);
    if (from !== to) this.#copied(lane, { from, to, ...reading });
  }

  #copied(lane: string, copy: Copied): void {
    const set = this.#sets.findLast((one) => one.lane === lane);
    const goesOn =
      set !== undefined &&
      set.copies.some(({ from }) => databaseOf(from) === databaseOf(copy.from)) &&
      set.copies.every(({ from }) => from !== copy.from);
    if (goesOn) set.copies.push(copy);
    else this.#sets.push({ lane, copies: [copy], meanwhile: [] });
  }
}
