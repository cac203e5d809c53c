// Small scenarios in which a person, or a fault, replaces, takes away or damages the board, for runs that must tell the fixes that
// bring it back from their mutants. What stays out: the mutants (src/testing/mutants), and who is caught where (mutants.test.ts).
import type { History } from '../harness/model/history.ts';
import { invariant } from '../harness/model/invariant.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { wordsOf } from '../src/oracle/said.ts';
import { keysAtEnd } from '../src/oracle/soundness.ts';
import { replaceWays } from '../src/programs/operator/steps.ts';
import { Draw } from './kanban/draw.ts';
import type { WorkloadStep } from './kanban/workload.ts';
import { message, stage, twoGateways } from './mutants.test-support.ts';

/** Two gateways whose dispatchers have the board open for seconds in each tick; a person replaces it, mostly meanwhile. */
function replacedBoard(
  name: string,
  says: string,
  horizonMs: number,
  replacement: (draw: Draw) => WorkloadStep,
): Scenario {
  return stage(name, {
    says,
    gateways: 2,
    horizonMs,
    workload: (draw, gateways) => ({
      gateways: gateways.map((gateway) => ({ ...gateway, spawnMs: 3000, messages: [message(500), message(10_500)] })),
      operator: [replacement(draw)],
    }),
  });
}

/** In the second tick of the dispatchers, while they start workers. */
const inTickMs = (draw: Draw): number => 15_000 + draw.timeMs(500, 4000);

/** Any way, any time; then the time in which the strategies promise that the board is back. */
export const replacedAnyhow = replacedBoard(
  'replaced-anyhow',
  'a person replaces the board in any way',
  140_000,
  (draw) => {
    const way = draw.pick('rm', 'rm-all', 'mv-aside', 'mv-all', 'cp-over', 'restore', 'rebuild');
    const pauseMs = replaceWays[way].inits ? 0 : draw.timeMs(500, 8000);
    return { atMs: inTickMs(draw) - pauseMs, act: 'replace', way, pauseMs };
  },
);

export const putBackOlder = replacedBoard('put-back-older', 'a person puts an older copy back', 130_000, (draw) => {
  const pauseMs = draw.timeMs(2000, 9000);
  return { atMs: inTickMs(draw) - pauseMs, act: 'replace', way: draw.pick('cp-over', 'restore'), pauseMs };
});

export const takenAwayLate = replacedBoard(
  'taken-away-late',
  'a person takes the board away when all is quiet, and makes a new one',
  160_000,
  (draw) => ({ atMs: draw.timeMs(50_000, 55_000), act: 'replace', way: draw.pick('rm-all', 'mv-all'), pauseMs: 0 }),
);

/** A copy of an early state comes back when all is quiet: the snapshots are newer, and nothing is. */
export const putBackLate = replacedBoard('put-back-late', 'a person puts a much older copy back', 180_000, (draw) => {
  return { atMs: 8000, act: 'replace', way: draw.pick('cp-over', 'restore'), pauseMs: draw.timeMs(50_000, 55_000) };
});

/** Rows that were acknowledged after the board had been replaced, and that are neither on it nor among `known`. */
function* lostSinceReplaced({ observations, autopsy }: History, known: readonly string[]) {
  const replaced = observations.find(({ kind }) => kind === 'replaced')?.step ?? Infinity;
  const found = new Set([...known, ...(keysAtEnd(autopsy) ?? [])]);
  for (const { step, lane, data } of wordsOf(observations, 'committed').filter((word) => word.step > replaced)) {
    const lost = data.keys.find((key) => !found.has(key));
    if (lost !== undefined) yield { message: `${lost}, acknowledged to ${lane}, is nowhere`, step };
  }
}

const toldWhereItIs = invariant(
  'told-where-it-is',
  'hazard',
  'what was acknowledged after the board was replaced is on it, or where it is has been told',
  (history) =>
    lostSinceReplaced(
      history,
      wordsOf(history.observations, 'board-replaced').flatMap(({ data }) => data.rows),
    ),
);

const onTheBoard = invariant(
  'on-the-board',
  'hazard',
  'what was acknowledged after the board was replaced is on it',
  (history) => lostSinceReplaced(history, []),
);

