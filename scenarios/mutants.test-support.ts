// Small scenarios in which a fix shows what it is for within seconds of virtual time, for runs that must tell each fix from
// its mutants. What stays out: the mutants (src/testing/mutants), and who is caught where (mutants.test.ts).
import type { Scenario } from '../harness/model/scenario.ts';
import type { Fault } from '../harness/model/fault.ts';
import type { History } from '../harness/model/history.ts';
import { invariant } from '../harness/model/invariant.ts';
import { wordsOf } from '../src/oracle/said.ts';
import { programs } from '../src/programs/catalogue.ts';
import { withoutMutants } from '../src/testing/mutants/catalogue.test-support.ts';
import { Draw } from './kanban/draw.ts';
import { database } from './kanban/processes.ts';
import { kanbanScenario } from './kanban/scenario.ts';
import type { Workload, WorkloadGateway, WorkloadMessage, WorkloadStep } from './kanban/workload.ts';

const programsModule = new URL('../src/testing/mutants/programs.test-support.ts', import.meta.url).href;

/** The scenario for runs under mutants: its processes know them, and it judges each by what its fix promises. */
export function underMutants(scenario: Scenario): Scenario {
  return {
    ...scenario,
    programs: Object.fromEntries(
      Object.entries(programs).map(([name, program]) => [name, { ...program, module: programsModule }]),
    ),
    invariants: scenario.invariants.map((judged) => ({
      ...judged,
      check({ plan, ...history }) {
        return judged.check({ ...history, plan: { ...plan, strategy: withoutMutants(plan.strategy) } });
      },
    })),
  };
}

interface Stage {
  readonly says: string;
  readonly gateways: number;
  readonly horizonMs: number;
  /** What differs from gateways with two chat messages each; what it leaves to chance it draws. */
  readonly workload: (draw: Draw, gateways: WorkloadGateway[]) => Omit<Workload, 'gateways'> & Partial<Workload>;
  readonly faults?: (draw: Draw) => readonly Fault[];
}

/** The dispatcher of a stage ticks every 10 s, first after 5 s. */
const tickMs = 10_000;

export function stage(name: string, { says, gateways, horizonMs, workload, faults = () => [] }: Stage): Scenario {
  return kanbanScenario({
    name,
    says,
    source: 'none: a test of the fixes',
    engine: '3.50.4',
    parameters: { gateways, horizonMs, stepsMax: 200_000 },
    generate: (random) => {
      const draw = new Draw(random);
      const all = draw.many(gateways, () => ({
        dispatchIntervalMs: tickMs,
        spawnMs: draw.timeMs(500, 2000),
        workerStartMs: 500,
        sendMs: 0,
        messages: draw.timesMs(2, 500, 12_000).map((atMs) => message(atMs)),
      }));
      return { gateways: [...all], ...workload(draw, [...all]) };
    },
    faults: (random) => faults(new Draw(random)),
    window: 'close-beside-holder',
    symptoms: [],
    claims: [],
  });
}

export function message(atMs: number): WorkloadMessage {
  return { atMs, order: { thinkMs: 1000, heartbeats: 1, verdict: 'complete' }, afterPrevious: false, leaks: false };
}

const typed = (atMs: number): WorkloadStep => ({ atMs, act: 'kanban', command: { verb: 'list' } });
const lookAt = (atMs: number): WorkloadStep => ({ atMs, act: 'look', label: 'late' });

export const twoGateways = stage('two-gateways', {
  says: 'two gateways dispatch on one board',
  gateways: 2,
  horizonMs: 30_000,
  workload: () => ({ operator: [lookAt(20_000)] }),
});

/** Longer than a notifier that polls takes, and shorter than one that was not told and looks when the dispatcher does. */
const soonMs = 9000;

/** A chat hears soon that its task is done. */
const toldSoon = invariant(
  'told-soon',
  'harm',
  `a chat hears within ${soonMs / 1000} s that its task is done`,
  function* ({ plan, observations }: History) {
    const told = observations.filter(({ kind }) => kind === 'notified');
    const taskOf = ({ data }: History['observations'][number]) => (data as { readonly task: string }).task;
    for (const done of observations.filter(({ kind }) => kind === 'verified')) {
      if (done.nowMs + soonMs > plan.parameters.horizonMs) continue;
      const task = taskOf(done);
      const heard = told.find((one) => taskOf(one) === task);
      const afterMs = (heard?.nowMs ?? Infinity) - done.nowMs;
      if (afterMs > soonMs)
        yield { message: `${task} was done, and its chat was told ${afterMs} ms later`, step: done.step };
    }
  },
);

