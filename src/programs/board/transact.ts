// A write transaction under the policies `identity` and `recovery`: begun on the file that the path names, on a board that is as
// the last transaction left it, and in the journal before its COMMIT. What stays out: what the harness must know of it
// (write-txn.ts).
import { SqlError } from '../../../harness/lane/world.ts';
import { behaviourOf, type Policies } from '../../policies/catalogue.ts';
import { BoardError, boardCode } from '../../board-file/board-error.ts';
import { unlessOsError } from '../../board-file/os-error.ts';
import { runPatiently } from './immediately.ts';
import type { LiveConnection } from './live-connection.ts';

/**
 * @property body may be done again, on another file: `rows` are then those of the last time
 * @property rolledBack rows of an attempt that will not come back
 */
export interface Attempt<T> {
  readonly by: string;
  body(): T;
  rows(): readonly string[];
  rolledBack(): void;
}

/** How often a board may be replaced, or turn out to be behind, during one transaction. */
const triesMost = 4;

/** @throws BoardError, after a ROLLBACK; `KANBAN_DB_REPLACED` also after a COMMIT that only a replaced file has */
export function transact<T>(live: LiveConnection, policies: Policies, attempt: Attempt<T>): T {
  const { use } = live;
  return behaviourOf(policies, 'recovery').locked(use, attempt.by, () => {
    for (let tries = 1; tries <= triesMost; tries++) {
      if (live.isReplaced()) live.renew();
      const done = once(live, policies, attempt);
      if (done !== 'another') return done.value;
    }
    throw replaced(use.file, attempt.by, `was replaced ${triesMost} times during one transaction: find out by whom`);
  });
}

function replaced(file: string, by: string, what: string): BoardError {
  return new BoardError(boardCode.replaced, by, `${file} ${what}`);
}

function once<T>(live: LiveConnection, policies: Policies, attempt: Attempt<T>): { readonly value: T } | 'another' {
  const identity = behaviourOf(policies, 'identity');
  const recovery = behaviourOf(policies, 'recovery');
  const { use } = live;
  const isAnother = (): boolean => identity.looksInside && live.isReplaced();
  let takeBack = (): void => undefined;
  const patiently = (statement: string): void => runPatiently(use.world, policies, live, statement);
  patiently('BEGIN IMMEDIATE');
  try {
    if (isAnother()) {
      rollBack(live);
      return 'another';
    }
    const begun = recovery.begun(use, live);
    if (begun === undefined) {
      rollBack(live);
      recovery.bringForward(use, 'behind');
      live.renew();
      return 'another';
    }
    const { value, statements } = live.recording(() => attempt.body());
    if (statements.length > 0) {
      const recording = begun.recording({ by: attempt.by, rows: attempt.rows(), statements });
      takeBack = () => recording.takeBack();
      recording.write();
    }
    if (isAnother()) {
      undo(live, takeBack, attempt);
      return 'another';
    }
    patiently('COMMIT');
    if (isAnother()) committedToAnother(live, recovery.keepsAll, attempt);
    return { value };
  } catch (error) {
    if (live.inTransaction || !(error instanceof BoardError)) undo(live, takeBack, attempt);
    if (!saysMoved(error)) throw error;
    live.renew();
    return 'another';
  }
}

/** SQLite itself looks, before it makes a rollback journal, whether the name still means its file. */
function saysMoved(error: unknown): boolean {
  return (error instanceof BoardError || error instanceof SqlError) && error.code === 'SQLITE_READONLY_DBMOVED';
}

function rollBack(live: LiveConnection): void {
  try {
    if (live.inTransaction) live.run('ROLLBACK');
  } catch {
    // The first error is the one to report; SQLite rolls back by itself when ROLLBACK fails.
  }
}

/** Nothing of this attempt stays; where the journal cannot be cut, nobody knows what will become of it. */
function undo<T>(live: LiveConnection, takeBack: () => void, attempt: Attempt<T>): void {
  rollBack(live);
  if (unlessOsError(() => (takeBack(), true)) === true) attempt.rolledBack();
}

/** The journal has it, and the new file gets it from there; without one it is not acknowledged, and saved. */
function committedToAnother<T>(live: LiveConnection, keepsAll: boolean, { by }: Attempt<T>): void {
  try {
    live.renew();
  } catch (error) {
    if (!(error instanceof BoardError) || !keepsAll) throw error;
  }
  if (!keepsAll) throw replaced(live.use.file, by, 'was replaced during the COMMIT, which only the old file has');
}
