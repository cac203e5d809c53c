// Who has read a database and then writes to it, and who committed to it in between: what the one writes rests on what the other has made old.
// By lane, whichever connections it uses. What a process has read that has ended, whoever started it has read: so a shell script is followed,
// each of whose statements is a process of its own. What stays out: what a transaction is (marks/lanes-met.ts, explain/transactions.ts).
import { processOf } from '../model/names.ts';

/** A transaction that only read: its first step and its last. */
export interface Reading {
  readonly lane: string;
  readonly from: number;
  readonly to: number;
}

export interface Commit {
  readonly lane: string;
  readonly step: number;
}

/**
 * What a lane writes on.
 *
 * @property read what it, or who started it, has read and not written since
 * @property by the last commit of somebody else since then: the reading is old
 */
export interface Ground<R extends Reading, C extends Commit> {
  readonly read: R | undefined;
  readonly by: C | undefined;
}

/** @param Database what tells one database from another */
export class Readings<Database, R extends Reading = Reading, C extends Commit = Commit> {
  readonly #read = new Map<Database, Map<string, R>>();
  /** The last commit of each lane. */
  readonly #commits = new Map<Database, Map<string, C>>();
  readonly #parents = new Map<string, string>();

  started(process: string, parent: string): void {
    this.#parents.set(process, parent);
  }

  /**
   * @param pages it has read some. One that has not found all in its cache, which is good as long as nobody else has committed, or looked at
   *   the schema's version only: what was read before is no older for it
   */
  hasRead(database: Database, reading: R, pages: boolean): void {
    const readings = entryOf(this.#read, database);
    if (pages || !readings.has(reading.lane)) readings.set(reading.lane, reading);
  }

  /** A lane writes its first page in a transaction: from now on nobody else commits. */
  writes(database: Database, lane: string): Ground<R, C> {
    const read = this.#takeOf(database, lane);
    let by: C | undefined;
    if (read !== undefined)
      for (const commit of this.#commits.get(database)?.values() ?? [])
        if (commit.lane !== lane && commit.step > read.from && commit.step > (by?.step ?? 0)) by = commit;
    return { read, by };
  }

  commits(database: Database, commit: C): void {
    entryOf(this.#commits, database).set(commit.lane, commit);
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
  #takeOf(database: Database, lane: string): R | undefined {
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
