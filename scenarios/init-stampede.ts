// init-stampede: a dispatcher starts up to twenty workers at once. Each is a first opener of the board, of 23 MB in the report: it takes
// the lock of #50353, checks the whole board, makes what is missing. The disk is slow, the lock is waited for 10 s, and whoever has
// waited as long goes on without it. What stays out: symptoms, claims and the mark (beside this file).
import type { Fault } from '../harness/model/fault.ts';
import type { Parameters } from '../harness/model/plan.ts';
import { claims } from './init-stampede.claims.ts';
import { stoodInFirstOpen } from './init-stampede.marks.ts';
import { symptoms } from './init-stampede.symptoms.ts';
import { Draw } from './kanban/draw.ts';
import { kanbanScenario } from './kanban/scenario.ts';
import type { Workload, WorkloadMessage } from './kanban/workload.ts';

/** The first tick of a dispatcher finds all that was asked for before it. */
const askedMs = 1000;

/** Workers that one tick starts: 9 in the report of the false alarms, 31 to 33 in an older one (#61231, #33334). */
function generate(random: () => number, { gateways, horizonMs }: Parameters): Workload {
  const draw = new Draw(random);
  const openers = draw.between(6, 12);
  const message = (): WorkloadMessage => ({
    atMs: askedMs,
    order: { thinkMs: 500, heartbeats: draw.between(0, 1), verdict: 'complete' },
    afterPrevious: false,
    leaks: false,
  });
  // What a larger board costs is time, and that the pauses take: each page more is only read once more by each worker.
  return {
    boardKiB: draw.pick(0, 64, 256),
    gateways: [
      ...draw.many(gateways, (i) => ({
        dispatches: i === 0,
        spawnMs: draw.pick(0, 0, 500),
        workerStartMs: 500,
        sendMs: 0,
        messages: [...draw.many(i === 0 ? openers : 0, message)],
      })),
    ],
    operator: [{ atMs: horizonMs - 5000, act: 'read' }],
  };
}

/** Workers stand still in their first look at the board; in some runs one is killed in it. */
function faults(random: () => number): readonly Fault[] {
  const draw = new Draw(random);
  const lane = () => `gateway-1.verifier-${draw.between(1, 6)}`;
  const slow = draw.many(draw.between(1, 4), (): Fault => {
    const op = draw.pick('read', 'read', 'fileSize', 'write', 'sync', 'close');
    return { kind: 'pause', at: { lane: lane(), op, nth: draw.between(1, 30) }, ms: draw.timeMs(2000, 15_000) };
  });
  if (draw.chance(0.7)) return slow;
  const at = { lane: lane(), op: draw.pick('read', 'write', 'sync', 'shmLock'), nth: draw.between(1, 30) } as const;
  return [...slow, { kind: 'kill', at }];
}

export const initStampede = kanbanScenario({
  name: 'init-stampede',
  says: 'up to twenty workers open a large board for the first time at once; the lock round that is waited for 10 s, then left out',
  source: 'hermes-agent #61231, #62009 (July 2026: nine workers, a board of 23 MB, 251 backups), #50353',
  engine: '3.50.4',
  parameters: { gateways: 1, horizonMs: 60_000, stepsMax: 1_000_000 },
  generate,
  faults,
  marks: [stoodInFirstOpen],
  window: stoodInFirstOpen.name,
  symptoms,
  claims,
});
