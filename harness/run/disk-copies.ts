// Copies of a run's database in the middle of it, for the examiner: just before and just after what a plan does to its bytes. What stays
// out: what is made of them (harness/judge/).
import { copyFileSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Autopsy, Strike } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import type { ExamineRequest } from '../observe/examiner.ts';
import type { LockTable } from '../observe/lock-table.ts';
import type { CopyDisk, RunStrike } from './run-options.ts';

/**
 * @property folder where copies are made; of each its folder is added to `folders`
 * @property root the world's directory
 * @property ask the examiner, for a ticket
 */
interface CopierOptions {
  readonly folder: string;
  readonly folders: string[];
  readonly root: string;
  readonly scenario: Scenario;
  readonly locks: LockTable;
  readonly ask: (request: ExamineRequest) => number;
}

export function diskCopier({ folder, folders, root, scenario, locks, ask }: CopierOptions): CopyDisk {
  const { database, queries } = scenario;
  return () => {
    const copy = mkdtempSync(join(folder, 'copy-'));
    folders.push(copy);
    copyDatabase(root, copy, database);
    return { ticket: ask({ root: copy, database, queries }), settled: isSettled(database, locks) };
  };
}

/** @param answer the examiner's to a ticket */
export function withAutopsies(
  { damage, powerLoss, ...strike }: RunStrike,
  answer: (ticket: number) => Autopsy,
): Strike {
  return {
    ...strike,
    ...(damage === undefined
      ? {}
      : { damage: { ...damage, before: answer(damage.before), after: answer(damage.after) } }),
    ...(powerLoss === undefined ? {} : { powerLoss: { ...powerLoss, after: answer(powerLoss.after) } }),
  };
}

/** Copies what SQLite reads of a database, without -shm, from one folder to another. */
function copyDatabase(from: string, to: string, database: string): void {
  mkdirSync(dirname(join(to, database)), { recursive: true });
  for (const file of [database, `${database}-wal`, `${database}-journal`])
    if (existsSync(join(from, file))) copyFileSync(join(from, file), join(to, file));
}

/** Is nobody in the middle of a transaction with a rollback journal? */
function isSettled(database: string, locks: LockTable): boolean {
  const writing = ['RESERVED', 'PENDING', 'EXCLUSIVE'];
  return !locks.believed().some(({ file, what }) => file === database && writing.includes(what));
}