const delivering = stage('delivering', {
  says: 'two gateways, whose notifiers take their time to deliver',
  gateways: 2,
  horizonMs: 70_000,
  workload: (draw, gateways) => ({
    gateways: gateways.map((gateway) => ({
      ...gateway,
      sendMs: 1500,
      messages: draw.timesMs(3, 500, 25_000).map((atMs) => message(atMs)),
    })),
    operator: [],
  }),
});
export const toldWhenDone: Scenario = { ...delivering, invariants: [...delivering.invariants, toldSoon] };

/** The second of two gateways cannot open any lock file for a while. */
export const lockUnopenable: Scenario = {
  ...twoGateways,
  name: 'lock-unopenable',
  faults: () => [
    {
      kind: 'io-error',
      at: { timeMs: 1000 },
      code: 'SQLITE_CANTOPEN',
      op: 'flock',
      lane: 'gateway-2/dispatcher',
      until: { timeMs: 20_000 },
    },
  ],
};

/** A gateway that does not dispatch, beside one that does; nobody who does not dispatch has the board open. */
const onlyDispatchersOpen = invariant(
  'only-dispatchers-open',
  'hazard',
  'no gateway that does not dispatch has the board open at a look',
  function* (history) {
    for (const { label, step, openFiles } of history.looks) {
      const idle = openFiles.find(({ process, file }) => process === 'gateway-2' && file === database);
      if (idle !== undefined) yield { message: `look "${label}": ${idle.process} has ${database} open`, step };
    }
  },
);

const idle = stage('idle-gateway', {
  says: 'one of two gateways does not dispatch; a helper of it leaks its connection, which a look finds then',
  gateways: 2,
  horizonMs: 10_000,
  workload: (draw, gateways) => ({
    gateways: gateways.map((gateway, i) => ({
      ...gateway,
      dispatches: i === 0,
      messages: i === 0 ? [] : [{ ...message(draw.timeMs(500, 8000)), leaks: true }],
    })),
    operator: [lookAt(9000)],
  }),
});
export const idleGateway: Scenario = { ...idle, invariants: [...idle.invariants, onlyDispatchersOpen] };

/** At every look each living gateway has the board open, whoever uses it. */
const alwaysOpen = invariant(
  'always-open',
  'hazard',
  'a gateway that is up has the board open at every look',
  function* (history) {
    const up = wordsOf(history.observations, 'gateway-up').map(({ data }) => data.gateway);
    for (const { label, step, openFiles } of history.looks.filter((look) => look.label === 'late')) {
      const holders = new Set(openFiles.filter(({ file }) => file === database).map(({ process }) => process));
      for (const gateway of up) {
        if (!holders.has(gateway)) yield { message: `look "${label}": ${gateway} has ${database} not open`, step };
      }
    }
  },
);
export const betweenTicks: Scenario = {
  ...twoGateways,
  name: 'between-ticks',
  invariants: [...twoGateways.invariants, alwaysOpen],
};

/** A person takes the board away while a dispatcher starts a worker, its connection open. */
export const takenAway = stage('taken-away', {
  says: 'the board and its sidecars are removed while a dispatcher has them open',
  gateways: 1,
  horizonMs: 20_000,
  workload: (draw, gateways) => ({
    gateways: gateways.map((gateway) => ({ ...gateway, spawnMs: 3000, messages: [message(0)] })),
    operator: [{ atMs: 5000 + draw.timeMs(500, 2500), act: 'replace', way: 'rm-all', pauseMs: 0 }],
  }),
});

/** A gateway dies as it writes to the database. */
export const killedAtWrite = stage('killed-at-write', {
  says: 'a gateway is killed in the middle of a commit',
  gateways: 1,
  horizonMs: 20_000,
  workload: () => ({ operator: [{ atMs: 18_000, act: 'read' }] }),
  faults: (draw) => [
    {
      kind: 'kill',
      at: { lane: 'gateway-1/dispatcher', op: 'write', role: 'db', nth: draw.between(1, 20) },
    },
  ],
});

