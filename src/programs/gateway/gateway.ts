// The gateway process: its main lane takes its place, starts the watchers and a helper for each chat message, and waits
// to be stopped. What stays out: what the lanes do (the files beside this one).
import type { World, Json } from '../../../harness/lane/world.ts';
import { beginBoard, endBoard } from '../board/board.ts';
import { behaviourOf } from '../../policies/catalogue.ts';
import { whyStopped } from './down.ts';
import { join } from './lanes.ts';
import { isTakenOver } from './pid-file.ts';
import { takePlace } from './place.ts';
import { forever } from '../process/quiet.ts';
import { type GatewayConfig, gatewayConfig, shellHomeOf } from './settings.ts';
import { tick } from './watch.ts';

/** What `_exit` says of a start that was refused. */
const refusedCode = 1;

/** Program of the main thread. */
export function gateway(world: World, args: Json): void {
  const config = asStarted(world, gatewayConfig(args));
  const place = takePlace(world, config);
  if ('reason' in place) {
    world.observe('start-refused', { process: world.process, reason: place.reason });
    world.observe('gateway-down', { gateway: world.process, why: 'refused' });
    world.exit(refusedCode);
  }
  const opens = opensBoard(config);
  const watchers = watchersOf(config);
  const { profile, dispatchIntervalMs, dispatches, unit, detached } = config;
  world.observe('gateway-up', {
    gateway: world.process,
    profile,
    dispatchIntervalMs,
    dispatches,
    unit,
    detached,
    watchers,
  });
  if (opens) {
    tick(world, 'board', () => {
      beginBoard(world, config.board);
      return { idle: false, dueMs: forever };
    });
  }
  for (const watcher of watchers) world.thread(watcher, watcher, config as unknown as Json);
  const helpers = serveChats(world, config, opens);
  while (!world.stopping()) world.receive();
  join(world, [...watchers, ...helpers]);
  if (opens) endBoard(world, config.board);
  const why = whyStopped(world) ?? (isTakenOver(world, config.home) ? 'takeover' : 'stop');
  place.leave();
  world.observe('gateway-down', { gateway: world.process, why });
}

/**
 * A gateway with the settings of a unit's that is not in the unit's control group is none of the unit's: somebody typed the
 * unit's ExecStart at a shell. The shell's home is another, and no chat talks to this gateway.
 */
function asStarted(world: World, config: GatewayConfig): GatewayConfig {
  const { unit, profile } = config;
  const group = unit === null ? null : world.processes().find(({ name }) => name === world.process)?.group;
  return group === unit ? config : { ...config, unit: null, detached: true, home: shellHomeOf(profile), messages: [] };
}

/** Does this gateway open the board at all? */
function opensBoard({ board, dispatches, kanbanEnabled }: GatewayConfig): boolean {
  return kanbanEnabled && behaviourOf(board.policies, 'participation').opens(dispatches);
}

/** The lanes that tick in this gateway; their programs have the same names. */
function watchersOf(config: GatewayConfig): readonly string[] {
  const opens = opensBoard(config);
  return [
    ...(opens && config.dispatches ? ['dispatcher', 'budget'] : []),
    ...(opens ? ['notifier'] : []),
    ...(behaviourOf(config.board.policies, 'guard').watches ? ['watchdog'] : []),
  ];
}

/** A helper thread for each message, when it comes. Result: their lanes. */
function serveChats(world: World, config: GatewayConfig, opens: boolean): readonly string[] {
  const upMs = world.now();
  const helpers: string[] = [];
  for (const [index, message] of config.messages.entries()) {
    const dueMs = (config.bootMs ?? upMs) + message.atMs;
    if (dueMs < upMs) continue;
    world.sleep(dueMs - world.now());
    if (world.stopping()) break;
    const helper = `chat-${index + 1}`;
    world.thread('chat', helper, { settings: { ...config, messages: [] }, message, opens } as unknown as Json);
    helpers.push(helper);
  }
  return helpers;
}
