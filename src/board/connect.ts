// connect() of Hermes Agent v0.14: raw header read, once per process a guard connection with integrity_check, then the
// real connection with its pragmas, the first of a process with schema and migrations too. What stays out: statements
// on tasks (the files beside this one) and who forgets to close.
import { type Connection, SqlError, type World } from '../../harness/lane/world.ts';
import { BoardError, during } from './board-error.ts';
import { probeAfterClose, probeBeforeOpen } from './raw-probe.ts';
import { migrations, schema } from './schema.ts';
import type { BoardSettings } from './settings.ts';

const busyTimeoutMs = 30_000;
const guardBusyTimeoutMs = 5000;
/** Python's sqlite3 leaves SQLite's default. */
const autocheckpointPages = 1000;

/**
 * Opens the board as every use of it does.
 *
 * @throws BoardError of whatever part failed; the connection is closed then
 */
export function connect(world: World, settings: BoardSettings): Connection {
  const { file } = settings;
  probeBeforeOpen(world, settings);
  let connection: Connection | undefined;
  try {
    guardOnce(world, file);
    connection = during('sqlite3.connect', () => world.open(file, { busyTimeoutMs }));
    prepare(world, connection, settings);
    return connection;
  } catch (error) {
    connection?.close();
    probeAfterClose(world, settings);
    throw error;
  }
}

/** Gives a connection of {@link connect} back. */
export function disconnect(world: World, settings: BoardSettings, connection: Connection): void {
  connection.close();
  probeAfterClose(world, settings);
}

/** Connects, does `body`, disconnects. */
export function withBoard<T>(world: World, settings: BoardSettings, body: (connection: Connection) => T): T {
  const connection = connect(world, settings);
  try {
    return body(connection);
  } finally {
    disconnect(world, settings, connection);
  }
}

function initializedKey(file: string): string {
  return `initialized:${file}`;
}

/** `_guard_existing_db_is_healthy`: skipped once the path is in `_INITIALIZED_PATHS`. */
function guardOnce(world: World, file: string): void {
  if (world.shared.get(initializedKey(file)) === true) return;
  during('_guard_existing_db_is_healthy', () => {
    if (world.files.stat(file) === undefined) return;
    const guard = world.open(file, { busyTimeoutMs: guardBusyTimeoutMs });
    try {
      const said = String(guard.get('PRAGMA integrity_check')?.['integrity_check']);
      if (said !== 'ok') {
        const message = `Refusing to open corrupt kanban DB at ${file}: integrity_check returned '${said}'`;
        throw new BoardError('KANBAN_DB_CORRUPT', '_guard_existing_db_is_healthy', message);
      }
    } finally {
      guard.close();
    }
  });
}

/** What connect() does under `_INIT_LOCK`. */
function prepare(world: World, connection: Connection, settings: BoardSettings): void {
  world.mutex('_INIT_LOCK', () => {
    during('apply_wal_with_fallback', () => applyJournalMode(connection, settings));
    during('connect pragmas', () =>
      connection.exec(
        `PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA wal_autocheckpoint=${autocheckpointPages}`,
      ),
    );
    const key = initializedKey(settings.file);
    if (world.shared.get(key) === true) return;
    during('init_db', () => {
      connection.exec(schema);
      for (const migration of migrations) connection.exec(migration);
    });
    world.shared.set(key, true);
  });
}

/** "locking protocol", "not authorized" and "disk i/o error": upon these v0.14 falls back to a rollback journal. */
function asksForFallback(error: unknown): boolean {
  return error instanceof SqlError && /^SQLITE_(PROTOCOL|AUTH|IOERR)/.test(error.code);
}

/** `apply_wal_with_fallback`: the pragma is issued again on every connect, whatever the mode already is. */
function applyJournalMode(connection: Connection, { policies }: BoardSettings): void {
  if (policies.journal === 'delete') {
    connection.get('PRAGMA journal_mode=DELETE');
    return;
  }
  try {
    connection.get('PRAGMA journal_mode=WAL');
  } catch (error) {
    if (!asksForFallback(error)) throw error;
    connection.get('PRAGMA journal_mode=DELETE');
  }
}