/**
 * While a dispatcher starts a worker, its connection open, helpers of its gateway use the board, and a look is taken; all
 * watchers tick in the moment in which it connects.
 */
export const besideTick = stage('beside-a-tick', {
  says: 'helpers of a gateway use the board while its dispatcher has a connection open',
  gateways: 2,
  horizonMs: 30_000,
  workload: (_draw, gateways) => ({
    gateways: gateways.map((gateway) => ({
      ...gateway,
      spawnMs: 3000,
      messages: [4500, 5000, 6000, 14_500, 15_000, 16_000].map((atMs) => message(atMs)),
    })),
    operator: [lookAt(7000), lookAt(17_000)],
  }),
});

/** Helpers connect, one or the other slowly, just before the dispatcher does, which keeps its connection open; then a look. */
export const slowHelpers = stage('slow-helpers', {
  says: 'helpers of a gateway connect slowly, just before its dispatcher does',
  gateways: 1,
  horizonMs: 7000,
  workload: (_draw, gateways) => ({
    gateways: gateways.map((gateway) => ({
      ...gateway,
      spawnMs: 3000,
      messages: [500, 4500, 4500].map((atMs) => message(atMs)),
    })),
    operator: [lookAt(6500)],
  }),
  faults: (draw) =>
    draw.many(2, () => ({
      kind: 'pause',
      at: {
        lane: `gateway-1/${draw.pick('chat-2', 'chat-3')}`,
        op: draw.pick('fileRead', 'open', 'lock', 'close'),
        nth: draw.between(1, 2),
      },
      ms: 1000,
    })),
});

/** A connection that a helper leaks stays open, and holds locks, between the ticks. */
export const leaking = stage('leaking-helpers', {
  says: 'helpers of two gateways leak connections',
  gateways: 2,
  horizonMs: 16_000,
  workload: (draw, gateways) => ({
    gateways: gateways.map((gateway) => ({
      ...gateway,
      messages: [{ ...message(draw.timeMs(6000, 12_000)), leaks: true }],
    })),
    operator: [lookAt(15_500)],
  }),
});

/** The unit is down while somebody runs a gateway from a shell, and comes up later. */
export const unitComesLater = stage('unit-comes-later', {
  says: 'a gateway is started from a shell while its unit is down; then the unit is started',
  gateways: 1,
  horizonMs: 60_000,
  workload: (draw, gateways) => ({
    gateways: gateways.map((gateway) => ({ ...gateway, messages: [] })),
    units: { startLimitBurst: 2, startLimitIntervalMs: 60_000 },
    operator: [
      { atMs: 7000, act: 'systemctl', verb: 'stop', unit: 'gateway-1' },
      { atMs: draw.timeMs(10_000, 20_000), act: 'gateway-run', gateway: 'gateway-1', name: 'orphan-1' },
      { atMs: draw.timeMs(30_000, 40_000), act: 'systemctl', verb: 'start', unit: 'gateway-1' },
    ],
  }),
});

/** Somebody starts a gateway from a shell beside the unit's own; then the unit is restarted. */
export const fromShell = stage('from-shell', {
  says: 'a gateway is started from a shell beside the unit’s own, and the unit is restarted',
  gateways: 1,
  horizonMs: 190_000,
  workload: (draw, gateways) => ({
    gateways: gateways.map((gateway) => ({ ...gateway, dispatchIntervalMs: 60_000, messages: [] })),
    units: {},
    operator: [
      { atMs: draw.timeMs(10_000, 20_000), act: 'gateway-run', gateway: 'gateway-1', name: 'orphan-1' },
      { atMs: draw.timeMs(30_000, 40_000), act: 'systemctl', verb: 'restart', unit: 'gateway-1' },
    ],
  }),
});

/** A command that meets a passing I/O error as it connects, the last to use the board. */
const modeKept = invariant(
  'mode-kept',
  'hazard',
  'the board is in WAL mode at the end, as it was',
  function* ({ autopsy }: History) {
    const mode = JSON.stringify(autopsy.queries['mode']);
    if (mode !== '[["wal"]]') yield { message: `the journal mode at the end: ${mode}` };
  },
);

