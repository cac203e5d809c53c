// The board in a database of a PostgreSQL server: a connection on which the operations' statements are what they are on SQLite, put into
// PostgreSQL's dialect. What stays out: the operations, and who connects when (session.ts).
import {
  type Connection,
  type Row,
  type ServerConnection,
  SqlError,
  type SqlValue,
  type World,
} from '../../../harness/lane/world.ts';
import { during } from '../../board-file/board-error.ts';
import { countOpened, countRefused } from '../../board-file/open-count.ts';
import type { BoardUse } from '../../policies/corruption/corruption.ts';
import { behaviourOf, type Policies } from '../../policies/catalogue.ts';
import { schemaOnServer } from './schema.ts';

/** Refused for what another transaction did: done again it may go through (PostgreSQL's documentation, 13.5). */
const refusedForOthers = /^SQLSTATE_(40001|40P01)$/;

export class ServerBoard implements Connection {
  readonly file: string;
  readonly #world: World;
  readonly #server: ServerConnection;
  readonly #policies: Policies;

  constructor(world: World, file: string, server: ServerConnection, policies: Policies) {
    this.#world = world;
    this.file = file;
    this.#server = server;
    this.#policies = policies;
  }

  get isOpen(): boolean {
    return this.#server.isOpen;
  }
  get inTransaction(): boolean {
    return this.#server.inTransaction;
  }
  exec(sql: string): void {
    this.#server.query(sql);
  }
  run(sql: string, ...bind: readonly SqlValue[]): { readonly changes: number; readonly lastInsertRowid: number } {
    const { rows, changes } = this.#server.query(this.#dialect(sql), bind);
    return { changes, lastInsertRowid: Number(rows[0]?.['id'] ?? 0) };
  }
  get(sql: string, ...bind: readonly SqlValue[]): Row | undefined {
    return this.all(sql, ...bind)[0];
  }
  all(sql: string, ...bind: readonly SqlValue[]): readonly Row[] {
    return this.#server.query(this.#dialect(sql), bind).rows;
  }
  immediate<T>(body: () => T): T {
    return this.transaction(body, () => undefined);
  }
  /**
   * A transaction, done again where another's refuses it, as the policy `isolation` says.
   *
   * @param rolledBack an attempt has come to nothing, for certain
   * @throws SqlError. After `SQLSTATE_08006` of a COMMIT nobody here knows what became of it
   */
  transaction<T>(body: () => T, rolledBack: () => void): T {
    const { begin, tries } = behaviourOf(this.#policies, 'isolation');
    for (let left = tries; ; left--) {
      try {
        this.#server.query(begin);
        const value = body();
        this.#server.query('COMMIT');
        return value;
      } catch (error) {
        this.#rollBack();
        if (!(error instanceof SqlError) || !refusedForOthers.test(error.code)) throw error;
        rolledBack();
        if (left <= 1) throw error;
        this.#world.sleep(this.#world.random() * 50);
      }
    }
  }
  backup(): never {
    throw new SqlError('SQLSTATE_0A000', 'a database of a server is not copied by its clients');
  }
  close(): void {
    this.#server.close();
  }

  #dialect(sql: string): string {
    return behaviourOf(this.#policies, 'store').dialect(sql);
  }

  #rollBack(): void {
    try {
      if (this.#server.inTransaction) this.#server.query('ROLLBACK');
    } catch (error) {
      if (!(error instanceof SqlError)) throw error; // the connection is gone, and the server rolls back by itself
    }
  }
}

/** Of all that migrate: one at a time. */
const migrationLock = 4711;

/** Connects, and makes the tables where there are none. @throws BoardError */
export function connectToServer({ world, file }: BoardUse, policies: Policies): ServerBoard {
  countOpened(world, file);
  try {
    const server = during('connect', () => world.connect());
    const board = new ServerBoard(world, file, server, policies);
    try {
      during('init_db', () => initialize(world, board, policies));
      return board;
    } catch (error) {
      board.close();
      throw error;
    }
  } catch (error) {
    countRefused(world, file);
    throw error;
  }
}

const hasTables = "SELECT to_regclass('tasks') IS NOT NULL AS there";

/** Once a process. */
function initialize(world: World, board: ServerBoard, policies: Policies): void {
  const key = `_INITIALIZED_SERVER:${board.file}`;
  if (world.shared.get(key) === true) return;
  if (board.get(hasTables)?.['there'] !== 1)
    board.immediate(() => {
      board.exec(`SELECT pg_advisory_xact_lock(${migrationLock})`);
      if (board.get(hasTables)?.['there'] === 1) return;
      board.exec(schemaOnServer);
      const { schema } = behaviourOf(policies, 'notify');
      if (schema !== '') board.exec(schema);
      world.observe('board-created', { by: world.process, board: board.file });
    });
  world.shared.set(key, true);
}
