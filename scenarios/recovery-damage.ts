// recovery-damage: gateways at work, and what lies beside the board to bring it back is damaged: one byte, the end of a file, a file, all of
// them. In a part of the runs a person takes the board away, or puts an older one back, once that damage can have been mended; in another at
// once, where all that can be asked is that what is lost is named. What stays out: damage of the board itself (corrupt-board-storm), and what
// the strategies promise (src/oracle/promise.ts).
import type { Fault } from '../harness/model/fault.ts';
import { fileDamages } from '../harness/model/fault-words.ts';
import type { Parameters } from '../harness/model/plan.ts';
import type { HistoryMark, Scenario } from '../harness/model/scenario.ts';
import { recoveryFolder } from '../src/board-file/recovery/folder.ts';
import { Draw } from './kanban/draw.ts';
import { kanbanScenario } from './kanban/scenario.ts';
import type { Workload, WorkloadMessage, WorkloadStep } from './kanban/workload.ts';
import { database } from './kanban/processes.ts';

const damagedBeside: HistoryMark = {
  name: 'damaged-beside',
  says: 'what lies beside the board to bring it back was damaged',
  count: ({ strikes }) => strikes.filter(({ kind, changed }) => kind === 'file-damage' && changed === true).length,
};

/** Until then faults strike; a person replaces the board then, or so much later. */
const damagedByMs = 30_000;
const mendedMs = 105_000;

function message(atMs: number, draw: Draw): WorkloadMessage {
  const order = { thinkMs: draw.timeMs(500, 5000), heartbeats: draw.between(0, 1), verdict: 'complete' } as const;
  return { atMs, order, afterPrevious: false, leaks: false };
}

/** A message each few seconds until the end is near: a dispatcher compares after what was committed. */
function generate(random: () => number, { gateways, horizonMs }: Parameters): Workload {
  const draw = new Draw(random);
  const lastMs = horizonMs - 150_000;
  const person = (): readonly WorkloadStep[] => {
    if (draw.chance(0.4)) return [];
    const way = draw.pick('rm', 'rm-all', 'mv-all', 'cp-over', 'restore');
    const pauseMs = way === 'cp-over' || way === 'restore' ? draw.timeMs(500, 8000) : 0;
    const atMs = draw.chance(0.3) ? draw.timeMs(10_000, damagedByMs) : damagedByMs + mendedMs;
    return [{ atMs, act: 'replace', way, pauseMs }];
  };
  return {
    gateways: [
      ...draw.many(gateways, () => ({
        dispatchIntervalMs: 40_000,
        spawnMs: draw.timeMs(500, 3000),
        workerStartMs: draw.timeMs(500, 2000),
        sendMs: 0,
        messages: draw.timesMs(draw.between(2, 4), 500, lastMs).map((atMs) => message(atMs, draw)),
      })),
    ],
    units: {},
    operator: [...person()],
  };
}

function faults(random: () => number): readonly Fault[] {
  const draw = new Draw(random);
  return draw.many(draw.between(1, 2), (): Fault => {
    const how = draw.pick(...fileDamages);
    const begins = draw.pick('journal.', 'snapshot.', undefined);
    return {
      kind: 'file-damage',
      at: draw.chance(0.5) ? { timeMs: draw.timeMs(1000, damagedByMs) } : { step: draw.between(300, 6000) },
      how,
      folder: recoveryFolder(database),
      ...(begins === undefined ? {} : { begins }),
      ...(how === 'remove-all' || draw.chance(0.5) ? {} : { nth: 1 }),
    };
  });
}

const scenario = kanbanScenario({
  name: 'recovery-damage',
  says: 'what lies beside a board to bring it back is damaged, alone or with the board',
  source: 'docs/decisions.md, "What lies beside the board can be damaged too"',
  engine: '3.54.1',
  parameters: { gateways: 2, horizonMs: 250_000, stepsMax: 2_000_000 },
  generate,
  faults,
  marks: [damagedBeside],
  window: damagedBeside.name,
  symptoms: [],
  claims: [],
});

/** Of a family, as power-cut: strategies that keep nothing beside the board never come to its window. */
export const recoveryDamage: Scenario = { ...scenario, family: 'recovery' };
