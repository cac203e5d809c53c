// one-dispatcher: where the strategy promises it, one dispatcher acts on a board at a time. What a strategy promises, its
// policy `dispatch` says: a leader holds a flock until its death (#49068, #50331), so two never act at once, and nobody
// acts between two acts of the same leader; with a server nobody else of the system has the database open (#30445). The
// system as reported promises nothing: its compare-and-swap is meant to bear two dispatchers. What stays out: people and
// their tools, whom no policy binds.
import type { History } from '../../harness/model/history.ts';
import { invariant } from '../../harness/model/invariant.ts';
import { behaviourOf } from '../policies/catalogue.ts';
import { parseStrategy } from '../strategies/parse.ts';
import { wordsOf } from './said.ts';

/** One dispatch_once. One that was not ended lasts until the death of its process, or else to the end of the run. */
interface Act {
  readonly board: string;
  readonly by: string;
  readonly from: number;
  readonly to: number;
}

/** In the order in which they began. */
function actsOf({ observations, deaths }: Pick<History, 'observations' | 'deaths'>): readonly Act[] {
  const died = new Map(deaths.map(({ process, step }) => [process, step]));
  const open = new Map<string, number>();
  const acts: Act[] = [];
  for (const { kind, step, lane, data } of wordsOf(observations, 'dispatch-begin', 'dispatch-end')) {
    const { board, by } = data;
    const key = `${lane} ${board}`;
    const index = open.get(key);
    const begun = index === undefined ? undefined : acts[index];
    open.delete(key);
    if (index !== undefined && begun !== undefined) acts[index] = { ...begun, to: step };
    if (kind === 'dispatch-end') continue;
    open.set(key, acts.length);
    acts.push({ board, by, from: step, to: died.get(by) ?? Infinity });
  }
  return acts;
}

function* leaders(acts: readonly Act[]) {
  /** By board: the act that lasts longest of those so far, the last act, and by process its last act. */
  const longest = new Map<string, Act>();
  const last = new Map<string, Act>();
  const lastOf = new Map<string, Act>();
  const told = new Set<string>();
  for (const act of acts) {
    const { board, by, from, to } = act;
    const other = longest.get(board);
    const between = last.get(board);
    const own = lastOf.get(`${board} ${by}`);
    const pair = (one: string) => [board, one, by].toSorted().join(' ');
    if (other !== undefined && other.by !== by && other.to > from && !told.has(pair(other.by))) {
      told.add(pair(other.by));
      yield {
        message:
          `${other.by} acts on ${board} from step ${other.from} to ${other.to === Infinity ? 'the end' : other.to}, and ` +
          `${by} begins to act on it at step ${from}: two leaders at once`,
        step: from,
      };
    } else if (own !== undefined && between !== undefined && between.by !== by && !told.has(pair(between.by))) {
      told.add(pair(between.by));
      yield {
        message:
          `${by} acted on ${board} at step ${own.from} and acts again at step ${from}, so it lived all the time and kept the ` +
          `lead; but ${between.by} acted on it at step ${between.from}`,
        step: from,
      };
    }
    if (other === undefined || to > other.to) longest.set(board, act);
    last.set(board, act);
    lastOf.set(`${board} ${by}`, act);
  }
}

/** Gateways and workers that hold the board's database open at a look, though a server should be the only one. */
function* direct({ observations, looks }: Pick<History, 'observations' | 'looks'>) {
  const boards = new Set(wordsOf(observations, 'dispatch-begin').map(({ data }) => data.board));
  const clients = new Set(
    wordsOf(observations, 'gateway-up', 'spawned').map(({ kind, data }) =>
      kind === 'gateway-up' ? data.gateway : data.worker,
    ),
  );
  for (const { label, step, openFiles } of looks) {
    const found = new Set(
      openFiles
        .filter(({ process, file }) => clients.has(process) && boards.has(file))
        .map(({ process, file }) => `${process} has ${file} open`),
    );
    for (const sentence of found) {
      yield { message: `look "${label}": ${sentence}, though every operation is to go through the server`, step };
    }
  }
}

export const oneDispatcher = invariant(
  'one-dispatcher',
  'hazard',
  'at most one dispatcher acts on a board at a time, where the strategy promises it',
  function* (history) {
    const { elects, viaServer } = behaviourOf(parseStrategy(history.plan.strategy), 'dispatch');
    if (elects) yield* leaders(actsOf(history));
    if (viaServer) yield* direct(history);
  },
);
