// The server of one coordinator: its databases, who is connected, and who waits for whom, by its own views. What stays out: lanes and their
// turns (run-database.ts).
import { harnessError } from '../errors/errors.ts';
import { Cluster, lives, stateOf, superuser, type WayToServer } from './cluster.ts';
import type { Written } from './crash-point.ts';
import { type Client, ClientError, type Outcome } from './libpq.ts';
import type { ServerPace } from './settings.ts';

export type { WayToServer } from './cluster.ts';

/** The user of lanes: it may do all in its own database, and nothing else. */
const laneUser = 'lane';

/** Connections that the lanes of a run may have together: 7 gateways with 40 handles each are refused some (#30445). */
export const connectionsMost = 100;

export class Server {
  readonly #cluster: Cluster;
  #admin: Client | undefined;
  #made = 0;

  /** @param parent folder under which its files are, best on tmpfs. @throws a harness error where this machine has no PostgreSQL */
  static async make(parent: string, pace: ServerPace = 'lock-step'): Promise<Server> {
    const server = new Server(await Cluster.make(parent, connectionsMost, pace));
    server.#must(`CREATE ROLE ${laneUser} LOGIN`);
    server.#addCheck();
    return server;
  }

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Lanes may have tables and indexes checked in every database that is made from now on, where this PostgreSQL has the extension. */
  #addCheck(): void {
    const client = this.look('template1');
    const made = client.query(`
      CREATE EXTENSION amcheck;
      GRANT EXECUTE ON FUNCTION verify_heapam(regclass, boolean, boolean, text, bigint, bigint) TO ${laneUser};
      GRANT EXECUTE ON FUNCTION bt_index_check(regclass, boolean) TO ${laneUser}`);
    client.close();
    if ('sqlstate' in made && !isMissing(made.sqlstate)) throw refused(`${made.sqlstate}: ${made.message}`, 'amcheck');
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

  /** The same for another process. */
  wayTo(database: string): WayToServer {
    return this.#cluster.wayTo(database, laneUser);
  }

  /** Processor time of all its processes, ms. */
  processorMs(): number {
    return this.#cluster.processorMs();
  }

  /** Memory of all its processes. */
  memoryBytes(): number {
    return this.#cluster.memoryBytes();
  }

  /** As the superuser: for who looks at what is left. @throws ClientError */
  look(database: string): Client {
    return this.#cluster.connect(database, superuser);
  }

  /** For processes of the server that wait for a lock: those that they wait for. Who waits for none is not in it. */
  blockersOf(pids: readonly number[]): ReadonlyMap<number, readonly number[]> {
    if (pids.length === 0) return new Map();
    const asked = this.#ask(
      `SELECT pid, array_to_string(pg_blocking_pids(pid), ' ') AS by FROM pg_stat_activity
       WHERE pid IN (${pids.join(', ')}) AND wait_event_type = 'Lock'`,
    );
    if (asked === undefined) return new Map(); // it has just been killed, inside a statement
    const rows = 'rows' in asked ? asked.rows : [];
    const found = rows.map(({ pid, by }) => [Number(pid), String(by).split(' ').filter(Boolean).map(Number)] as const);
    return new Map(found.filter(([, by]) => by.length > 0));
  }

  /** The statement of this process of the server fails with SQLSTATE 57014; of one that is stopped, when it goes on. */
  cancel(pid: number): void {
    this.#must(`SELECT pg_cancel_backend(${pid})`);
  }

  /** Writes what was changed; recovery begins there from then on. */
  checkpoint(): void {
    this.#must('CHECKPOINT');
  }

  /** Has this process of the server ended? What it had locked is free then. */
  isGone(pid: number): boolean {
    return !lives(pid);
  }

  /** Only a process that sleeps can wait for a lock. */
  isAsleep(pid: number): boolean {
    return stateOf(pid) === 'S';
  }

  /** It is killed before the nth write or sync that this process of its own makes from now on. */
  armAt(pid: number, nth: number): void {
    this.#cluster.crashPoint.arm(pid, nth);
  }

  /** Result: has it been killed there? */
  disarm(): boolean {
    return this.#cluster.crashPoint.disarm();
  }

  /** From now on no file of a table or an index of it can grow, or it can again. */
  fillDisk(isFull: boolean): void {
    this.#cluster.crashPoint.fillDisk(isFull);
  }

  /** What its processes have written and synced so far. */
  written(): Written {
    return this.#cluster.crashPoint.written();
  }

  /** SIGKILL to all of it. */
  kill(others: readonly number[] = []): void {
    this.#admin?.close();
    this.#admin = undefined;
    this.#cluster.kill(others);
  }

  /** Starts it again: it recovers what its WAL has. */
  start(): void {
    this.#cluster.start();
    this.#must('SELECT 1'); // our own connection is one of those that there are: lanes never have more or fewer
  }

  close(): void {
    this.#admin?.close();
    this.#cluster.close();
  }

  /** Undefined: the server is gone. */
  #ask(sql: string): Outcome | undefined {
    try {
      this.#admin ??= this.#cluster.connect('postgres', superuser);
    } catch (error) {
      if (error instanceof ClientError) return undefined;
      throw error;
    }
    const outcome = this.#admin.query(sql);
    if (this.#admin.isOpen) return outcome;
    this.#admin.close();
    this.#admin = undefined;
    return undefined;
  }

  #must(sql: string): void {
    const outcome = this.#ask(sql);
    if (outcome !== undefined && 'rows' in outcome) return;
    throw refused(outcome === undefined ? 'it is gone' : `${outcome.sqlstate}: ${outcome.message}`, sql);
  }
}

/** Of an extension that is not installed (postgresql.org, appendix A: undefined_file, feature_not_supported). */
function isMissing(sqlstate: string): boolean {
  return sqlstate === '58P01' || sqlstate === '0A000';
}

function refused(said: string, asked: string): Error {
  return harnessError(
    'SERVER_REFUSED',
    `PostgreSQL refused what Lockstep itself asked of it (${said}): ${asked}`,
    'This is a defect of Lockstep, or of this machine: run `npx lockstep doctor`.',
  );
}
