// checkpoint-race: four gateways and a person at the command line write at the same time, for an hour. Two causes are
// suspected: the WAL-reset bug of SQLite up to 3.51.2, and locks that a raw read has cancelled. What stays out: symptoms and
// claims (beside this file).
import type { Parameters } from '../harness/explore/plan.ts';
import type { Fault } from '../harness/faults/catalogue.ts';
import { claims } from './checkpoint-race.claims.ts';
import { symptoms } from './checkpoint-race.symptoms.ts';
import { Draw } from './kanban/draw.ts';
import { kanbanScenario } from './kanban/scenario.ts';
import type { Workload, WorkloadMessage, WorkloadStep } from './kanban/workload.ts';

/** The four gateways of the report. */
const profiles = ['default', 'bingge', 'pixiel', 'mafei'];

function generate(random: () => number, { gateways, horizonMs }: Parameters): Workload {
  const draw = new Draw(random);
  const order = (): WorkloadMessage['order'] => ({
    thinkMs: draw.timeMs(500, 15_000),
    heartbeats: draw.between(0, 2),
    verdict: draw.pick('complete', 'complete', 'complete', 'block', 'exit'),
  });
  const messages = (): WorkloadMessage[] =>
    draw
      .timesMs(draw.between(2, 6), 500, horizonMs - 120_000)
      .map((atMs) => ({ atMs, order: order(), afterPrevious: draw.chance(0.3), leaks: draw.chance(0.4) }));
  const typed = draw.timesMs(draw.between(2, 6), 30_000, horizonMs - 120_000).flatMap((atMs, i): WorkloadStep[] => {
    const task = `typed-${i + 1}`;
    const profile = profiles[draw.between(0, gateways - 1)] ?? 'default';
    return [
      { atMs, act: 'kanban', command: { verb: 'create', order: order() }, as: task },
      { atMs, act: 'kanban', command: { verb: 'subscribe', task, chat: 'chat-2', profile } },
      ...(draw.chance(0.3) ? [{ atMs, act: 'kanban', command: { verb: 'claim', task } } as const] : []),
    ];
  });
  return {
    gateways: [
      ...draw.many(gateways, (i) => ({
        ...(profiles[i] === undefined ? {} : { profile: profiles[i] }),
        spawnMs: draw.timeMs(500, 3000),
        workerStartMs: draw.timeMs(500, 5000),
        sendMs: draw.timeMs(0, 500),
        messages: messages(),
      })),
    ],
    operator: [...typed, { atMs: horizonMs - 60_000, act: 'look', label: 'end-of-hour' }],
  };
}

/** Lanes that stand still in the middle of a checkpoint, a close or a transaction, for up to a minute. */
function faults(random: () => number, { gateways }: Parameters): readonly Fault[] {
  const draw = new Draw(random);
  const lanes = draw
    .many(gateways, (i) => `gateway-${i + 1}`)
    .flatMap((name) => [`${name}/dispatcher`, `${name}/notifier`]);
  return draw.pauses(draw.between(0, 6), [lanes[0] ?? '', ...lanes], 400, 60_000);
}

export const checkpointRace = kanbanScenario({
  name: 'checkpoint-race',
  says: 'four gateways and the command line write together for an hour; then indexes miss entries and pages cannot be read',
  source: 'hermes-agent #32424 (macOS, SQLite 3.51.0, four gateways)',
  engine: '3.51.0',
  parameters: { gateways: 4, horizonMs: 3_600_000, stepsMax: 5_000_000, quiet: 'skip' },
  generate,
  faults,
  window: 'close-beside-holder',
  symptoms,
  claims,
});
