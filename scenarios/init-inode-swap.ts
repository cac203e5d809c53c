// init-inode-swap: seven gateways, two of which dispatch, all of which open the board; then somebody replaces the file, in
// one of the ways in which people do. Old processes go on with the old inode, new ones with the new. What stays out: symptoms,
// claims, marks and invariants of its own (beside this file).
import type { Parameters } from '../harness/model/plan.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { claims } from './init-inode-swap.claims.ts';
import { initLooks, invariantsOfSwap } from './init-inode-swap.invariants.ts';
import { replacedUnderGateways } from './init-inode-swap.marks.ts';
import { symptoms } from './init-inode-swap.symptoms.ts';
import { replaceWays } from '../src/programs/operator/steps.ts';
import { Draw } from './kanban/draw.ts';
import { kanbanScenario } from './kanban/scenario.ts';
import { replacedInVain } from './kanban/server-marks.ts';
import type { Workload, WorkloadMessage, WorkloadStep } from './kanban/workload.ts';

/** Two of seven dispatch (#30445). */
const profiles = ['architect', 'wikid', 'a-dev', 'a-creative', 'a-eval', 'a-view', 'intel-pilot'];
const dispatching = 2;

/** The dispatchers' ticks, as long as none of them takes time: from 5 s on, once a minute. */
const firstTickMs = 5000;
const tickMs = 60_000;

/**
 * When the new file is put in its place: mostly while a dispatcher, its connection open, starts a worker, which takes some
 * seconds. At any other time hardly anybody is in the middle of a use.
 */
function putMs(draw: Draw, lastMs: number): number {
  if (draw.chance(0.3)) return draw.timeMs(90_000, lastMs);
  return firstTickMs + tickMs * draw.between(2, Math.floor((lastMs - firstTickMs) / tickMs)) + draw.timeMs(500, 3000);
}

/** A person does it at once, or puts back a copy that was taken up to a minute before. */
function replacement(draw: Draw, atMs: number): WorkloadStep {
  const way = draw.pick('rm', 'rm-all', 'mv-aside', 'mv-all', 'cp-over', 'restore', 'rebuild');
  const pauseMs = replaceWays[way].inits ? 0 : draw.timeMs(500, 60_000);
  return { atMs: atMs - pauseMs, act: 'replace', way, pauseMs };
}

function generate(random: () => number, { gateways, horizonMs }: Parameters): Workload {
  const draw = new Draw(random);
  const lastMs = horizonMs - 150_000;
  const putsMs = draw.many(draw.between(1, 2), () => putMs(draw, lastMs)).toSorted((a, b) => a - b);
  const messages = (): WorkloadMessage[] => {
    const justBefore = putsMs.filter(() => draw.chance(0.5)).map((ms) => ms - draw.timeMs(1000, 8000));
    return [...draw.timesMs(draw.between(1, 3), 500, lastMs), ...justBefore]
      .toSorted((a, b) => a - b)
      .map((atMs) => ({
        atMs,
        order: { thinkMs: draw.timeMs(500, 15_000), heartbeats: draw.between(0, 2), verdict: 'complete' },
        afterPrevious: draw.chance(0.2),
        leaks: draw.chance(0.4),
      }));
  };
  const person: WorkloadStep[] = [
    { atMs: 30_000, act: 'look', label: initLooks.before },
    { atMs: 30_000, act: 'kanban', command: { verb: 'init' } },
    { atMs: 30_000, act: 'look', label: initLooks.after },
    ...putsMs.map((atMs) => replacement(draw, atMs)).toSorted((a, b) => a.atMs - b.atMs),
    { atMs: lastMs + 60_000, act: 'look', label: 'after' },
    { atMs: lastMs + 61_000, act: 'read' },
  ];
  return {
    gateways: [
      ...draw.many(gateways, (i) => ({
        ...(profiles[i] === undefined ? {} : { profile: profiles[i] }),
        dispatches: i < dispatching,
        spawnMs: draw.timeMs(500, 3000),
        workerStartMs: draw.timeMs(500, 5000),
        sendMs: draw.timeMs(0, 500),
        messages: messages(),
      })),
    ],
    units: {},
    operator: person,
  };
}

const scenario = kanbanScenario({
  name: 'init-inode-swap',
  says: 'the database file is replaced under seven gateways; old processes write to the stale inode, new ones to the new',
  source: 'hermes-agent #30445 (7 gateways, 2 dispatching, SQLite 3.50.4)',
  engine: '3.50.4',
  parameters: { gateways: 7, horizonMs: 420_000, stepsMax: 3_000_000 },
  generate,
  marks: [replacedUnderGateways, replacedInVain],
  window: replacedUnderGateways.name,
  // The same acts of the same person: what becomes of them where the board is no file is judged as it is.
  serverWindow: replacedInVain.name,
  symptoms,
  claims,
});

export const initInodeSwap: Scenario = { ...scenario, invariants: invariantsOfSwap(scenario.invariants) };
