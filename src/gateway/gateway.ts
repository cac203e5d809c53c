// The gateway process: its main thread starts the watchers and a helper for each chat message, and waits to be stopped.
// What stays out: what the threads do (the files beside this one).
import type { Json, World } from '../../harness/lane/world.ts';
import { dispatchIntervalMs, type GatewaySettings } from './settings.ts';

/** Program of the main thread. */
export function gateway(world: World, args: Json): void {
  const settings = args as unknown as GatewaySettings;
  const began = world.now();
  world.observe('gateway-up', { gateway: world.process, profile: settings.profile, dispatchIntervalMs });
  world.thread('dispatcher', 'dispatcher', args);
  world.thread('notifier', 'notifier', args);
  for (const [index, message] of settings.messages.entries()) {
    world.sleep(began + message.atMs - world.now());
    if (world.stopping()) break;
    world.thread('chat', `chat-${index + 1}`, { settings, message } as unknown as Json);
  }
  for (const watcher of ['dispatcher', 'notifier']) world.wait(`${world.process}/${watcher}`);
  world.observe('gateway-down', { gateway: world.process });
}
