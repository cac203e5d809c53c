// orphan-dispatcher: two supervised gateways on one board, and for each of them a second one that a person has left behind
// with a command typed in a shell. The units are restarted; the orphans live on and dispatch. Late in the run a script runs
// REINDEX on the live database while the volume has a hiccup. What stays out: symptoms and claims (beside this file).
import type { Parameters } from '../harness/explore/plan.ts';
import type { Fault } from '../harness/faults/catalogue.ts';
import { Draw } from './kanban/draw.ts';
import { kanbanScenario } from './kanban/scenario.ts';
import type { Workload, WorkloadMessage } from './kanban/workload.ts';
import { claims } from './orphan-dispatcher.claims.ts';
import { startedFromShell, twoDispatchers } from './orphan-dispatcher.marks.ts';
import { symptoms } from './orphan-dispatcher.symptoms.ts';

const hourMs = 3_600_000;
/** Ages of the two orphans when they were found: 1 d 4 h and 2 h 25 min (#35240). */
export const ages = { runReplaceMs: 28 * hourMs, restartMs: 2 * hourMs + 25 * 60_000 } as const;
/** Before the first orphan. */
const beginningMs = 600_000;

/** When the person acts; the later times count from the end, where the orphans are found. */
function timesOf({ horizonMs }: Parameters) {
  const foundMs = horizonMs - 60_000;
  return {
    runReplaceMs: Math.max(60_000, foundMs - ages.runReplaceMs),
    restartMs: Math.max(120_000, foundMs - ages.restartMs),
    reindexMs: foundMs - Math.min(hourMs, Math.floor(horizonMs / 8)),
    foundMs,
  };
}

function generate(random: () => number, parameters: Parameters): Workload {
  const draw = new Draw(random);
  const times = timesOf(parameters);
  const messages = (): WorkloadMessage[] =>
    draw.timesMs(draw.between(4, 8), 500, times.foundMs).map((atMs) => ({
      atMs,
      order: { thinkMs: draw.timeMs(500, 15_000), heartbeats: draw.between(0, 2), verdict: 'complete' },
      afterPrevious: draw.chance(0.2),
      leaks: draw.chance(0.3),
    }));
  const restarts = draw.timesMs(draw.between(2, 4), times.runReplaceMs + 60_000, times.foundMs);
  const second = `gateway-${Math.min(2, parameters.gateways)}`;
  return {
    gateways: [
      ...draw.many(parameters.gateways, () => ({
        spawnMs: draw.timeMs(500, 3000),
        workerStartMs: draw.timeMs(500, 5000),
        sendMs: draw.timeMs(0, 500),
        messages: messages(),
      })),
    ],
    units: {},
    operator: [
      { atMs: times.runReplaceMs, act: 'gateway-run' as const, gateway: 'gateway-1', name: 'orphan-1' },
      { atMs: times.restartMs, act: 'gateway-restart' as const, gateway: second, name: 'orphan-2' },
      ...restarts.map((atMs) => ({
        atMs,
        act: 'systemctl' as const,
        verb: 'restart' as const,
        unit: `gateway-${draw.between(1, parameters.gateways)}`,
      })),
      { atMs: times.reindexMs, act: 'reindex' as const },
      { atMs: times.foundMs, act: 'look' as const, label: 'found' },
      { atMs: times.foundMs + 1000, act: 'read' as const },
    ].toSorted((a, b) => a.atMs - b.atMs),
  };
}

/** The hiccup under the REINDEX, and pauses that bring the dispatchers together. */
function faults(random: () => number, parameters: Parameters): readonly Fault[] {
  const draw = new Draw(random);
  const { reindexMs } = timesOf(parameters);
  const hiccup: Fault = { kind: 'io-hiccup', at: { timeMs: reindexMs }, ms: draw.timeMs(500, 5000) };
  return [
    ...(draw.chance(0.5) ? [hiccup] : []),
    ...draw.pauses(
      draw.between(0, 3),
      ['gateway-1/dispatcher', 'orphan-1/dispatcher', 'orphan-2/dispatcher'],
      200,
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
    horizonMs: ages.runReplaceMs + beginningMs + 60_000,
    stepsMax: 10_000_000,
    quiet: 'skip',
  },
  generate,
  faults,
  marks: [startedFromShell, twoDispatchers],
  window: startedFromShell.name,
  symptoms,
  claims,
});
