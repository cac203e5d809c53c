// A connection that knows which file it has open, and can change to the one that the path names by now, in the middle of a use:
// operations keep it in a variable. It records the statements of a transaction for the journal. What stays out: when it is
// asked (session.ts, transact.ts).
import { type Connection, SqlError, type SqlValue, type World } from '../../../harness/lane/world.ts';
import { closeCounted } from '../../board-file/open-count.ts';
import { unlessOsError } from '../../board-file/os-error.ts';
import type { Statement } from '../../board-file/recovery/operations-journal.ts';
import { pathOfMain } from '../../board-file/recovery/truth.ts';
import { rowNames } from '../../board-file/row-names.ts';
import type { BoardUse } from '../../policies/corruption/corruption.ts';

/**
 * @property looks it asks which file the path names
 * @property saves what only a replaced file has is saved: nothing else has it
 * @property leavesOpen a connection to a replaced file is never closed: in WAL the last close unlinks -wal by its name, which is
 *   the new file's by then
 */
export interface Habits {
  readonly looks: boolean;
  readonly saves: boolean;
  readonly leavesOpen: boolean;
}

/** How often a file may be replaced while it is being opened. */
const triesMost = 3;

export class LiveConnection implements Connection {
  readonly use: BoardUse;
  readonly #habits: Habits;
  readonly #connect: () => Connection;
  #inner: Connection;
  #inode: number | undefined;
  #recorded: Statement[] | undefined;

  /** @param connect opens the board as every use does. @throws BoardError */
  constructor(use: BoardUse, habits: Habits, connect: () => Connection) {
    this.use = use;
    this.#habits = habits;
    this.#connect = connect;
    this.#inner = this.#opened();
  }

  get file(): string {
    return this.#inner.file;
  }
  get isOpen(): boolean {
    return this.#inner.isOpen;
  }
  get inTransaction(): boolean {
    return this.#inner.inTransaction;
  }
  exec(sql: string): void {
    this.#inner.exec(sql);
  }
  run(sql: string, ...bind: readonly SqlValue[]): ReturnType<Connection['run']> {
    const done = this.#inner.run(sql, ...bind);
    if (done.changes > 0) this.#recorded?.push({ sql, bind, changes: done.changes });
    return done;
  }
  get(sql: string, ...bind: readonly SqlValue[]): ReturnType<Connection['get']> {
    return this.#inner.get(sql, ...bind);
  }
  all(sql: string, ...bind: readonly SqlValue[]): ReturnType<Connection['all']> {
    return this.#inner.all(sql, ...bind);
  }
  immediate<T>(body: () => T): T {
    return this.#inner.immediate(body);
  }
  backup(file: string): ReturnType<Connection['backup']> {
    return this.#inner.backup(file);
  }

  /** Result: what `body` gave, and the statements in it that changed something. */
  recording<T>(body: () => T): { readonly value: T; readonly statements: readonly Statement[] } {
    const statements: Statement[] = [];
    this.#recorded = statements;
    try {
      return { value: body(), statements };
    } finally {
      this.#recorded = undefined;
    }
  }

  /** Does the path name another file by now, or none? What the system does not say is no. */
  isReplaced(): boolean {
    if (!this.#habits.looks) return false;
    const found = unlessOsError(() => ({ inode: this.#pathInode() }));
    return found !== undefined && found.inode !== this.#inode;
  }

  /** Leaves the file that it has, and opens the one that the path names. @throws BoardError; the old one is open then */
  renew(): void {
    const old = this.#inner;
    const inode = this.#inode;
    try {
      this.#inner = this.#opened();
    } catch (error) {
      this.#inode = inode;
      this.#save(old);
      throw error;
    }
    if (this.#inode !== inode) this.#save(old);
    this.#leave(old, this.#inode !== inode);
  }

  close(): void {
    const isReplaced = this.isOpen && this.isReplaced();
    if (isReplaced) this.#save(this.#inner);
    if (!isReplaced || !this.#habits.leavesOpen) this.#inner.close();
  }

  #leave(old: Connection, isReplaced: boolean): void {
    if (!isReplaced || !this.#habits.leavesOpen) closeCounted(this.use.world, old);
  }

  #pathInode(): number | undefined {
    return this.use.world.files.stat(this.use.file)?.inode;
  }

  /** The file that is opened is the one that the path names before and after. */
  #opened(): Connection {
    if (!this.#habits.looks) return this.#connect();
    for (let tries = 1; ; tries++) {
      const before = unlessOsError(() => this.#pathInode());
      const connection = this.#connect();
      this.#inode = unlessOsError(() => this.#pathInode());
      if (before === undefined || before === this.#inode || tries === triesMost) return connection;
      this.#leave(connection, true);
    }
  }

  /** What only the old file has goes to a file of its own, and is told, row by row. */
  #save(old: Connection): void {
    if (!this.#habits.saves || old.inTransaction) return;
    const { world, file } = this.use;
    try {
      const there = new Set(rowsAt(world, file));
      const rows = rowNames(old).filter((row) => !there.has(row));
      if (rows.length === 0) return;
      let name = `${file}.rescue`;
      for (let n = 1; world.files.exists(name); n++) name = `${file}.rescue.${n}`;
      old.run('VACUUM INTO ?', `${pathOfMain(old)}${name.slice(file.length)}`);
      const message = `${file} was replaced while it was open; what only the old file has is in ${name}: merge it, or drop it`;
      world.observe('board-replaced', { by: world.process, board: file, rescue: name, rows, message });
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      world.observe('rescue-failed', { by: world.process, board: file, code: error.code });
    }
  }
}

/** Names of the rows of the board that the path names; none where it cannot be read. */
function rowsAt(world: World, file: string): readonly string[] {
  try {
    const connection = world.open(file, { mustExist: true });
    try {
      return rowNames(connection);
    } finally {
      connection.close();
    }
  } catch (error) {
    if (error instanceof SqlError) return [];
    throw error;
  }
}
