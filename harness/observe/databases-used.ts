// Which databases SQLite has worked on in a run, and in which processes: one that a scenario watches and no program touches would never be
// found harmed. What stays out: what is wrong with that (judge/check-database.ts).
import { posix } from 'node:path';
import type { History } from '../model/history.ts';
import { op, role } from '../model/operations.ts';
import type { StartProcess } from '../model/process.ts';
import type { RawRecord } from '../model/record.ts';
import type { StepLane, StepSink } from '../model/step.ts';

export class DatabasesUsed implements StepSink {
  readonly #names = new Set<string>();
  readonly #users = new Set<string>();
  /** Who started each process. */
  readonly #parents = new Map<string, string>();

  see(_step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    const { name, parent } = lane.process;
    if (record.op === op.start && parent !== undefined) this.#parents.set(name, parent);
    if ((record.op === op.copy || record.op === op.rename) && record.rc === 0) this.#follow(record, lane);
    if (record.role !== role.db || (record.op !== op.read && record.op !== op.write)) return;
    this.#names.add(lane.files[record.file] ?? '');
    this.#users.add(name);
  }

  /** What a database is copied or renamed to is one too: a backup. */
  #follow({ file, text }: Readonly<RawRecord>, { files }: StepLane): void {
    if (this.#names.has(posix.normalize(files[file] ?? ''))) this.#names.add(posix.normalize(text));
  }

  list(): readonly string[] {
    return [...this.#names];
  }

  /**
   * By program of the processes that a run began with: was one of them at work on a database, or one that they started? After a power loss
   * they have a number behind their names.
   */
  atWork(started: readonly Pick<StartProcess, 'name' | 'program'>[]): History['atWork'] {
    const users = new Set<string>();
    for (const user of this.#users)
      for (let one: string | undefined = user; one !== undefined; one = this.#parents.get(one))
        users.add(one.replace(/\.boot-\d+$/, ''));
    const programs = Map.groupBy(started, ({ program }) => program);
    return Object.fromEntries(
      [...programs].map(([program, all]) => [program, all.some(({ name }) => users.has(name))]),
    );
  }
}
