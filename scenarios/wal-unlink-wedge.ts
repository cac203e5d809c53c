// wal-unlink-wedge: a gateway whose threads connect per use and read the header raw, beside verifiers that come and go.
// The gateway cancels its own locks; a verifier takes itself for the last connection and unlinks -wal and -shm; from then
// on the gateway reads a WAL that is not there. What stays out: symptoms and claims (the files beside this one).
import type { Parameters } from '../harness/model/plan.ts';
import { Draw } from './kanban/draw.ts';
import { kanbanScenario } from './kanban/scenario.ts';
import { leftBesideClient } from './kanban/server-marks.ts';
import type { Workload, WorkloadStep } from './kanban/workload.ts';
import { claims } from './wal-unlink-wedge.claims.ts';
import { symptoms } from './wal-unlink-wedge.symptoms.ts';

/** Two to five tasks a gateway in the first half, some of their helpers leaking; then the person, and a restart. */
function generate(random: () => number, { gateways, horizonMs }: Parameters): Workload {
  const draw = new Draw(random);
  const halfMs = horizonMs / 2;
  const messages = (): Workload['gateways'][number]['messages'] => {
    const leaky = draw.chance(0.7) ? 0.6 : 0;
    return draw.timesMs(draw.between(2, 5), 500, halfMs).map((atMs) => ({
      atMs,
      order: {
        thinkMs: draw.timeMs(500, 15_000),
        heartbeats: draw.between(0, 2),
        verdict: draw.chance(0.75) ? 'complete' : 'block',
      },
      afterPrevious: draw.chance(0.3),
      leaks: draw.chance(leaky),
    }));
  };
  const lookMs = Math.floor(horizonMs * 0.74);
  const person: WorkloadStep[] = [
    { atMs: lookMs, act: 'look', label: 'before-restart' },
    { atMs: lookMs + 1000, act: 'read' },
    { atMs: lookMs + 2000, act: 'restart', gateway: 'gateway-1' },
  ];
  return {
    gateways: [
      ...draw.many(gateways, () => ({
        spawnMs: draw.timeMs(500, 3000),
        workerStartMs: draw.timeMs(500, 5000),
        sendMs: draw.timeMs(0, 500),
        messages: [...messages()],
      })),
    ],
    operator: person,
  };
}

export const walUnlinkWedge = kanbanScenario({
  name: 'wal-unlink-wedge',
  says: 'verifiers come and go beside a gateway; from some point on its every tick fails with disk I/O error until a restart',
  source: 'hermes-agent #31158 (2026-05-23, Linux, SQLite 3.50.4)',
  engine: '3.50.4',
  parameters: { gateways: 1, horizonMs: 480_000, stepsMax: 1_000_000 },
  generate,
  marks: [leftBesideClient],
  window: 'close-beside-holder',
  // The same moment: the verifier is gone, and the gateway connected. What SQLite deletes then is not there.
  serverWindow: leftBesideClient.name,
  symptoms,
  claims,
});
