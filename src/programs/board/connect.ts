// connect() of Hermes Agent v0.14 (late May): raw header read, once per process a guard connection with integrity_check,
// then the real connection with its pragmas, the first of a process with schema and migrations too; each part as the
// policies say. What stays out: statements on tasks, how long a connection is kept (session.ts), and who forgets to close.
//
// A connect that fails closes its connection. v0.14.0 as released leaked it (#28285); #28301 mended that on 05-19, a day
// before the header read came, so no version of the reports has both.
import { type Connection, SqlError, type World } from '../../../harness/lane/world.ts';
import type { BoardUse } from '../../policies/corruption/corruption.ts';
import { behaviourOf, type Policies } from '../../policies/catalogue.ts';
import { BoardError, boardCode, during } from '../../board-file/board-error.ts';
import { waitForFileLock } from '../../board-file/file-lock.ts';
import { closeCounted, countOpened, countRefused } from '../../board-file/open-count.ts';
import { validateHeader } from '../../board-file/raw-probe.ts';
import { migrations, schema } from './schema.ts';

const busyTimeoutMs = 30_000;
const guardBusyTimeoutMs = 5000;

function initializedKey(file: string): string {
  return `_INITIALIZED_PATHS:${file}`;
}

function isInitialized({ world, file }: BoardUse): boolean {
  return world.shared.get(initializedKey(file)) === true;
}

/** What `hermes kanban init` does first: the next connect of this process runs guard, schema and migrations again. */
export function forgetInitialized(world: World, file: string): void {
  world.shared.set(initializedKey(file), false);
}

/**
 * Opens the board as every use of it does.
 *
 * @throws BoardError of whatever part failed; nothing is open then
 */
export function connect(use: BoardUse, policies: Policies): Connection {
  const recovery = behaviourOf(policies, 'recovery');
  for (let tries = 1; ; tries++) {
    try {
      const mustExist = mustBeThere(use, policies);
      const connection = connectOnce(use, policies, mustExist);
      try {
        if (recovery.opened(use, connection)) return connection;
        closeCounted(use.world, connection);
      } catch (error) {
        closeCounted(use.world, connection);
        throw error;
      }
    } catch (error) {
      // The board went, or was put back without its tables, while it was being opened.
      const isGone =
        error instanceof BoardError && (error.code === boardCode.gone || error.code.startsWith('SQLITE_CANTOPEN'));
      if (!isGone || recovery.mayCreate(use)) throw error;
      if (tries === triesMost) throw error;
    }
  }
}

/** How often a board may vanish while it is being opened, where recovery brings it back. */
const triesMost = 3;

/** A board that has been is not made anew by an open. @throws BoardError */
function mustBeThere(use: BoardUse, policies: Policies): boolean {
  const isBack = behaviourOf(policies, 'recovery').opening(use);
  return behaviourOf(policies, 'recreation').opening(use) || isBack;
}

function connectOnce(use: BoardUse, policies: Policies, mustExist: boolean): Connection {
  const { takes, everyConnect, waitsMsMost } = behaviourOf(policies, 'initLock');
  if (isInitialized(use)) {
    const again = (): Connection => {
      probeHeader(use, policies);
      return openAndPrepare(use, policies, mustExist || !behaviourOf(policies, 'corruption').recreates);
    };
    return takes && everyConnect ? underInitLock(use, waitsMsMost, again) : again();
  }
  const first = (): Connection => {
    probeHeader(use, policies);
    guard(use, policies);
    return openAndPrepare(use, policies, mustExist);
  };
  return takes ? underInitLock(use, waitsMsMost, first) : first();
}

/** Gives a connection of {@link connect} back. */
export function disconnect(use: BoardUse, policies: Policies, connection: Connection): void {
  during('close', () => closeCounted(use.world, connection));
  behaviourOf(policies, 'corruption').closed(use);
}

/** `_cross_process_init_lock`: when it is not to be had in time, the connect goes on without it. */
function underInitLock<T>({ world, file }: BoardUse, limitMs: number | null, body: () => T): T {
  const lock = during('_cross_process_init_lock', () => waitForFileLock(world, `${file}.init.lock`, limitMs));
  if (lock === undefined) world.observe('init-lock-skipped', { by: world.process, board: file });
  try {
    return body();
  } finally {
    lock?.release();
  }
}

function probeHeader({ world, file }: BoardUse, policies: Policies): void {
  const probe = behaviourOf(policies, 'probe');
  if (probe.readsHeader) probe.raw(world, file, () => validateHeader(world, file));
}

