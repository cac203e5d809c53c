// What lanes ask of the run's PostgreSQL server. A statement is done when its lane has its turn: the server acts, alone, until it is over or
// waits for a lock; then the lane waits, and others go on. What stays out: the server (harness/postgres), and whose turn it is (run.ts).
import { createHash } from 'node:crypto';
import type { Outcome } from '../postgres/libpq.ts';
import type { RunDatabase } from '../postgres/run-database.ts';
import type { Answer, Request } from '../model/request.ts';
import type { Json } from '../model/values.ts';
import type { LaneState, ProcessState } from './lanes.ts';
import type { RunControl, RunState } from './run-state.ts';

type Statement = Extract<Request, { readonly kind: 'statement' }>;
type Notifications = Extract<Request, { readonly kind: 'notifications' }>;

const noServer: Answer = {
  error: 'This run has no PostgreSQL server: its scenario does not say that it needs one (Scenario.server).',
};

export class ServerRequests {
  readonly #state: RunState;
  readonly #control: RunControl;
  readonly #database: RunDatabase | undefined;

  constructor(state: RunState, control: RunControl) {
    this.#state = state;
    this.#control = control;
    this.#database = state.options.store;
  }

  /** Does a lane that stands before a statement have to wait? */
  blocks({ connection }: Statement): boolean {
    return this.#database?.isFree(connection) === false;
  }

  /**
   * The lane has its turn: its statement is begun, or goes on.
   *
   * @returns false where it waits: the lane has had its turn
   */
  perform(lane: LaneState): boolean {
    const { request } = lane;
    const database = this.#database;
    if (request?.kind !== 'statement' || database === undefined) return true;
    const { connection, sql, bind } = request;
    const { nowMs } = this.#state;
    if (!database.isUnderWay(connection)) {
      if (database.begin(connection, sql, bind, nowMs) === 'over') return true;
    } else if (!database.isFree(connection)) {
      database.cancel(connection, nowMs); // its time is up
      return true;
    } else if (database.resume(connection, nowMs) === 'over') return true;
    const waitsFor = database.blockers(connection);
    this.#control.addStep(lane, 'statement', JSON.stringify({ connection, waitsFor }));
    lane.status = 'waiting';
    return false;
  }

  /** Others may go on, now that this statement is over: so much stands in the trace. */
  answer(lane: LaneState, { connection }: Statement): Answer {
    const database = this.#database;
    if (database === undefined) return noServer;
    const outcome = database.take(connection);
    this.#control.addStep(lane, 'statement', JSON.stringify({ connection, ...tracedOf(outcome) }));
    const now = { inTransaction: database.isInTransaction(connection), isOpen: database.isOpen(connection) };
    return { value: { ...outcome, ...now } as unknown as Json };
  }

  /** Has a lane that waits for a notification one, or nothing to wait for any more? */
  hasNews({ connection }: Notifications): boolean {
    return this.#database?.hasNews(connection) ?? true;
  }

  notifications(lane: LaneState, { connection }: Notifications): Answer {
    if (this.#database === undefined) return noServer;
    const came = this.#database.takeNews(connection, this.#state.nowMs);
    const traced =
      'sqlstate' in came
        ? { sqlstate: came.sqlstate }
        : { notifications: came.notifications.length, sum: sumOf(came.notifications) };
    this.#control.addStep(lane, 'statement', JSON.stringify({ connection, ...traced }));
    return { value: came as unknown as Json };
  }

  connect(lane: LaneState): Answer {
    if (this.#database === undefined) return noServer;
    const made = this.#database.connect(lane.name, lane.process.name);
    const came = typeof made === 'number' ? { connection: made, connected: true } : { sqlstate: made.sqlstate };
    this.#control.addStep(lane, 'statement', JSON.stringify(came));
    return { value: typeof made === 'number' ? made : { ...made, inTransaction: false, isOpen: false } };
  }

  disconnect(connection: number): Answer {
    this.#database?.disconnect(connection, this.#state.nowMs);
    return {};
  }

  /** A process has ended: the kernel closes its connections. */
  ended(process: ProcessState): void {
    this.#database?.dropProcess(process.name, this.#state.nowMs);
  }
}

/** What of an outcome two runs of one plan have in common, as a run must not differ by anything else. */
function tracedOf(outcome: Outcome): { readonly [key: string]: Json } {
  if ('sqlstate' in outcome) return { sqlstate: outcome.sqlstate };
  const { rows, changes } = outcome;
  return { rows: rows.length, changes, sum: sumOf(rows) };
}

function sumOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
