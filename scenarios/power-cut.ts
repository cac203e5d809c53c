// power-cut: gateways at work, and the power goes: in a part of the runs in their middle, and in recorded runs at each of their moments. What
// stays out: what each strategy promises then (kanban/durability.ts, kanban/first-use.ts), and people who replace the board.
import type { Parameters } from '../harness/model/plan.ts';
import type { HistoryMark, Scenario } from '../harness/model/scenario.ts';
import { Draw } from './kanban/draw.ts';
import { kanbanScenario } from './kanban/scenario.ts';
import type { Workload } from './kanban/workload.ts';

const powerWent: HistoryMark = {
  name: 'power-went',
  says: 'the power went while something that was written was not synced',
  count: ({ strikes }) => strikes.filter(({ powerLoss }) => (powerLoss?.underWay ?? 0) > 0).length,
};

/** Messages come all the time, so that somebody writes whenever the power goes. */
function generate(random: () => number, { gateways, horizonMs }: Parameters): Workload {
  const draw = new Draw(random);
  return {
    gateways: [
      ...draw.many(gateways, () => ({
        spawnMs: draw.timeMs(500, 3000),
        workerStartMs: draw.timeMs(500, 3000),
        sendMs: draw.timeMs(0, 500),
        messages: draw.timesMs(draw.between(3, 6), 500, horizonMs - 30_000).map((atMs) => ({
          atMs,
          order: { thinkMs: draw.timeMs(500, 5000), heartbeats: draw.between(0, 1), verdict: 'complete' as const },
          afterPrevious: false,
          leaks: false,
        })),
      })),
    ],
    units: {},
    operator: [],
  };
}

const scenario = kanbanScenario({
  name: 'power-cut',
  says: 'the power goes while gateways are at work, and comes back',
  source: 'sqlite.org/pragma.html, synchronous; sqlite.org/wal.html, section 3.2',
  engine: '3.54.1',
  parameters: { gateways: 2, horizonMs: 120_000, stepsMax: 1_000_000 },
  generate,
  marks: [powerWent],
  window: powerWent.name,
  symptoms: [],
  claims: [],
});

/** Of a family, so that a comparison of the incidents does not take longer for it. */
export const powerCut: Scenario = { ...scenario, family: 'power', powerLoss: ['powersafe', 'ordered'] };
