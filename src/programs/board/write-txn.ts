// write_txn(): BEGIN IMMEDIATE, the body, COMMIT, with what the harness must know about it: which rows are about to be
// committed, and which were acknowledged. Every row that a transaction adds carries a random mark by which it is found
// again, since row numbers are given out twice after a loss. What stays out: how the marks are checked (oracle/).
import type { World, Json } from '../../../harness/lane/world.ts';
import { behaviourOf } from '../../policies/catalogue.ts';
import { during } from '../../board-file/board-error.ts';
import type { BoardContext } from './context.ts';
import { checkGeneration } from './generation.ts';
import { immediately } from './immediately.ts';
import { LiveConnection } from './live-connection.ts';
import { ServerBoard } from './server-board.ts';
import { transact } from './transact.ts';
import { takeFileLock } from '../../board-file/file-lock.ts';
import { checkFileLength } from '../../board-file/raw-probe.ts';

/** Name of the query that lists all marks in the database, and of the table in the observations. */
export const ledgerName = 'board';

/** What the body of a transaction tells of what it does. */
export interface Ledger {
  /** A row is added. */
  add(kind: 'task' | 'event' | 'run' | 'comment', mark: string): void;
  /** Leaves an observation once the transaction has been acknowledged. */
  afterwards(kind: string, data: Json): void;
}

/** 8 hex digits. */
export function newMark(world: World): string {
  return Math.floor(world.random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
}

/** Seconds since the Unix epoch, the board's unit of time. */
export function seconds(world: World): number {
  return Math.floor(world.now() / 1000);
}

/**
 * Runs a transaction of the function `by` and leaves its observations: `committing` before COMMIT, `committed` after it
 * has returned.
 *
 * @throws BoardError, after a ROLLBACK; or `TORN_EXTEND` after a COMMIT
 */
export function writeTxn<T>(context: BoardContext, by: string, body: (ledger: Ledger) => T): T {
  const { world, connection, settings } = context;
  const { file, policies } = settings;
  const keys: string[] = [];
  const said: { readonly kind: string; readonly data: Json }[] = [];
  const data = { table: ledgerName, keys, by };
  const ledger: Ledger = {
    add: (kind, mark) => void keys.push(`${kind}:${mark}`),
    afterwards: (kind, more) => void said.push({ kind, data: more }),
  };
  checkGeneration(context, by);
  const own = behaviourOf(policies, 'lock');
  const lock = takeFileLock(world, own.transaction(file), own.waitsMsMost, by);
  const attempt = (): T => {
    keys.length = 0;
    said.length = 0;
    const value = body(ledger);
    if (keys.length > 0) world.observe('committing', data);
    return value;
  };
  const rolledBack = (): void => {
    if (keys.length > 0) world.observe('rolled-back', data);
  };
  let result: T;
  try {
    result = during(by, () => {
      if (connection instanceof ServerBoard) return connection.transaction(attempt, rolledBack);
      return connection instanceof LiveConnection
        ? transact(connection, policies, { by, body: attempt, rows: () => keys, rolledBack })
        : immediately(context, attempt);
    });
  } finally {
    lock?.release();
  }
  const probe = behaviourOf(policies, 'probe');
  if (probe.readsAfterCommit) during(by, () => probe.raw(world, file, () => checkFileLength(world, connection, file)));
  if (keys.length > 0) world.observe('committed', data);
  for (const { kind, data: more } of said) world.observe(kind, more);
  return result;
}
