// Moments of a board in a PostgreSQL server, seen in what lanes ask of it: the windows of incidents whose own are moments of SQLite's. What stays
// out: which incident has which (its file says so, and why).
import { parseObserved } from '../../harness/model/observation.ts';
import type { Operation } from '../../harness/model/operations.ts';
import { parseRequest } from '../../harness/model/request.ts';
import { processOf } from '../../harness/model/names.ts';
import type { WatchedMark } from '../../harness/model/scenario.ts';
import type { TraceStep } from '../../harness/model/step.ts';
import { isServerKill, ServerClients } from '../../harness/observe/server-clients.ts';

/** What tells who is connected. */
const told: readonly Operation[] = ['statement', 'ask', 'end', 'fault', 'observe'];

/** @param reached asked before the step counts for who is connected */
function watched(
  name: string,
  says: string,
  reached: (step: TraceStep, clients: ServerClients) => boolean,
): WatchedMark {
  return {
    name,
    says,
    at: told,
    watch() {
      const clients = new ServerClients();
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
    if (request.kind !== 'disconnect' || !clients.isOpen(request.connection)) return false;
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
