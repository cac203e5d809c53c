// libpq, PostgreSQL's own client library, as far as it is called here, through koffi: synchronous, as the run's loop is. Nothing waits in it
// but where its name says so. What stays out: which statement may run when (run-database.ts).
import koffi from 'koffi';
import { harnessError } from '../errors/errors.ts';
import { pollReadable } from '../host/native.ts';
import type { Notification } from '../model/request.ts';
import type { Row, SqlValue } from '../model/values.ts';
import { serverRemedy } from './find-server.ts';

/** A `PGconn *` or a `PGresult *`. */
type Pointer = object;

/** What a statement came to: rows, or an error by its SQLSTATE (PostgreSQL's documentation, appendix A). */
export type Outcome =
  | { readonly rows: readonly Row[]; readonly changes: number }
  | { readonly sqlstate: string; readonly message: string };

/** `gone`: the connection is closed, and nobody knows what became of what was under way. */
export const connectionGone = '08006';

const shutdown = koffi.load(null).func('int shutdown(int fd, int how)');
const bothWays = 2; // SHUT_RDWR

const status = { ok: 0 } as const;
const resultStatus = { commandOk: 1, tuplesOk: 2 } as const;
const field = { sqlstate: 'C'.charCodeAt(0), primary: 'M'.charCodeAt(0) } as const;
const inTransaction: ReadonlySet<number> = new Set([2, 3]); // PQTRANS_INTRANS, PQTRANS_INERROR

/** Types by their OID (src/include/catalog/pg_type.dat). */
const type = { bool: 16, int8: 20, int2: 21, int4: 23, text: 25, float4: 700, float8: 701, numeric: 1700 } as const;
const numbers: ReadonlySet<number> = new Set([type.int8, type.int2, type.int4, type.float4, type.float8, type.numeric]);

function bindLibrary(path: string) {
  let library: ReturnType<typeof koffi.load>;
  try {
    library = koffi.load(path);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw harnessError(
      'NO_LIBPQ',
      `PostgreSQL's client library ${path} could not be loaded: ${said}.`,
      serverRemedy,
      error,
    );
  }
  return {
    connect: library.func('void *PQconnectdb(const char *conninfo)'),
    status: library.func('int PQstatus(void *conn)'),
    errorMessage: library.func('const char *PQerrorMessage(void *conn)'),
    backendPid: library.func('int PQbackendPID(void *conn)'),
    socket: library.func('int PQsocket(void *conn)'),
    transaction: library.func('int PQtransactionStatus(void *conn)'),
    send: library.func(
      'int PQsendQueryParams(void *conn, const char *sql, int n, const uint *types, const char **values, const int *lengths, const int *formats, int binary)',
    ),
    sendText: library.func('int PQsendQuery(void *conn, const char *sql)'),
    consume: library.func('int PQconsumeInput(void *conn)'),
    isBusy: library.func('int PQisBusy(void *conn)'),
    result: library.func('void *PQgetResult(void *conn)'),
    resultStatus: library.func('int PQresultStatus(void *result)'),
    errorField: library.func('const char *PQresultErrorField(void *result, int code)'),
    rows: library.func('int PQntuples(void *result)'),
    columns: library.func('int PQnfields(void *result)'),
    name: library.func('const char *PQfname(void *result, int column)'),
    type: library.func('uint PQftype(void *result, int column)'),
    value: library.func('const char *PQgetvalue(void *result, int row, int column)'),
    isNull: library.func('int PQgetisnull(void *result, int row, int column)'),
    changes: library.func('const char *PQcmdTuples(void *result)'),
    command: library.func('const char *PQcmdStatus(void *result)'),
    clear: library.func('void PQclear(void *result)'),
    notifies: library.func('void *PQnotifies(void *conn)'),
    free: library.func('void PQfreemem(void *memory)'),
    finish: library.func('void PQfinish(void *conn)'),
  };
}

export type Libpq = ReturnType<typeof bindLibrary>;

const loaded = new Map<string, Libpq>();

/** @throws a harness error where it cannot be loaded */
export function loadLibpq(path: string): Libpq {
  const known = loaded.get(path) ?? bindLibrary(path);
  loaded.set(path, known);
  return known;
}

function typeOf(value: SqlValue): number {
  if (typeof value === 'number') return Number.isInteger(value) ? type.int8 : type.float8;
  return value === null ? 0 : type.text;
}

const notify = koffi.struct({ relname: 'const char *', be_pid: 'int', extra: 'const char *' });

/** A connection to the server, by which one statement at a time is under way. */
export class Client {
  readonly #libpq: Libpq;
  #connection: Pointer | undefined;
  #isCut = false;

  /** @throws ClientError where it is refused */
  constructor(libpq: Libpq, conninfo: string) {
    this.#libpq = libpq;
    const connection = libpq.connect(conninfo) as Pointer;
    if (libpq.status(connection) !== status.ok) {
      const said = String(libpq.errorMessage(connection)).trim();
      libpq.finish(connection);
      throw new ClientError(sqlstateOfRefusal(said), messageOfRefusal(said));
    }
    this.#connection = connection;
  }

