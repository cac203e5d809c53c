// vanished-table: somebody takes the board away and makes no new one. SQLite makes an empty file of its name for whoever opens it next;
// a process that has once made the tables there does not look again. What stays out: symptoms and claims (beside this file); a person
// who makes a new board then (init-inode-swap).
import type { Fault } from '../harness/model/fault.ts';
import type { Parameters } from '../harness/model/plan.ts';
import { Draw } from './kanban/draw.ts';
import { kanbanScenario } from './kanban/scenario.ts';
import type { Workload, WorkloadMessage } from './kanban/workload.ts';
import { claims } from './vanished-table.claims.ts';
import { takenUnderGateways } from './vanished-table.marks.ts';
import { symptoms } from './vanished-table.symptoms.ts';

const tickMs = 10_000;

function generate(random: () => number, { gateways, horizonMs }: Parameters): Workload {
  const draw = new Draw(random);
  const messages = (): WorkloadMessage[] =>
    draw.timesMs(draw.between(1, 3), 500, horizonMs - 30_000).map((atMs) => ({
      atMs,
      order: { thinkMs: 500, heartbeats: 0, verdict: 'complete' as const },
      afterPrevious: false,
      leaks: false,
    }));
  return {
    gateways: [
      ...draw.many(gateways, (i) => ({
        dispatches: i === 0 || draw.chance(0.5),
        dispatchIntervalMs: tickMs,
        spawnMs: draw.timeMs(500, 3000),
        workerStartMs: 500,
        sendMs: 0,
        messages: messages(),
      })),
    ],
    ...(draw.chance(0.3) ? { units: {} } : {}),
    operator: [{ atMs: horizonMs - 5000, act: 'read' }],
  };
}

/** Mostly when nobody has it open, which is nearly always. */
function faults(random: () => number, { horizonMs }: Parameters): readonly Fault[] {
  const draw = new Draw(random);
  const way = draw.pick('rm', 'rm-all', 'mv-aside', 'mv-all');
  return [{ kind: 'init-swap', at: { timeMs: draw.timeMs(15_000, horizonMs - 60_000) }, way, init: false }];
}

export const vanishedTable = kanbanScenario({
  name: 'vanished-table',
  says: 'somebody takes the board away and makes no new one; processes that remember its tables meet an empty file',
  source: 'hermes-agent #83445, #83619 (August 2026)',
  engine: '3.50.4',
  parameters: { gateways: 2, horizonMs: 120_000, stepsMax: 500_000 },
  generate,
  faults,
  marks: [takenUnderGateways],
  window: takenUnderGateways.name,
  symptoms,
  claims,
});