const passing = stage('passing-error', {
  says: 'a command meets an I/O error as it maps the wal-index, and is the last to use the board',
  gateways: 1,
  horizonMs: 8000,
  workload: (_draw, gateways) => ({
    gateways: gateways.map((gateway) => ({ ...gateway, messages: [] })),
    operator: [{ atMs: 7500, act: 'kanban', command: { verb: 'init' } }],
  }),
  faults: (draw) => [
    {
      kind: 'io-error',
      at: { lane: 'kanban-1', op: 'shmMap', nth: draw.between(1, 4) },
      code: 'SQLITE_IOERR_SHMMAP',
    },
  ],
});
export const passingError: Scenario = {
  ...passing,
  queries: { ...passing.queries, mode: 'PRAGMA journal_mode' },
  invariants: [...passing.invariants, modeKept],
};

/** The board is damaged; a person types commands, takes it away, or puts back a copy that was taken before. */
function damaged(name: string, person: (draw: Draw) => readonly WorkloadStep[]): Scenario {
  return stage(name, {
    says: 'the board is damaged under two gateways while a person uses it too',
    gateways: 2,
    horizonMs: 90_000,
    workload: (draw) => ({ operator: [...person(draw)].toSorted((a, b) => a.atMs - b.atMs) }),
    faults: () => [{ kind: 'corrupt', at: { timeMs: 29_000 }, how: 'foreign-bytes' }],
  });
}

export const damagedBoard = damaged('damaged-board', (draw) => [
  ...draw.timesMs(3, 40_000, 50_000).map((atMs) => typed(atMs)),
  lookAt(55_000),
]);
/** A search leaves out faults in some runs. What a person does with a healthy board is nobody's failure. */
function whereDamaged(scenario: Scenario): Scenario {
  return {
    ...scenario,
    invariants: scenario.invariants.map((judged) => ({
      ...judged,
      check: (history) => (history.strikes.some(({ changed }) => changed === true) ? judged.check(history) : []),
    })),
  };
}
export const damagedAndTakenAway = whereDamaged(
  damaged('damaged-and-taken-away', (draw) => [
    typed(40_000),
    { atMs: draw.timeMs(45_000, 60_000), act: 'replace', way: 'mv-all', pauseMs: 0 },
  ]),
);
export const damagedAndRestored = damaged('damaged-and-restored', (draw) => {
  const atMs = draw.timeMs(40_000, 45_000);
  return [{ atMs: 25_000, act: 'replace', way: 'restore', pauseMs: atMs - 25_000 }];
});

/** A helper meets the damage while the dispatcher of its gateway has a connection open: from 18 s on, in its second tick. */
export const damagedInTick = stage('damaged-in-a-tick', {
  says: 'the board is damaged while a dispatcher has it open, and a helper of its gateway meets the damage',
  gateways: 1,
  horizonMs: 20_500,
  workload: (_draw, gateways) => ({
    gateways: gateways.map((gateway) => ({
      ...gateway,
      spawnMs: 3000,
      messages: [500, 12_000, 19_500].map((atMs) => message(atMs)),
    })),
    operator: [lookAt(20_000)],
  }),
  faults: () => [{ kind: 'corrupt', at: { timeMs: 19_000 }, how: 'foreign-bytes' }],
});

/** Boards that were made in a run: with an init lock one process finds none and makes it, and the others find it. */
const madeOnce = invariant(
  'made-once',
  'hazard',
  'one process at most makes the board',
  function* ({ observations }: History) {
    const [, second] = wordsOf(observations, 'board-created');
    if (second !== undefined) yield { message: `${second.data.by} makes the board a second time`, step: second.step };
  },
);

const unmade = stage('no-board-yet', {
  says: 'there is no board when three gateways come up',
  gateways: 3,
  horizonMs: 8000,
  workload: (_draw, gateways) => ({
    gateways: gateways.map((gateway) => ({ ...gateway, messages: [] })),
    operator: [],
  }),
});
export const noBoardYet: Scenario = {
  ...unmade,
  setup: () => ({
    name: 'nobody',
    program: 'operator',
    args: { file: database, gateways: {}, steps: [] },
  }),
  invariants: [...unmade.invariants, madeOnce],
};
