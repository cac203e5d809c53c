// What happens on a board, in the shape that the scenarios of the kanban system share: gateways with their chats, the unit
// files that supervise them, dashboards, and people at shells. What stays out: the programs that act it out (src/), and
// which of it makes up an incident (the scenarios).
import { z } from 'zod';
import { gatewaysMax } from '../../harness/model/gateways.ts';
import { processNameSchema, textSchema } from '../../harness/model/name-schemas.ts';
import { boundedList } from '../../harness/model/reading/bounded-list.ts';

const longestMs = 1e12;
const milliseconds = z.int().min(0).max(longestMs);
/** Programs name files after profiles, homes and units. */
const name = processNameSchema;

const order = z.strictObject({
  thinkMs: milliseconds,
  heartbeats: z.int().min(0).max(1000),
  verdict: z.enum(['complete', 'block', 'exit', 'rate-limit', 'crash']),
  maxRuntimeSeconds: z.int().min(1).max(1e9).optional(),
});

const message = z.strictObject({ atMs: milliseconds, order, afterPrevious: z.boolean(), leaks: z.boolean() });

/** `profile` by default `profile-1` for the first gateway, and so on. */
const gateway = z.strictObject({
  profile: name.optional(),
  dispatches: z.boolean().optional(),
  kanbanEnabled: z.boolean().optional(),
  dispatchIntervalMs: z.int().min(1000).max(longestMs).optional(),
  spawnMs: milliseconds,
  workerStartMs: milliseconds,
  sendMs: milliseconds,
  failingSends: boundedList(z.int().min(1), 1000, 'sends').optional(),
  messages: boundedList(message, 1000, 'messages'),
});

const verb = z.union([
  z.strictObject({ verb: z.literal('init'), new: z.boolean().optional() }),
  z.strictObject({ verb: z.literal('recover') }),
  z.strictObject({ verb: z.literal('list'), status: textSchema(50, 'a status of a task').optional() }),
  z.strictObject({ verb: z.literal('create'), order, parent: name.optional(), priority: z.int().optional() }),
  z.strictObject({ verb: z.enum(['claim', 'complete', 'block']), task: name }),
  z.strictObject({ verb: z.literal('link'), parent: name, child: name }),
  z.strictObject({ verb: z.literal('subscribe'), task: name, chat: name, profile: name }),
]);

const fromShell = { gateway: name, home: name.optional(), name: name.optional(), force: z.boolean().optional() };

const operatorStep = z.discriminatedUnion('act', [
  z.strictObject({ atMs: milliseconds, act: z.literal('look'), label: z.string().regex(/^[a-z0-9-]{1,50}$/) }),
  z.strictObject({ atMs: milliseconds, act: z.literal('read') }),
  z.strictObject({ atMs: milliseconds, act: z.literal('restart'), gateway: name }),
  z.strictObject({
    atMs: milliseconds,
    act: z.literal('kill'),
    process: name,
    signal: z.enum(['SIGKILL', 'SIGTERM']).optional(),
  }),
  z.strictObject({
    atMs: milliseconds,
    act: z.literal('systemctl'),
    verb: z.enum(['restart', 'stop', 'start', 'status']),
    unit: name,
  }),
  z.strictObject({ atMs: milliseconds, act: z.literal('gateway-run'), replace: z.boolean().optional(), ...fromShell }),
  z.strictObject({ atMs: milliseconds, act: z.literal('gateway-restart'), ...fromShell }),
  z.strictObject({
    atMs: milliseconds,
    act: z.literal('replace'),
    way: z.enum(['rm', 'rm-all', 'mv-aside', 'mv-all', 'cp-over', 'restore', 'rebuild']),
    pauseMs: milliseconds,
  }),
  z.strictObject({ atMs: milliseconds, act: z.literal('reindex') }),
  z.strictObject({ atMs: milliseconds, act: z.literal('kanban'), command: verb, as: name.optional() }),
]);

/** A systemd unit for each gateway; what is left out is as reported (src/programs/supervisor/settings.ts). */
const units = z.strictObject({
  restart: z.enum(['always', 'on-failure', 'no']).optional(),
  restartMs: milliseconds.optional(),
  startLimitIntervalMs: milliseconds.optional(),
  startLimitBurst: z.int().min(1).max(1e6).optional(),
  killMode: z.enum(['control-group', 'mixed', 'process']).optional(),
  timeoutStopMs: milliseconds.optional(),
});

const boardKiBMax = 65_536;

/**
 * One entry of `gateways` a gateway, in order: `gateway-1`, … Without `units` they run unsupervised. `boardKiB` of earlier work are on the
 * board when the run begins, 0: there is no board yet; by default there is one, and it is empty.
 */
export const workloadSchema = z.strictObject({
  boardKiB: z.int().min(0).max(boardKiBMax).optional(),
  gateways: boundedList(gateway, gatewaysMax, 'gateways', 1),
  units: units.optional(),
  dashboards: boundedList(z.strictObject({ everyMs: z.int().min(1).max(longestMs) }), 16, 'dashboards').optional(),
  holders: boundedList(
    z.strictObject({ opensMs: milliseconds, writesMs: boundedList(milliseconds, 1000, 'writes') }),
    16,
    'holders',
  ).optional(),
  operator: boundedList(operatorStep, 2000, 'steps of the operator'),
});

export type Workload = z.infer<typeof workloadSchema>;
export type WorkloadGateway = Workload['gateways'][number];
export type WorkloadStep = Workload['operator'][number];
export type WorkloadMessage = WorkloadGateway['messages'][number];
