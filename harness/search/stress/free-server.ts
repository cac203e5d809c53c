// The way of a process that runs free to the round's PostgreSQL server: its own connections, by libpq, each statement asked and waited for. What
// stays out: the server, and who makes its databases (the round's own).
import { Client, ClientError, loadLibpq } from '../../postgres/libpq.ts';
import type { NotificationsAnswer, Request, ServerAnswer } from '../../model/request.ts';
import type { Json } from '../../model/values.ts';
import type { WayToServer } from '../../postgres/server.ts';

/** Real milliseconds for which it waits at once for something to come. */
const lookMs = 5;

export class FreeServer {
  readonly #way: WayToServer;
  readonly #clients = new Map<number, Client>();
  #made = 0;

  constructor(way: WayToServer) {
    this.#way = way;
  }

  /** What a lane asks of a server; undefined: nothing of the kind. @param leftMs real, until the round ends */
  ask(request: Request, leftMs: number): Json | undefined {
    switch (request.kind) {
      case 'connect':
        return this.#connect();
      case 'statement':
        return this.#state(request) as unknown as Json;
      case 'notifications':
        return this.#notifications(
          request.connection,
          Math.min(request.timeoutMs ?? Infinity, leftMs),
        ) as unknown as Json;
      case 'disconnect':
        this.#clients.get(request.connection)?.close();
        this.#clients.delete(request.connection);
        return null;
      default:
        return undefined;
    }
  }

  /** What the program has left open. */
  close(): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  #connect(): Json {
    try {
      const client = new Client(loadLibpq(this.#way.libpq), this.#way.conninfo);
      this.#clients.set(++this.#made, client);
      return this.#made;
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      return { sqlstate: error.sqlstate, message: error.message, inTransaction: false, isOpen: false };
    }
  }

  #state({ connection, sql, bind, timeoutMs }: Extract<Request, { readonly kind: 'statement' }>): ServerAnswer {
    const client = this.#clients.get(connection);
    if (client === undefined) return { ...gone, inTransaction: false, isOpen: false };
    if (timeoutMs !== undefined) client.query(`SET statement_timeout = ${Math.max(1, Math.round(timeoutMs))}`);
    const outcome = client.query(sql, bind);
    if (timeoutMs !== undefined) client.query('RESET statement_timeout');
    return { ...outcome, inTransaction: client.inTransaction, isOpen: client.isOpen };
  }

  #notifications(connection: number, forMs: number): NotificationsAnswer {
    const client = this.#clients.get(connection);
    const untilMs = performance.now() + forMs;
    for (;;) {
      if (client === undefined || !client.isOpen) return gone;
      client.isOver(); // reads what has come
      const notifications = client.notifications();
      const leftMs = untilMs - performance.now();
      if (notifications.length > 0 || leftMs <= 0) return { notifications };
      client.await(Math.min(leftMs, lookMs));
    }
  }
}

const gone = { sqlstate: '08006', message: 'the connection to the server is gone' } as const;
