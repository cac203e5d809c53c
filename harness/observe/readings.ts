// Who has read a database and then writes to it, and who changed it in between: what the one writes rests on what the other made old. By
// lane, whichever connections it uses. What a process has read that has ended, whoever started it has read: so a shell script is followed,
// each of whose statements is a process of its own. What stays out: what a transaction is (marks/lanes-met.ts, explain/transactions.ts).
import { processOf } from '../model/names.ts';

/** A transaction that only read: its first step and its last. */
export interface Reading {
  readonly lane: string;
  readonly from: number;
  readonly to: number;
}

/**
 * A lane wrote what rests on an old reading.
 *
 * @property by who changed the database since, the last of them
 */
export interface OldReading {
  readonly read: Reading;
  readonly by: { readonly lane: string; readonly step: number };
}

/** @param Database what tells one database from another */
export class Readings<Database> {
  readonly #read = new Map<Database, Map<string, Reading>>();
  /** The last change by each lane. */
  readonly #changed = new Map<Database, Map<string, number>>();
  readonly #parents = new Map<string, string>();

  started(process: string, parent: string): void {
    this.#parents.set(process, parent);
  }

  hasRead(database: Database, reading: Reading): void {
    entryOf(this.#read, database).set(reading.lane, reading);
  }

  /** A lane changes a page. Result: what it had read before, where another has changed the database since. */
  changes(database: Database, lane: string, step: number): OldReading | undefined {
    const changed = entryOf(this.#changed, database);
    const read = this.#takeOf(database, lane);
    let by: OldReading['by'] | undefined;
    if (read !== undefined)
      for (const [other, at] of changed)
        if (other !== lane && at > read.from && at > (by?.step ?? 0)) by = { lane: other, step: at };
    changed.set(lane, step);
    return read && by && { read, by };
  }

  ended(lane: string): void {
    const parent = this.#parents.get(lane);
    for (const readings of this.#read.values()) {
      const last = readings.get(lane);
      readings.delete(lane);
      if (last !== undefined && parent !== undefined) readings.set(parent, last);
    }
  }

  /** What a lane has read and not written since, or who started its process. It is written now, and no more. */
  #takeOf(database: Database, lane: string): Reading | undefined {
    const readings = this.#read.get(database);
    if (readings === undefined || readings.size === 0) return undefined;
    for (let reader: string | undefined = lane; reader !== undefined; reader = this.#parents.get(processOf(reader))) {
      const read = readings.get(reader);
      if (read === undefined) continue;
      readings.delete(reader);
      return read;
    }
    return undefined;
  }
}

/** What stands under a key; a new, empty map where nothing does. */
export function entryOf<Key, Inner, Value>(all: Map<Key, Map<Inner, Value>>, key: Key): Map<Inner, Value> {
  const known = all.get(key);
  if (known !== undefined) return known;
  const fresh = new Map<Inner, Value>();
  all.set(key, fresh);
  return fresh;
}
