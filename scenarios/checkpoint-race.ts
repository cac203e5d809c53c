// checkpoint-race: four gateways and a person at the command line write at the same time, for an hour. Two causes are
// suspected: the WAL-reset bug of SQLite up to 3.51.2, and locks that a raw read has cancelled. What stays out: symptoms,
// claims and marks (beside this file).
import type { Parameters } from '../harness/model/plan.ts';
import type { Fault } from '../harness/model/fault.ts';
import { claims } from './checkpoint-race.claims.ts';
import { actedInsideCommit } from './checkpoint-race.marks.ts';
import { symptoms } from './checkpoint-race.symptoms.ts';
import { Draw } from './kanban/draw.ts';
import { isOnServer } from './kanban/on-server.ts';
import { kanbanScenario } from './kanban/scenario.ts';
import { actedBesideCommit } from './kanban/server-marks.ts';
import type { Workload, WorkloadMessage, WorkloadStep } from './kanban/workload.ts';

/** The four gateways of the report; further ones are called after their number. */
const profiles = ['default', 'bingge', 'pixiel', 'mafei'];

/** The report's last events lie within so long. */
const sessionMs = 31_000;

/** The end of the hour, when nobody asks for anything new. */
const quietMs = 120_000;

/** Moments of a session at which messages come. Several gateways get theirs at the same moment, so that they meet. */
const momentsMax = 5;
const sessionsMax = 6;
/** As many messages as a gateway gets in a run, roughly. */
const messagesLikely = 12;

type Order = WorkloadMessage['order'];

function orderOf(draw: Draw): Order {
  return {
    thinkMs: draw.timeMs(500, 15_000),
    heartbeats: draw.between(0, 2),
    verdict: draw.pick('complete', 'complete', 'complete', 'block', 'exit'),
  };
}

function messagesOf(draw: Draw, momentsMs: readonly number[]): WorkloadMessage[] {
  return momentsMs
    .filter(() => draw.chance(0.7))
    .map((atMs) => ({ atMs, order: orderOf(draw), afterPrevious: draw.chance(0.3), leaks: draw.chance(0.4) }));
}

/** A person types `create`, `subscribe` and now and then `claim`, while the gateways are at work. */
function typedIn(draw: Draw, session: number, fromMs: number, gateways: number): readonly WorkloadStep[] {
  return draw.timesMs(draw.between(0, 2), fromMs, fromMs + sessionMs).flatMap((atMs, i): WorkloadStep[] => {
    const task = `typed-${session + 1}-${i + 1}`;
    const number = draw.between(1, gateways);
    const profile = profiles[number - 1] ?? `profile-${number}`;
    return [
      { atMs, act: 'kanban', command: { verb: 'create', order: orderOf(draw) }, as: task },
      { atMs, act: 'kanban', command: { verb: 'subscribe', task, chat: 'chat-2', profile } },
      ...(draw.chance(0.3) ? [{ atMs, act: 'kanban', command: { verb: 'claim', task } } as const] : []),
    ];
  });
}

/** People work in sessions: for half a minute every gateway gets messages, and commands are typed; then nobody asks. */
function generate(random: () => number, { gateways, horizonMs }: Parameters): Workload {
  const draw = new Draw(random);
  const untilMs = Math.max(500, horizonMs - quietMs);
  const sessionsMs = draw.timesMs(draw.between(4, sessionsMax), 500, untilMs);
  const momentsMs = sessionsMs
    .flatMap((fromMs) => draw.timesMs(draw.between(2, momentsMax), fromMs, fromMs + sessionMs))
    .toSorted((a, b) => a - b);
  return {
    gateways: [
      ...draw.many(gateways, (i) => ({
        ...(profiles[i] === undefined ? {} : { profile: profiles[i] }),
        spawnMs: draw.timeMs(500, 3000),
        workerStartMs: draw.timeMs(500, 5000),
        sendMs: draw.timeMs(0, 500),
        messages: messagesOf(draw, momentsMs),
      })),
    ],
    operator: [
      ...sessionsMs.flatMap((fromMs, i) => typedIn(draw, i, fromMs, gateways)),
      { atMs: horizonMs - 60_000, act: 'look', label: 'end-of-hour' },
    ],
  };
}

/**
 * Lanes that stand still for up to a minute: watchers anywhere; helpers of chats in the middle of a transaction; and
 * whoever unfetches, which a lane does in a checkpoint only, and only when another process has written since its own
 * commit. It stands then where a reset of the WAL goes unseen. On a server each lane stands before one of its first statements, which
 * may be a COMMIT; and the server makes checkpoints.
 */
function faults(random: () => number, { gateways }: Parameters, strategy: string): readonly Fault[] {
  const draw = new Draw(random, isOnServer(strategy));
  const names = draw.many(gateways, (i) => `gateway-${i + 1}`);
  const watchers = names.flatMap((name) => [`${name}/dispatcher`, `${name}/notifier`]);
  const chats = names.flatMap((name) => draw.many(messagesLikely, (i) => `${name}/chat-${i + 1}`));
  const pause = (at: Extract<Fault, { readonly kind: 'pause' }>['at']): Fault => {
    return { kind: 'pause', at, ms: draw.timeMs(500, 60_000) };
  };
  if (isOnServer(strategy)) {
    const atStatement = [...watchers, ...chats].map((lane) => ({ lane, op: 'ask' as const, nth: draw.between(1, 12) }));
    const checkpoints = atStatement
      .filter(() => draw.chance(0.1))
      .map((at): Fault => ({ kind: 'server-checkpoint', at }));
    return [...atStatement.map((at) => pause({ ...at, nth: draw.between(1, 12) })), ...checkpoints];
  }
  const inTransaction = draw.many(draw.between(0, 4), () => {
    const lane = draw.pick(chats[0] ?? '', ...chats);
    return pause({ lane, op: draw.pick('write', 'sync', 'lock', 'shmLock'), nth: draw.between(1, 80) });
  });
  const inCheckpoint = [...watchers, ...chats].map((lane) => pause({ lane, op: 'unfetch', nth: 1 }));
  return [
    ...draw.pauses(draw.between(0, 6), [watchers[0] ?? '', ...watchers], 400, 60_000),
    ...inTransaction,
    ...inCheckpoint,
  ];
}

export const checkpointRace = kanbanScenario({
  name: 'checkpoint-race',
  says: 'four gateways and the command line write together for an hour; then indexes miss entries and pages cannot be read',
  source: 'hermes-agent #32424 (macOS, SQLite 3.51.0, four gateways)',
  engine: '3.51.0',
  parameters: { gateways: 4, horizonMs: 3_600_000, stepsMax: 5_000_000, quiet: 'skip' },
  generate,
  faults,
  marks: [actedInsideCommit, actedBesideCommit],
  window: actedInsideCommit.name,
  // COMMIT is one statement there, and nobody acts inside of it but the server: the same, of others beside it and of the server's checkpoint.
  serverWindow: actedBesideCommit.name,
  symptoms,
  claims,
});
