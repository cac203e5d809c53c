// The server of one coordinator: its databases, who is connected, and who waits for whom, by its own views. What stays out: lanes and their
// turns (run-database.ts).
import { harnessError } from '../errors/errors.ts';
import { statOf } from '../host/process-state.ts';
import type { SqlValue } from '../model/values.ts';
import { Cluster, superuser } from './cluster.ts';
import type { Client, Outcome } from './libpq.ts';

/** The user of lanes: it may do all in its own database, and nothing else. */
const laneUser = 'lane';

/** Connections that the lanes of a run may have together: 7 gateways with 40 handles each are refused some (#30445). */
export const connectionsMost = 100;

export class Server {
  readonly #cluster: Cluster;
  #admin: Client | undefined;
  #made = 0;

  /** @param parent folder under which its files are, best on tmpfs. @throws a harness error where this machine has no PostgreSQL */
  static async make(parent: string): Promise<Server> {
    const server = new Server(await Cluster.make(parent, connectionsMost));
    server.#must(`CREATE ROLE ${laneUser} LOGIN`);
    return server;
  }

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** @param template a database that nobody is connected to; default: an empty one. Result: its name */
  newDatabase(template = 'template1'): string {
    const name = `run_${this.#made++}`;
    this.#must(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy OWNER ${laneUser}`);
    return name;
  }

  drop(name: string): void {
    this.#must(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }

  /** A lane's connection. @throws ClientError */
  connect(database: string): Client {
    return this.#cluster.connect(database, laneUser);
  }

  /** As the superuser: for who looks at what is left. @throws ClientError */
  look(database: string): Client {
    return this.#cluster.connect(database, superuser);
  }

  /** For processes of the server that wait for a lock: those that they wait for. Who waits for none is not in it. */
  blockersOf(pids: readonly number[]): ReadonlyMap<number, readonly number[]> {
    if (pids.length === 0) return new Map();
    const rows = this.#must(
      `SELECT pid, array_to_string(pg_blocking_pids(pid), ' ') AS by FROM pg_stat_activity
       WHERE pid IN (${pids.join(', ')}) AND wait_event_type = 'Lock'`,
    );
    const found = rows.map(({ pid, by }) => [Number(pid), String(by).split(' ').filter(Boolean).map(Number)] as const);
    return new Map(found.filter(([, by]) => by.length > 0));
  }

  /** The statement of this process of the server fails with SQLSTATE 57014; of one that is stopped, when it goes on. */
  cancel(pid: number): void {
    this.#must(`SELECT pg_cancel_backend(${pid})`);
  }

  /** Has this process of the server ended? What it had locked is free then. */
  isGone(pid: number): boolean {
    const [state = ''] = statOf(`/proc/${pid}`);
    return state === '' || state === 'Z' || state === 'X';
  }

  /** SIGKILL to all of it. */
  kill(): void {
    this.#admin?.close();
    this.#admin = undefined;
    this.#cluster.kill();
  }

  /** Starts it again: it recovers what its WAL has. */
  start(): void {
    this.#cluster.start();
  }

  close(): void {
    this.#admin?.close();
    this.#cluster.close();
  }

  #must(sql: string, bind: readonly SqlValue[] = []): readonly { readonly [column: string]: SqlValue }[] {
    this.#admin ??= this.#cluster.connect('postgres', superuser);
    const outcome: Outcome = this.#admin.query(sql, bind);
    if ('rows' in outcome) return outcome.rows;
    throw harnessError(
      'SERVER_REFUSED',
      `PostgreSQL refused what Lockstep itself asked of it (${outcome.sqlstate}: ${outcome.message}): ${sql}`,
      'This is a defect of Lockstep, or of this machine: run `npx lockstep doctor`.',
    );
  }
}