function opened(use: BoardUse, busyMs: number, mustExist: boolean): Connection {
  countOpened(use.world, use.file);
  try {
    return use.world.open(use.file, { busyTimeoutMs: busyMs, mustExist });
  } catch (error) {
    countRefused(use.world, use.file);
    throw error;
  }
}

/** `_guard_existing_db_is_healthy`: a throwaway connection that may write, so that SQLite can recover what is healthy. */
function guard(use: BoardUse, policies: Policies): void {
  const { world, file } = use;
  const corruption = behaviourOf(policies, 'corruption');
  const size = during('_guard_existing_db_is_healthy', () => world.files.stat(file)?.size ?? 0);
  if (size === 0) {
    during('init_db', () => corruption.creating(use));
    return;
  }
  const reason = during('_guard_existing_db_is_healthy', () => reasonToRefuse(use));
  if (reason === undefined) return;
  const backup = corruption.refusing(use) ?? '<backup failed>';
  throw new BoardError(
    boardCode.corrupt,
    '_guard_existing_db_is_healthy',
    `Refusing to open corrupt kanban DB at ${file}: ${reason}. Original preserved; backup at ${backup}.`,
  );
}

/** sqlite3.OperationalError (busy, I/O error, …) goes up as it is; sqlite3.DatabaseError is a reason. */
function reasonToRefuse(use: BoardUse): string | undefined {
  try {
    const connection = opened(use, guardBusyTimeoutMs, true);
    try {
      const said = String(connection.get('PRAGMA integrity_check')?.['integrity_check']);
      return said.toLowerCase() === 'ok' ? undefined : `integrity_check returned '${said}'`;
    } finally {
      closeCounted(use.world, connection);
    }
  } catch (error) {
    if (!(error instanceof SqlError) || !/^SQLITE_(CORRUPT|NOTADB)/.test(error.code)) throw error;
    return `sqlite refused to open file: ${error.message}`;
  }
}

function openAndPrepare(use: BoardUse, policies: Policies, mustExist: boolean): Connection {
  const connection = during('sqlite3.connect', () => opened(use, busyTimeoutMs, mustExist));
  try {
    prepare(use, policies, connection);
    return connection;
  } catch (error) {
    closeCounted(use.world, connection);
    throw error;
  }
}

/** What connect() does under `_INIT_LOCK`. */
function prepare(use: BoardUse, policies: Policies, connection: Connection): void {
  const { world, file } = use;
  const { level } = behaviourOf(policies, 'synchronous');
  const { pages } = behaviourOf(policies, 'autocheckpoint');
  const autocheckpoint = pages === undefined ? '' : `; PRAGMA wal_autocheckpoint=${pages}`;
  world.mutex('_INIT_LOCK', () => {
    during('apply_wal_with_fallback', () => applyJournalMode(connection, policies));
    during('connect pragmas', () =>
      connection.exec(`PRAGMA synchronous=${level}; PRAGMA foreign_keys=ON${autocheckpoint}`),
    );
    if (isInitialized(use)) return;
    during('init_db', () => initialize(use, policies, connection));
    world.shared.set(initializedKey(file), true);
  });
}

/** `apply_wal_with_fallback`, for whatever mode the policy wants. */
function applyJournalMode(connection: Connection, policies: Policies): void {
  const { mode } = behaviourOf(policies, 'journal');
  if (!behaviourOf(policies, 'reissue').mustSet(connection, mode)) return;
  try {
    connection.get(`PRAGMA journal_mode=${mode}`);
  } catch (error) {
    const next =
      mode === 'WAL' && error instanceof SqlError ? behaviourOf(policies, 'downgrade').modeAfter(error) : undefined;
    if (next === undefined) throw error;
    connection.get(`PRAGMA journal_mode=${next}`);
  }
}

/** Who finds no tables makes a new board. */
function initialize(use: BoardUse, policies: Policies, connection: Connection): void {
  const { world, file } = use;
  const tables = connection.get('SELECT count(*) AS n FROM sqlite_master')?.['n'];
  const recreation = behaviourOf(policies, 'recreation');
  if (tables === 0) {
    recreation.creating(use);
    if (!behaviourOf(policies, 'recovery').mayCreate(use))
      throw new BoardError(boardCode.gone, 'init_db', `There was a board at ${file}, and it has no tables any more`);
    world.observe('board-created', { by: world.process, board: file });
  }
  makeTables(connection);
  recreation.known(use);
}

/** Schema and migrations. */
export function makeTables(connection: Connection): void {
  connection.exec(schema);
  for (const migration of migrations) connection.exec(migration);
}
