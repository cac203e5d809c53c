// wal-generation-split: a process keeps one connection for days, beside readers that come and go. A mode that is tightened by a
// descriptor costs it its locks; a reader takes itself for the last connection and unlinks -wal and -shm; from then on there are two
// generations, and a graceful shutdown may bring the old one back. What stays out: symptoms, claims (the files beside this one).
import type { Fault } from '../harness/model/fault.ts';
import type { Parameters } from '../harness/model/plan.ts';
import { Draw } from './kanban/draw.ts';
import { isOnServer } from './kanban/on-server.ts';
import { kanbanScenario } from './kanban/scenario.ts';
import { leftBesideClient } from './kanban/server-marks.ts';
import type { Workload, WorkloadStep } from './kanban/workload.ts';
import { claims } from './wal-generation-split.claims.ts';
import { symptoms } from './wal-generation-split.symptoms.ts';

/**
 * A holder that writes in the first two thirds; commands that read and write and are gone; a gateway whose notifier connects per use.
 * Then people look, the holder is asked to stop, and a fresh process reads.
 */
function generate(random: () => number, { gateways, horizonMs }: Parameters): Workload {
  const draw = new Draw(random);
  const busyMs = Math.floor(horizonMs * 0.6);
  const stopMs = Math.floor(horizonMs * 0.7);
  const visits = draw.timesMs(draw.between(2, 8), 500, stopMs - 2000).map((atMs, i): WorkloadStep => {
    const order = { thinkMs: 0, heartbeats: 0, verdict: 'complete' } as const;
    if (draw.chance(0.4)) return { atMs, act: 'kanban', command: { verb: 'create', order }, as: `typed-${i + 1}` };
    return draw.chance(0.5) ? { atMs, act: 'read' } : { atMs, act: 'kanban', command: { verb: 'list' } };
  });
  return {
    gateways: [
      ...draw.many(gateways, () => ({
        kanbanEnabled: draw.chance(0.3),
        dispatches: false,
        spawnMs: 500,
        workerStartMs: 500,
        sendMs: 0,
        messages: [],
      })),
    ],
    holders: [
      ...draw.many(draw.between(1, 3), (i) => {
        const opensMs = i === 0 ? 0 : draw.timeMs(0, busyMs);
        return { opensMs, writesMs: [...draw.timesMs(draw.between(2, 8), opensMs, busyMs)] };
      }),
    ],
    operator: [
      ...visits,
      { atMs: stopMs, act: 'look', label: 'before-shutdown' },
      { atMs: stopMs + 1000, act: 'read' },
      { atMs: stopMs + 2000, act: 'kill', process: 'holder-1', signal: 'SIGTERM' },
      { atMs: stopMs + 4000, act: 'read' },
    ],
  };
}

/** The holder stands still for a while: between its look at the generation and its commit, too. */
function faults(random: () => number, _parameters: Parameters, strategy: string): readonly Fault[] {
  const draw = new Draw(random, isOnServer(strategy));
  return draw.pauses(draw.between(0, 4), ['holder-1', 'gateway-1/notifier'], 60, 20_000);
}

export const walGenerationSplit = kanbanScenario({
  name: 'wal-generation-split',
  says: 'a process keeps its connection for days beside short readers; -wal is deleted under it, and its shutdown brings the old one back',
  source: 'hermes-agent #105670, #101064, #102589, #109727, #109966 (August and September 2026, SQLite 3.53.1)',
  engine: '3.54.1',
  parameters: { gateways: 1, horizonMs: 120_000, stepsMax: 200_000 },
  generate,
  faults,
  marks: [leftBesideClient],
  window: 'close-beside-holder',
  // The same moment: a reader is gone, and the holder connected. There are no generations of anything then.
  serverWindow: leftBesideClient.name,
  symptoms,
  claims,
});