  get isOpen(): boolean {
    return !this.#isCut && this.#connection !== undefined && this.#libpq.status(this.#connection) === status.ok;
  }
  /** Of the server's process that serves it: never in a trace. */
  get backendPid(): number {
    return Number(this.#libpq.backendPid(this.#opened()));
  }
  get inTransaction(): boolean {
    return this.#connection !== undefined && inTransaction.has(Number(this.#libpq.transaction(this.#connection)));
  }

  /** Sends a statement with its parameters, `$1` and so on; without any, several statements may stand in one text. */
  send(sql: string, bind: readonly SqlValue[] = []): void {
    const connection = this.#opened();
    if (bind.length === 0) {
      this.#libpq.sendText(connection, sql);
      return;
    }
    const texts = bind.map((value) => (value === null ? null : String(value)));
    this.#libpq.send(connection, sql, bind.length, bind.map(typeOf), texts, null, null, 0);
  }

  /** Reads what has come. Result: is the statement over? A connection that is gone is over too. */
  isOver(): boolean {
    const connection = this.#opened();
    if (this.#libpq.consume(connection) !== 1) return true;
    return this.#libpq.isBusy(connection) === 0;
  }

  /** Waits, at most so many real milliseconds, until something comes. */
  await(ms: number): void {
    const fd = Number(this.#libpq.socket(this.#opened()));
    if (fd >= 0) pollReadable(fd, ms);
  }

  /** Of the statement that is over; of several in one text, that of the last, or of the first that failed. */
  take(): Outcome {
    const connection = this.#opened();
    let outcome: Outcome | undefined;
    for (;;) {
      const result = this.#libpq.result(connection) as Pointer | null;
      if (result === null) break;
      if (outcome === undefined || !('sqlstate' in outcome)) outcome = this.#read(result);
      this.#libpq.clear(result);
    }
    if (outcome !== undefined && (this.isOpen || 'sqlstate' in outcome)) return outcome;
    return { sqlstate: connectionGone, message: 'the connection to the server is gone' };
  }

  /** Sends a statement and waits for its end, however long that takes. For those that wait for nobody. */
  query(sql: string, bind: readonly SqlValue[] = []): Outcome {
    this.send(sql, bind);
    while (!this.isOver()) this.await(1000);
    return this.take();
  }

  /**
   * Notifications that have been read. An empty statement comes back behind those of every transaction that was committed before it was
   * sent, since a backend tells them before it says that it is ready (PostgreSQL's documentation, 34.9: "submit commands, even empty ones").
   */
  notifications(): readonly Notification[] {
    const connection = this.#opened();
    const found: Notification[] = [];
    for (;;) {
      const one = this.#libpq.notifies(connection) as Pointer | null;
      if (one === null) return found;
      const { relname, extra } = koffi.decode(one, notify) as { readonly relname: string; readonly extra: string };
      found.push({ channel: relname, payload: extra });
      this.#libpq.free(one);
    }
  }

  /** The connection ends as by the death of its process: without a word of goodbye. */
  cut(): void {
    const fd = Number(this.#libpq.socket(this.#opened()));
    if (fd >= 0) shutdown(fd, bothWays);
    this.#isCut = true;
  }

  close(): void {
    if (this.#connection !== undefined) this.#libpq.finish(this.#connection);
    this.#connection = undefined;
  }

  #opened(): Pointer {
    if (this.#connection === undefined) throw new Error('A connection was used after it was closed.');
    return this.#connection;
  }

  #read(result: Pointer): Outcome {
    const libpq = this.#libpq;
    const said = Number(libpq.resultStatus(result));
    if (said !== resultStatus.commandOk && said !== resultStatus.tuplesOk) {
      const sqlstate = libpq.errorField(result, field.sqlstate) as string | null;
      const message = libpq.errorField(result, field.primary) as string | null;
      return { sqlstate: sqlstate ?? connectionGone, message: message ?? 'the connection to the server is gone' };
    }
    const columns = Array.from({ length: Number(libpq.columns(result)) }, (_, i) => ({
      name: String(libpq.name(result, i)),
      type: Number(libpq.type(result, i)),
    }));
    const rows = Array.from({ length: Number(libpq.rows(result)) }, (_, row) =>
      Object.fromEntries(
        columns.map(({ name, type: kind }, i) => {
          const text = libpq.isNull(result, row, i) === 1 ? null : String(libpq.value(result, row, i));
          return [name, text === null ? null : valueOf(text, kind)];
        }),
      ),
    );
    const isRead = /^(SELECT|FETCH|SHOW)/.test(String(libpq.command(result)));
    return { rows, changes: isRead ? 0 : Number(libpq.changes(result)) }; // an empty text is 0
  }
}

function valueOf(text: string, kind: number): SqlValue {
  if (kind === type.bool) return text === 't' ? 1 : 0;
  return numbers.has(kind) ? Number(text) : text;
}

/** A connection that was refused. */
export class ClientError extends Error {
  readonly sqlstate: string;
  constructor(sqlstate: string, message: string) {
    super(message);
    this.name = 'ClientError';
    this.sqlstate = sqlstate;
  }
}

/** What the server itself says; where there is none, libpq names its socket, and each process of ours has another. */
function messageOfRefusal(said: string): string {
  return /(?:FATAL|ERROR): {2}(.*)$/s.exec(said)?.[1] ?? 'could not connect to the server';
}

/** libpq tells a refusal in words only. */
function sqlstateOfRefusal(said: string): string {
  if (/too many clients|remaining connection slots/.test(said)) return '53300';
  if (/does not exist/.test(said)) return '3D000';
  return /starting up|shutting down|recovery mode/.test(said) ? '57P03' : '08001';
}