/** @param afterMs of the run: from then on, for some seconds */
function taken(name: string, says: string, afterMs: number): Scenario {
  return replacedBoard(name, says, 40_000, (draw) => {
    return { atMs: afterMs + draw.timeMs(500, 4000), act: 'replace', way: draw.pick('rm-all', 'mv-all'), pauseMs: 0 };
  });
}

const inTick = taken('taken-in-a-tick', 'a person takes the board away while dispatchers start workers', 15_000);
export const takenInATick: Scenario = { ...inTick, invariants: [...inTick.invariants, toldWhereItIs] };

/** When a worker has been started, its dispatcher stands still in the middle of the commit that says so. */
const inCommit = taken('taken-in-a-commit', 'a person takes the board away in the middle of a commit', 8000);
export const takenInACommit: Scenario = {
  ...inCommit,
  invariants: [...inCommit.invariants, onTheBoard],
  faults: (random) => {
    const draw = new Draw(random);
    const lane = `gateway-${draw.between(1, 2)}/dispatcher`;
    return [{ kind: 'pause', at: { lane, op: 'write', role: 'wal', nth: draw.between(24, 38) }, ms: 6000 }];
  },
};

/** A copy is written over the file while a dispatcher stands between two writes of a commit to it. */
export const copiedInACommit: Scenario = {
  ...replacedBoard('copied-in-a-commit', 'a person copies an older file over the board', 140_000, (draw) => {
    return { atMs: draw.timeMs(2000, 4000), act: 'replace', way: 'cp-over', pauseMs: draw.timeMs(6000, 7000) };
  }),
  faults: (random) => {
    const draw = new Draw(random);
    const lane = `gateway-${draw.between(1, 2)}/dispatcher`;
    return [{ kind: 'pause', at: { lane, op: 'write', role: 'db', nth: draw.between(18, 44) }, ms: 6000 }];
  },
};

/** A COMMIT of a helper fails; everybody goes on. */
export const failingCommit: Scenario = {
  ...twoGateways,
  name: 'failing-commit',
  faults: (random) => {
    const draw = new Draw(random);
    const lane = draw.pick('gateway-1/chat-1', 'gateway-2/chat-1', 'gateway-1/dispatcher');
    return [
      { kind: 'io-error', at: { lane, op: 'sync', role: 'db', nth: draw.between(1, 8) }, code: 'SQLITE_IOERR_FSYNC' },
    ];
  },
};

/** Damage that was done once is met, told and mended by one. */
const mendedOnce = invariant('mended-once', 'hazard', 'one process mends the board', function* ({ observations }) {
  const [, second] = wordsOf(observations, 'corrupt-error');
  if (second !== undefined) yield { message: `${second.data.by} begins to mend it too`, step: second.step };
});

/** An index loses an entry; two workers meet it on their first connects, at the same moment. */
const damagedForTwo = stage('damaged-index', {
  says: 'an index loses an entry, and workers of two gateways meet it at once',
  gateways: 2,
  horizonMs: 40_000,
  workload: (_draw, gateways) => ({
    gateways: gateways.map((gateway) => ({ ...gateway, spawnMs: 1000, messages: [message(500), message(12_000)] })),
    operator: [],
  }),
  faults: () => [{ kind: 'corrupt', at: { timeMs: 14_000 }, how: 'index-entry-dropped' }],
});
export const damagedIndex: Scenario = { ...damagedForTwo, invariants: [...damagedForTwo.invariants, mendedOnce] };

/** What lies beside the board is damaged while workers are at work; in half of the runs the board is gone at once, too. */
export const damagedBeside = stage('damaged-beside', {
  says: 'the journal or the snapshots beside a board are damaged, alone or with the board',
  gateways: 1,
  horizonMs: 120_000,
  workload: (draw, gateways) => ({
    gateways: gateways.map((gateway) => ({ ...gateway, messages: [500, 11_000, 14_000].map((atMs) => message(atMs)) })),
    operator: draw.chance(0.5) ? [] : [{ atMs: 13_500, act: 'replace', way: 'rm-all', pauseMs: 0 }],
  }),
  faults: (draw) => {
    const begins = draw.pick('journal.', 'snapshot.');
    const how = begins === 'snapshot.' ? 'remove-all' : draw.pick('flip', 'truncate', 'remove');
    const at = { timeMs: draw.pick(13_000, 13_500) };
    return [
      { kind: 'file-damage', at, how, folder: 'kanban.db.recovery', begins, ...(how !== 'remove-all' && { nth: 1 }) },
    ];
  },
});
