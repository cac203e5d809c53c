// orphan-dispatcher: two supervised gateways on one board, and for each of them a second one that a person has left behind
// with a command typed in a shell. The units are restarted; the orphans live on and dispatch. Late in the run a script runs
// REINDEX on the live database while the volume has a hiccup. What stays out: symptoms and claims (beside this file).
import type { Parameters } from '../harness/model/plan.ts';
import type { Fault } from '../harness/model/fault.ts';
import { Draw } from './kanban/draw.ts';
import { isOnServer } from './kanban/on-server.ts';
import { kanbanScenario } from './kanban/scenario.ts';
import type { Workload, WorkloadMessage, WorkloadStep } from './kanban/workload.ts';
import { ages } from './orphan-dispatcher.ages.ts';
import { claims } from './orphan-dispatcher.claims.ts';
import { startedFromShell, twoDispatchers } from './orphan-dispatcher.marks.ts';
import { symptoms } from './orphan-dispatcher.symptoms.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Before the first orphan. */
const beginningMs = 10 * minuteMs;

/** When the person acts; the later times count from the end, where the orphans are found. */
function timesOf({ horizonMs }: Parameters) {
  const foundMs = horizonMs - minuteMs;
  const runReplaceMs = Math.max(minuteMs, foundMs - ages.runReplaceMs);
  return {
    runReplaceMs,
    restartMs: Math.max(runReplaceMs + minuteMs, foundMs - ages.restartMs),
    reindexMs: foundMs - Math.min(hourMs, Math.floor(horizonMs / 8)),
    foundMs,
  };
}

const orphans = ['orphan-1', 'orphan-2'] as const;
/** Restarts of a unit before the REINDEX. That they have a number gives its process a name. */
const restartsBefore = 3;
/** The operator names what it starts after the number of the step. */
const reindexer = `reindex-${orphans.length + restartsBefore + 1}`;

/**
 * One message or none in the many hours, and some close together when people work, shortly before the REINDEX: a board that
 * is lost early fills the rest of the run with its backups, which is another incident (corrupt-board-storm).
 */
function messagesOf(draw: Draw, { horizonMs }: Parameters, reindexMs: number): WorkloadMessage[] {
  const busyMs = Math.min(10 * minuteMs, Math.floor(horizonMs / 20));
  const timesMs = [
    ...draw.timesMs(draw.between(0, 1), 500, reindexMs),
    ...draw.timesMs(draw.between(2, 6), Math.max(500, reindexMs - busyMs), reindexMs),
  ];
  return timesMs
    .toSorted((a, b) => a - b)
    .map((atMs) => ({
      atMs,
      order: { thinkMs: draw.timeMs(500, 15_000), heartbeats: draw.between(0, 2), verdict: 'complete' },
      afterPrevious: draw.chance(0.2),
      leaks: draw.chance(0.3),
    }));
}

function generate(random: () => number, parameters: Parameters): Workload {
  const draw = new Draw(random);
  const { gateways } = parameters;
  const times = timesOf(parameters);
  const restart = (atMs: number): WorkloadStep => ({
    atMs,
    act: 'systemctl',
    verb: 'restart',
    unit: `gateway-${draw.between(1, gateways)}`,
  });
  const steps: WorkloadStep[] = [
    { atMs: times.runReplaceMs, act: 'gateway-run', gateway: 'gateway-1', name: orphans[0] },
    { atMs: times.restartMs, act: 'gateway-restart', gateway: `gateway-${Math.min(2, gateways)}`, name: orphans[1] },
    ...draw.timesMs(restartsBefore, times.runReplaceMs + 1000, times.reindexMs - 1000).map(restart),
    { atMs: times.reindexMs, act: 'reindex' },
    ...draw.timesMs(draw.between(0, 1), times.reindexMs + 1000, times.foundMs - 1000).map(restart),
    { atMs: times.foundMs, act: 'look', label: 'found' },
    { atMs: times.foundMs + 1000, act: 'read' },
  ];
  return {
    gateways: [
      ...draw.many(gateways, () => ({
        spawnMs: draw.timeMs(500, 3000),
        workerStartMs: draw.timeMs(500, 5000),
        sendMs: draw.timeMs(0, 500),
        messages: messagesOf(draw, parameters, times.reindexMs),
      })),
    ],
    units: {},
    operator: steps.toSorted((a, b) => a.atMs - b.atMs),
  };
}

/** What REINDEX does in how many steps of each kind, roughly: the hiccup begins before one of them. */
const reindexing = { read: 40, shmLock: 20, write: 40, sync: 3 } as const;

/**
 * The hiccup under the REINDEX; a lock file that the orphan may not open, since another user started it (#87609); orphans
 * that leak a connection (#28285, #33159); and pauses that bring the dispatchers together.
 */
function faults(random: () => number, parameters: Parameters, strategy: string): readonly Fault[] {
  const draw = new Draw(random, isOnServer(strategy));
  const times = timesOf(parameters);
  const op = draw.pick('read', 'shmLock', 'write', 'sync');
  const hiccup: Fault = {
    kind: 'io-hiccup',
    at: { lane: reindexer, op, nth: draw.between(1, reindexing[op]) },
    ms: draw.timeMs(500, 5000),
  };
  const fromMs = draw.timeMs(times.runReplaceMs, times.reindexMs);
  const unopenable: Fault = {
    kind: 'io-error',
    at: { timeMs: fromMs },
    code: 'SQLITE_CANTOPEN',
    op: 'flock',
    lane: `${draw.pick(...orphans)}/dispatcher`,
    until: { timeMs: fromMs + draw.timeMs(5 * minuteMs, 30 * minuteMs) },
  };
  const leak = (): Fault => ({
    kind: 'leaked-connection',
    at: { timeMs: draw.timeMs(times.runReplaceMs, times.foundMs) },
    lane: `${draw.pick(...orphans)}/${draw.pick('dispatcher', 'notifier', 'budget')}`,
  });
  return [
    ...(draw.chance(0.5) ? [hiccup] : []),
    ...(draw.chance(0.3) ? [unopenable] : []),
    ...draw.many(draw.between(0, 2), leak),
    ...draw.pauses(
      draw.between(0, 3),
      ['gateway-1/dispatcher', 'orphan-1/dispatcher', 'orphan-2/dispatcher'],
      400,
      30_000,
    ),
  ];
}

export const orphanDispatcher = kanbanScenario({
  name: 'orphan-dispatcher',
  says: 'a gateway left behind by a shell command dispatches beside the unit’s own, and no restart of the service touches it',
  source: 'hermes-agent #35240 (Linux, systemd, SQLite 3.50.4)',
  engine: '3.50.4',
  parameters: {
    gateways: 2,
    horizonMs: ages.runReplaceMs + beginningMs + minuteMs,
    stepsMax: 10_000_000,
    quiet: 'skip',
  },
  generate,
  faults,
  marks: [startedFromShell, twoDispatchers],
  window: startedFromShell.name, // on a server too: it is no moment of SQLite's, and nothing there keeps an orphan away
  symptoms,
  claims,
});
