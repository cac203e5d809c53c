// Who was refused a lock again and again, and who had it meanwhile: SQLite's locks, and flock(2) on a file. What stays out:
// refusals that are over within a moment, which every run has.
import { posix } from 'node:path';
import type { TraceStep } from '../observe/trace.ts';
import type { FileTable } from '../observe/file-table.ts';
import type { LockTable } from '../observe/lock-table.ts';

/** Virtual ms from the first refusal to the last, from which on it is a wait that matters. */
const longMs = 1000;

/** Where in the run. */
interface Moment {
  readonly step: number;
  readonly nowMs: number;
}

/** Who had the lock, taken when at the first refusal and at the last, and how often it was refused on that account. */
interface Holder {
  readonly lane: string;
  readonly since: number;
  lastSince: number;
  times: number;
}

/**
 * @property what `the flock`, or a lock of SQLite by name
 * @property granted the step at which it was had in the end; undefined when it never was
 */
export interface Refused {
  readonly lane: string;
  readonly what: string;
  readonly file: string;
  readonly first: Moment;
  last: Moment;
  times: number;
  readonly holders: Map<string, Holder>;
  granted: Moment | undefined;
}

export class Refusals {
  readonly #disk: FileTable;
  readonly #locks: LockTable;
  readonly #open = new Map<string, Refused>();
  readonly #over: Refused[] = [];

  constructor(disk: FileTable, locks: LockTable) {
    this.#disk = disk;
    this.#locks = locks;
  }

  /** The long ones, the longest first. */
  long(): readonly Refused[] {
    const spanMs = ({ first, last }: Refused): number => last.nowMs - first.nowMs;
    return [...this.#over, ...this.#open.values()]
      .filter((one) => spanMs(one) >= longMs)
      .toSorted((a, b) => spanMs(b) - spanMs(a));
  }

  /** Enters a step, before the disk does. */
  see(step: TraceStep): void {
    if (step.op === 'flock') this.#flock(step);
    else if (step.op === 'lock') this.#asked(step, String(step.args?.['level']));
    else if (step.op === 'shmLock' && step.args?.['action'] === 'lock')
      this.#asked(step, `${step.args['mode']} ${step.args['slot']}+${step.args['count']}`);
  }

  #flock(step: TraceStep): void {
    const file = nameOf(step);
    if (step.rc === 0) {
      this.#granted(step, `flock ${file}`);
    } else {
      const held = [...this.#locks.flocksOn(file)].map(([lane, { since }]) => ({ lane, since }));
      this.#refused(step, `flock ${file}`, 'the flock', file, held);
    }
  }

  #asked(step: TraceStep, request: string): void {
    const file = this.#disk.of(step);
    if (file === undefined) return;
    const key = `${file.name} ${request}`;
    if (step.rc === 'SQLITE_OK') return this.#granted(step, key);
    if (step.rc !== 'SQLITE_BUSY') return;
    const held = this.#locks
      .refusedBy(step, file)
      .map(({ holder, since, what }) => ({ lane: holder.lane, since, what }));
    this.#refused(step, key, held[0]?.what ?? 'a lock', file.name, held);
  }

  #granted({ lane, step, nowMs }: TraceStep, key: string): void {
    const open = this.#open.get(`${lane} ${key}`);
    if (open === undefined) return;
    this.#open.delete(`${lane} ${key}`);
    if (open.last.nowMs - open.first.nowMs >= longMs) this.#over.push({ ...open, granted: { step, nowMs } });
  }

  #refused(
    { lane, step, nowMs }: TraceStep,
    key: string,
    what: string,
    file: string,
    held: readonly Pick<Holder, 'lane' | 'since'>[],
  ): void {
    const now = { step, nowMs };
    const id = `${lane} ${key}`;
    const open = this.#open.get(id) ?? {
      lane,
      what,
      file,
      first: now,
      last: now,
      times: 0,
      holders: new Map<string, Holder>(),
      granted: undefined,
    };
    this.#open.set(id, open);
    open.last = now;
    open.times++;
    for (const holder of held) {
      const { lane: by, since } = holder;
      const known = open.holders.get(by) ?? { lane: by, since, lastSince: since, times: 0 };
      known.times++;
      known.lastSince = since;
      open.holders.set(holder.lane, known);
    }
  }
}

function nameOf({ file }: TraceStep): string {
  return posix.normalize(file ?? '');
}
