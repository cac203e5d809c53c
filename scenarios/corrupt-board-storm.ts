// corrupt-board-storm: three supervised gateways on one board. The machine runs out of memory, processes are killed and
// started again, and the board is corrupt from then on; every watcher of every gateway keeps refusing it, copies it once
// more each time, and the units restart for ever. In the end a person moves it aside and runs init. What stays out: symptoms,
// claims, marks and an invariant of its own (beside this file).
import type { Parameters } from '../harness/model/plan.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import type { Fault } from '../harness/model/fault.ts';
import { claims } from './corrupt-board-storm.claims.ts';
import { soundUntilDamaged } from './corrupt-board-storm.invariants.ts';
import { damagedUnderGateways, killedByOom } from './corrupt-board-storm.marks.ts';
import { symptoms } from './corrupt-board-storm.symptoms.ts';
import { Draw } from './kanban/draw.ts';
import { isOnServer } from './kanban/on-server.ts';
import { kanbanScenario } from './kanban/scenario.ts';
import { killedInTransaction } from './kanban/server-marks.ts';
import type { Workload, WorkloadMessage } from './kanban/workload.ts';

/** The profiles of the report; further gateways are called after their number. */
const profiles = ['default', 'jimmy', 'franky'];

/** Between the parts of a wave of kills, shorter than RestartSec= of 5 s: who was killed is not back yet when the damage is done. */
const waveMs = 2000;
const lookMs = 2500;
const damageMs = 3500;

/** When things happen, as parts of the run. */
function timesOf({ horizonMs }: Parameters) {
  const at = (part: number) => Math.floor((horizonMs * part) / 500) * 500;
  return { oomMs: at(0.3), respawnsFromMs: at(0.4), respawnsUntilMs: at(0.7), recoveryMs: at(0.75), endMs: at(0.95) };
}

function generate(random: () => number, parameters: Parameters): Workload {
  const draw = new Draw(random);
  const times = timesOf(parameters);
  const messages = (): WorkloadMessage[] =>
    draw.timesMs(draw.between(2, 4), 500, times.oomMs).map((atMs) => ({
      atMs,
      order: { thinkMs: draw.timeMs(500, 15_000), heartbeats: draw.between(0, 2), verdict: 'complete' },
      // 24 links between 30 tasks in the backup of the report.
      afterPrevious: draw.chance(0.8),
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
      { atMs: times.oomMs + lookMs, act: 'read' },
      { atMs: times.recoveryMs - 1000, act: 'look', label: 'storm' },
      { atMs: times.recoveryMs - 500, act: 'read' },
      { atMs: times.endMs, act: 'read' },
    ],
  };
}

/**
 * The machine is out of memory: nearly every gateway dies within two seconds, and later one now and then, since those that
 * were started again press on it; some in the middle of a transaction, of a checkpoint or of a close.
 */
function kills(draw: Draw, { gateways }: Parameters, times: ReturnType<typeof timesOf>): readonly Fault[] {
  const units = draw.many(gateways, (i) => `gateway-${i + 1}`);
  const [one = '', ...others] = units;
  const any = () => draw.pick(one, ...others);
  const oom = (group: string, timeMs: number): Fault => ({ kind: 'oom', at: { timeMs }, group, scope: 'unit' });
  const wave = units.filter(() => draw.chance(0.8));
  const inTheMiddle = draw.many(draw.between(0, 2), (): Fault => {
    const group = any();
    const lane = `${group}/${draw.pick('dispatcher', 'notifier')}`;
    const op = draw.act('write', 'sync', 'shmLock', 'unlock', 'truncate', 'delete');
    return { kind: 'oom', at: { lane, op, nth: draw.between(1, 200) }, group, scope: 'unit' };
  });
  const later = draw.timesMs(draw.between(0, 6), times.respawnsFromMs, times.respawnsUntilMs);
  return [
    ...inTheMiddle,
    ...(wave.length > 0 ? wave : [any()]).map((group) => oom(group, draw.timeMs(times.oomMs, times.oomMs + waveMs))),
    ...later.map((timeMs) => oom(any(), timeMs)),
  ];
}

/**
 * On a server nobody's process can write over the board's pages, so that what the report shows has no counterpart there. What has one is its
 * cause: the OOM killer takes the server too, between statements or inside one, and nobody finds it until it is up again.
 */
function serverKills(draw: Draw, { gateways }: Parameters, times: ReturnType<typeof timesOf>): readonly Fault[] {
  const at = () => ({
    lane: `gateway-${draw.between(1, gateways)}/${draw.pick('dispatcher', 'notifier')}`,
    op: 'ask' as const,
    nth: draw.between(1, 200),
  });
  const inside = draw.many(draw.between(0, 2), (): Fault => {
    return { kind: 'server-kill', at: at(), inside: draw.between(1, 4) };
  });
  const between = draw.many(draw.between(0, 2), (): Fault => ({ kind: 'server-kill', at: at() }));
  const offMs = draw.timeMs(500, 20_000);
  const inWave: Fault = { kind: 'server-kill', at: { timeMs: times.oomMs + damageMs }, offMs };
  return [...inside, ...between, ...(draw.chance(0.5) ? [inWave] : [])];
}

/** The kills; and in most runs damage of a kind that the report shows, which a kill alone does not do, and a person’s way out. */
function faults(random: () => number, parameters: Parameters, strategy: string): readonly Fault[] {
  const draw = new Draw(random, isOnServer(strategy));
  const times = timesOf(parameters);
  const killed = kills(draw, parameters, times);
  if (isOnServer(strategy)) return [...killed, ...serverKills(draw, parameters, times)];
  if (draw.chance(0.3)) return killed;
  const how = draw.pick(
    'rowid-out-of-order',
    'rowid-out-of-order',
    'index-entry-dropped',
    'page-scramble',
    'foreign-bytes',
  );
  const damage: Fault = { kind: 'corrupt', at: { timeMs: times.oomMs + damageMs }, how };
  const way = draw.pick('mv-aside', 'mv-all');
  const recovery: Fault = { kind: 'init-swap', at: { timeMs: times.recoveryMs }, way };
  return [...killed, damage, ...(draw.chance(0.7) ? [recovery] : [])];
}

const scenario = kanbanScenario({
  name: 'corrupt-board-storm',
  says: 'after an OOM kill the shared board is corrupt; three gateways refuse it, copy it and try again for ever',
  source: 'hermes-agent #33789 (three gateways on one board, Restart=always, SQLite 3.50.4)',
  engine: '3.50.4',
  parameters: { gateways: 3, horizonMs: 360_000, stepsMax: 3_000_000 },
  generate,
  faults,
  marks: [killedByOom, damagedUnderGateways, killedInTransaction],
  window: damagedUnderGateways.name,
  // There are no bytes to damage: what is left of the storm is what was killed, in the middle of a transaction.
  serverWindow: killedInTransaction.name,
  symptoms,
  claims,
});

export const corruptBoardStorm: Scenario = { ...scenario, invariants: [...scenario.invariants, soundUntilDamaged] };
