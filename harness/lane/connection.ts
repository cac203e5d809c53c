// A SQLite connection as a lane program sees it: better-sqlite3 on the engine under test, through the gate. What
// stays out: pragmas and policies, which are the program's own.
import Database from 'better-sqlite3';
import type { GateCalls } from './gate-calls.ts';
import { backupOf } from './backup-of.ts';
import { onlyNative, outOfMemory } from './give-up.ts';
import { type Backup, type Connection, type OpenOptions, SqlError, type Vfs } from './world.ts';
import type { SqliteParameters } from '../model/plan.ts';
import type { Row, SqlValue } from '../model/values.ts';

/** Every connection ever opened in this thread and not closed: garbage collection must not close one in mid-run. */
const held = new Set<Database.Database>();

function translated<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof Database.SqliteError) {
      outOfMemory(error.code);
      throw new SqlError(error.code, error.message);
    }
    throw error;
  }
}

/**
 * @property path of the database, absolute
 * @property binding of SQLite; empty where that is linked in
 * @property pathOf where a name of the world leads; undefined where it leads out of it
 */
interface ConnectionSetting {
  readonly gate: GateCalls;
  readonly path: string;
  readonly file: string;
  readonly binding: string;
  readonly pathOf: (file: string) => string | undefined;
}

/** What better-sqlite3 takes, and the native host's stand-in for it. */
type LaneOptions = Database.Options & { readonly library: 1 | 2 };

export class LaneConnection implements Connection {
  readonly file: string;
  readonly #gate: GateCalls;
  readonly #database: Database.Database;
  #leaked = false;
  readonly #binding: string;
  readonly #pathOf: (file: string) => string | undefined;
  readonly #statements = new Map<string, Database.Statement>();

  constructor(
    { gate, path, file, binding, pathOf }: ConnectionSetting,
    options: OpenOptions,
    settings: SqliteParameters,
  ) {
    this.#gate = gate;
    this.file = file;
    this.#binding = binding;
    this.#pathOf = pathOf;
    const { vfs, walIndex = 'shared', library = 1 } = options;
    if (library === 2 && binding !== '') onlyNative('a second copy of SQLite');
    if (library === 2 && vfs !== undefined) throw new TypeError('A VFS is chosen of the first copy of SQLite only.');
    if (vfs !== undefined || walIndex === 'alone') this.#opensBy(vfs, walIndex === 'alone');
    const asked: LaneOptions = {
      nativeBinding: binding,
      timeout: options.busyTimeoutMs ?? 5000,
      readonly: options.readonly ?? false,
      fileMustExist: options.mustExist ?? false,
      library,
    };
    this.#database = translated(() => new Database(path, asked));
    held.add(this.#database);
    if (options.defensive === false) this.#database.unsafeMode(true);
    this.#set(settings);
  }

  /** Only `cache_size` reads the file (the schema): where it cannot, the program's own first statement meets the reason. */
  #set({ pageBytes, cachePages, autocheckpointPages }: SqliteParameters): void {
    if (pageBytes !== undefined) this.exec(`PRAGMA page_size=${pageBytes}`);
    if (autocheckpointPages !== undefined) this.exec(`PRAGMA wal_autocheckpoint=${autocheckpointPages}`);
    if (cachePages === undefined) return;
    try {
      this.exec(`PRAGMA cache_size=${cachePages}`);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
    }
  }

  #opensBy(vfs: Vfs | undefined, alone: boolean): void {
    if (this.#gate.opens(vfs ?? null, alone) === 0) throw new SqlError('SQLITE_ERROR', `no such vfs: ${vfs}`); // as SQLite says it
  }

  get isOpen(): boolean {
    return this.#database.open;
  }
  get inTransaction(): boolean {
    return this.#database.inTransaction;
  }

  exec(sql: string): void {
    translated(() => this.#database.exec(sql));
  }
  run(sql: string, ...bind: readonly SqlValue[]): { readonly changes: number; readonly lastInsertRowid: number } {
    const result = translated(() => this.#prepare(sql).run(...bind));
    return { changes: result.changes, lastInsertRowid: Number(result.lastInsertRowid) };
  }
  get(sql: string, ...bind: readonly SqlValue[]): Row | undefined {
    const row = translated(() => this.#prepare(sql).get(...bind)) as Row | undefined;
    return row === undefined ? undefined : this.#plain(row);
  }
  all(sql: string, ...bind: readonly SqlValue[]): readonly Row[] {
    const rows = translated(() => this.#prepare(sql).all(...bind)) as readonly Row[];
    return this.#binding === '' ? rows : rows.map((row) => this.#plain(row));
  }

  immediate<T>(body: () => T): T {
    this.run('BEGIN IMMEDIATE');
    try {
      const result = body();
      this.run('COMMIT');
      return result;
    } catch (error) {
      try {
        if (this.#database.inTransaction) this.run('ROLLBACK');
      } catch {
        // The first error is the one to report; SQLite rolls back by itself when ROLLBACK fails.
      }
      throw error;
    }
  }

  backup(file: string): Backup {
    const target = this.#pathOf(file);
    if (target === undefined) throw new SqlError('SQLITE_CANTOPEN', 'unable to open database file');
    const begun = translated(() => backupOf(this.#database, target));
    return {
      step: (pages) => {
        const { totalPages, remainingPages } = translated(() => begun.transfer(pages));
        return totalPages === 0 ? undefined : remainingPages;
      },
      close: () => begun.close(),
    };
  }

  /** One step before SQLite's own; when a fault makes it fail, the connection stays open for the process's life. */
  close(): void {
    if (this.#leaked || !this.isOpen) return;
    this.#leaked = this.#gate.step('disconnect', this.file, null) !== 0;
    if (this.#leaked) return;
    this.#gate.done(0);
    translated(() => this.#database.close());
    held.delete(this.#database);
  }

  /** In Node better-sqlite3 gives a BLOB as a Buffer, which does more than the Uint8Array that a program was promised. */
  #plain(row: Row): Row {
    if (this.#binding === '') return row;
    const values: { [name: string]: SqlValue } = row;
    for (const [name, value] of Object.entries(row)) {
      if (!(value instanceof Uint8Array)) continue;
      values[name] = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    }
    return row;
  }

  #prepare(sql: string): Database.Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
