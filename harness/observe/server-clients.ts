// Who is connected to the run's PostgreSQL server, and has a transaction open there, by the steps so far: marks and explanations ask it. What
// stays out: the server's own views (harness/postgres).
import { processOf } from '../model/names.ts';
import { parseRequest } from '../model/request.ts';
import type { TraceStep } from '../model/step.ts';

/** What came of a statement or of a connect (run/server-requests.ts). */
interface Came {
  readonly connection?: number;
  readonly connected?: true;
  readonly sqlstate?: string;
}

export function cameOf({ text = '' }: TraceStep): Came {
  return JSON.parse(text) as Came;
}

const connectionGone = '08006';

/** A connection. @property step at which it was made */
export interface ServerClient {
  readonly lane: string;
  readonly step: number;
}

export class ServerClients {
  /** By their numbers. */
  readonly #open = new Map<number, ServerClient>();
  readonly #inTransaction = new Set<number>();

  take(step: TraceStep): void {
    const { op, lane, text = '' } = step;
    if (op === 'statement') {
      const { connection = 0, connected, sqlstate } = cameOf(step);
      if (connected === true) this.#open.set(connection, { lane, step: step.step });
      else if (sqlstate === connectionGone) this.#drop(connection);
    } else if (op === 'ask') this.#asked(text);
    else if (op === 'fault' && isServerKill(text) === 'between')
      for (const connection of this.#open.keys()) this.#drop(connection);
    else if (op === 'end' && (step.injected === true || lane === processOf(lane)))
      for (const connection of this.of(processOf(lane))) this.#drop(connection);
  }

  get all(): readonly ServerClient[] {
    return [...this.#open.values()];
  }

  of(process: string): readonly number[] {
    return [...this.#open].filter(([, { lane }]) => processOf(lane) === process).map(([connection]) => connection);
  }

  isBeside(process: string): boolean {
    return this.all.some(({ lane }) => processOf(lane) !== process);
  }

  isOpen(connection: number): boolean {
    return this.#open.has(connection);
  }

  /** Has the process a transaction open, or where none is named anybody? */
  isInTransaction(process?: string): boolean {
    return [...this.#inTransaction].some((one) => process === undefined || this.of(process).includes(one));
  }

  #asked(text: string): void {
    const request = parseRequest(text);
    if (request.kind === 'disconnect') this.#drop(request.connection);
    if (request.kind !== 'statement' || !this.#open.has(request.connection)) return;
    if (/^\s*BEGIN/.test(request.sql)) this.#inTransaction.add(request.connection);
    else if (/^\s*(COMMIT|ROLLBACK)/.test(request.sql)) this.#inTransaction.delete(request.connection);
  }

  #drop(connection: number): void {
    this.#open.delete(connection);
    this.#inTransaction.delete(connection);
  }
}

/** The fault itself, and not a note that it has left. `inside`: in the middle of the next statement, if that writes so often. */
export function isServerKill(text: string): 'between' | 'inside' | undefined {
  const { kind, at, inside } = JSON.parse(text) as {
    readonly kind?: string;
    readonly at?: object;
    readonly inside?: number;
  };
  if (kind !== 'server-kill' || at === undefined) return undefined;
  return inside === undefined ? 'between' : 'inside';
}
