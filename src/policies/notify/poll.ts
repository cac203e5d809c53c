import type { World } from '../../../harness/lane/world.ts';
import type { Notify, Pauses } from './notify.ts';

/** Sleeps of so many virtual ms. */
export function sleeps(world: World, ms: number): Pauses {
  return {
    begin: () => undefined,
    pause: (quietUntilMs) => world.sleep(ms, quietUntilMs === undefined ? {} : { quietUntilMs }),
    end: () => undefined,
  };
}

export const poll: Notify = {
  says: 'it looks: the dispatcher every 60 s, the notifier every 5 s, as reported',
  schema: '',
  pauses: (world, { pollMs }) => sleeps(world, pollMs),
};
