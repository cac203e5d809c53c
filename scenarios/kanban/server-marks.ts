// Moments of a board in a PostgreSQL server, seen in what lanes ask of it: the windows of incidents whose own are moments of SQLite's. What stays
// out: which incident has which (its file says so, and why).
import { parseObserved } from '../../harness/model/observation.ts';
import type { Operation } from '../../harness/model/operations.ts';
import { parseRequest } from '../../harness/model/request.ts';
import { processOf } from '../../harness/model/names.ts';
import type { WatchedMark } from '../../harness/model/scenario.ts';
import type { TraceStep } from '../../harness/model/step.ts';

/** What tells who is connected. */
const told: readonly Operation[] = ['statement', 'ask', 'end', 'fault', 'observe'];

/** What came of a statement or of a connect (run/server-requests.ts). */
interface Came {
  readonly connection?: number;
  readonly connected?: true;
  readonly sqlstate?: string;
}

/** Who is connected to the server, and has a transaction open there, by the steps so far. */
class Clients {
  /** Processes by the number of their connection. */
  readonly #open = new Map<number, string>();
  readonly #inTransaction = new Set<number>();

  take(step: TraceStep): void {
    const { op, lane, text = '' } = step;
    if (op === 'statement') {
      const { connection = 0, connected, sqlstate } = JSON.parse(text) as Came;
      if (connected === true) this.#open.set(connection, processOf(lane));
      else if (sqlstate === connectionGone) this.#drop(connection);
    } else if (op === 'ask') this.#asked(text);
    else if (op === 'fault' && isServerKill(text) === 'between')
      for (const connection of this.#open.keys()) this.#drop(connection);
    else if (op === 'end' && (step.injected === true || lane === processOf(lane)))
      for (const connection of this.of(processOf(lane))) this.#drop(connection);
  }

  of(process: string): readonly number[] {
    return [...this.#open].filter(([, owner]) => owner === process).map(([connection]) => connection);
  }

  isBeside(process: string): boolean {
    return [...this.#open.values()].some((owner) => owner !== process);
  }

  ownerOf(connection: number): string | undefined {
    return this.#open.get(connection);
  }

  /** Has the process a transaction open, or where none is named anybody? */
  isInTransaction(process?: string): boolean {
    return [...this.#inTransaction].some((one) => process === undefined || this.#open.get(one) === process);
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

const connectionGone = '08006';

/** The fault itself, and not a note that it has left. `inside`: in the middle of the next statement, if that writes so often. */
function isServerKill(text: string): 'between' | 'inside' | undefined {
  const { kind, at, inside } = JSON.parse(text) as {
    readonly kind?: string;
    readonly at?: object;
    readonly inside?: number;
  };
  if (kind !== 'server-kill' || at === undefined) return undefined;
  return inside === undefined ? 'between' : 'inside';
}

/** @param reached asked before the step counts for who is connected */
function watched(name: string, says: string, reached: (step: TraceStep, clients: Clients) => boolean): WatchedMark {
  return {
    name,
    says,
    at: told,
    watch() {
      const clients = new Clients();
      return (step) => {
        const isReached = reached(step, clients);
        clients.take(step);
        return isReached;
      };
    },
  };
}

/**
 * The last close of a process under a live holder is the moment at which SQLite deletes -wal, if it takes itself for the last of all. A
 * server alone knows who is connected, and there is nothing that a client could delete: the same coming and going, then.
 */
export const leftBesideClient = watched(
  'left-beside-client',
  'a process closed its last connection to the server while another process had one',
  ({ op, lane, text = '' }, clients) => {
    if (op !== 'ask') return false;
    const request = parseRequest(text);
    if (request.kind !== 'disconnect' || clients.ownerOf(request.connection) === undefined) return false;
    return clients.of(processOf(lane)).length === 1 && clients.isBeside(processOf(lane));
  },
);

/**
 * What a kill leaves half done is, on a server, a transaction: of the client that dies the server takes it back, of a server that dies its
 * recovery does (PostgreSQL's documentation, 30.3). The OOM killer may take either (19.4.4).
 */
export const killedInTransaction = watched(
  'killed-in-transaction',
  'a client was killed while it had a transaction open at the server, or the server while somebody had',
  ({ op, lane, injected, text = '' }, clients) => {
    if (op === 'fault') return isServerKill(text) !== undefined && clients.isInTransaction();
    return op === 'end' && injected === true && clients.isInTransaction(processOf(lane));
  },
);

/** There is no file that a person could take away, and `kanban init` finds the tables there. */
export const replacedInVain = watched(
  'replaced-in-vain',
  'a person set about replacing the file that is not there, while a gateway was connected to the server',
  ({ op, lane, text = '' }, clients) => {
    if (op !== 'observe') return false;
    const { kind, data } = parseObserved(text);
    if (kind !== 'no-file') return false;
    return (data as { readonly act?: string }).act === 'replace' && clients.isBeside(processOf(lane));
  },
);

/**
 * COMMIT is one statement, in which the server syncs its WAL. Between the last word of a transaction and what it hears of its COMMIT it has
 * all its locks, others go on beside it, and a checkpoint writes pages that it has changed (PostgreSQL's documentation, 30.5).
 */
export const actedBesideCommit: WatchedMark = {
  name: 'acted-beside-commit',
  says: 'a process did something at the server, or the server made a checkpoint, while another process was about to hear of its COMMIT',
  at: told,
  watch() {
    /** Lanes that have said that they commit, and beside whom nobody has acted so far. */
    const committing = new Set<string>();
    return ({ op, lane, text = '', injected }) => {
      if (op === 'observe' && parseObserved(text).kind === 'committing') {
        committing.add(lane);
        return false;
      }
      if (op === 'end') {
        for (const one of committing)
          if (one === lane || (injected === true && processOf(one) === processOf(lane))) committing.delete(one);
        return false;
      }
      const acts = op === 'statement' || (op === 'fault' && isCheckpoint(text));
      const beside = acts ? [...committing].filter((one) => op === 'fault' || processOf(one) !== processOf(lane)) : [];
      for (const one of beside) committing.delete(one);
      if (op === 'statement' || op === 'observe') committing.delete(lane);
      return beside.length > 0;
    };
  },
};

function isCheckpoint(text: string): boolean {
  return (JSON.parse(text) as { readonly kind?: string }).kind === 'server-checkpoint';
}
