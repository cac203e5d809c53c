// corrupt-board-storm: three supervised gateways on one board. The machine runs out of memory, processes are killed and
// started again, and the board is corrupt from then on; every watcher of every gateway keeps refusing it, copies it once
// more each time, and the units restart for ever. In the end a person moves it aside and runs init. What stays out: symptoms
// and claims (beside this file).
import type { Parameters } from '../harness/explore/plan.ts';
import type { Fault } from '../harness/faults/catalogue.ts';
import { damagedUnderGateways } from './corrupt-board-storm.marks.ts';
import { claims } from './corrupt-board-storm.claims.ts';
import { symptoms } from './corrupt-board-storm.symptoms.ts';
import { Draw } from './kanban/draw.ts';
import { kanbanScenario } from './kanban/scenario.ts';
import type { Workload, WorkloadMessage } from './kanban/workload.ts';

/** The profiles of the report; further gateways are called after their number. */
const profiles = ['default', 'jimmy', 'franky'];

/** When things happen, as parts of the run. */
function timesOf({ horizonMs }: Parameters) {
  const at = (part: number) => Math.floor((horizonMs * part) / 500) * 500;
  return { chatsUntilMs: at(0.3), oomFromMs: at(0.3), oomUntilMs: at(0.4), recoveryMs: at(0.75) };
}

function generate(random: () => number, parameters: Parameters): Workload {
  const draw = new Draw(random);
  const times = timesOf(parameters);
  const messages = (): WorkloadMessage[] =>
    draw.timesMs(draw.between(2, 4), 500, times.chatsUntilMs).map((atMs) => ({
      atMs,
      order: { thinkMs: draw.timeMs(500, 15_000), heartbeats: draw.between(0, 2), verdict: 'complete' },
      afterPrevious: draw.chance(0.4),
      leaks: draw.chance(0.2),
    }));
  return {
    gateways: [
      ...draw.many(parameters.gateways, (i) => ({
        ...(profiles[i] === undefined ? {} : { profile: profiles[i] }),
        spawnMs: draw.timeMs(500, 3000),
        workerStartMs: draw.timeMs(500, 5000),
        sendMs: draw.timeMs(0, 500),
        messages: messages(),
      })),
    ],
    units: {},
    operator: [
      { atMs: times.recoveryMs - 1000, act: 'look', label: 'storm' },
      { atMs: times.recoveryMs, act: 'replace', way: draw.pick('mv-aside', 'mv-all'), pauseMs: 0 },
      { atMs: times.recoveryMs + 60_000, act: 'read' },
    ],
  };
}

/** Out of memory, twice or more; and damage of a kind that the report shows, which the kill alone does not do. */
function faults(random: () => number, parameters: Parameters): readonly Fault[] {
  const draw = new Draw(random);
  const { oomFromMs, oomUntilMs } = timesOf(parameters);
  const units = draw.many(parameters.gateways, (i) => `gateway-${i + 1}`);
  const kills = draw.timesMs(draw.between(1, 3), oomFromMs, oomUntilMs).map((timeMs): Fault => {
    const group = draw.pick(units[0] ?? '', ...units);
    return draw.chance(0.5)
      ? { kind: 'oom', at: { timeMs }, victim: 'largest', scope: 'unit' }
      : { kind: 'oom', at: { timeMs }, group, scope: 'process' };
  });
  const how = draw.pick(
    'rowid-out-of-order',
    'rowid-out-of-order',
    'index-entry-dropped',
    'page-scramble',
    'foreign-bytes',
  );
  const damage: Fault = { kind: 'corrupt', at: { timeMs: oomUntilMs + 500 }, how };
  return draw.chance(0.8) ? [...kills, damage] : kills;
}

export const corruptBoardStorm = kanbanScenario({
  name: 'corrupt-board-storm',
  says: 'after an OOM kill the shared board is corrupt; three gateways refuse it, copy it and try again for ever',
  source: 'hermes-agent #33789 (three gateways on one board, Restart=always, SQLite 3.50.4)',
  engine: '3.50.4',
  parameters: { gateways: 3, horizonMs: 600_000, stepsMax: 3_000_000 },
  generate,
  faults,
  marks: [damagedUnderGateways],
  window: damagedUnderGateways.name,
  symptoms,
  claims,
});
