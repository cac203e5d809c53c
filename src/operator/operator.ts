// A person at a shell: at given times looks (lsof), reads with a fresh process, restarts a gateway. What stays out: a
// connection of its own; a person has none.
import type { Json, World } from '../../harness/lane/world.ts';
import type { GatewaySettings } from '../gateway/settings.ts';

/**
 * look: what lsof and /proc/locks say, under a label · read: a fresh process on the database · restart: SIGTERM, wait,
 * start again
 *
 * @property atMs from the run's start
 */
export type OperatorStep =
  | { readonly atMs: number; readonly act: 'look'; readonly label: string }
  | { readonly atMs: number; readonly act: 'read' }
  | { readonly atMs: number; readonly act: 'restart'; readonly gateway: string };

/** @property gateways what each gateway is told when it is started again, by name */
export interface OperatorArgs {
  readonly file: string;
  readonly gateways: { readonly [name: string]: GatewaySettings };
  readonly steps: readonly OperatorStep[];
}

/** Program of the person. */
export function operator(world: World, args: Json): void {
  const told = args as unknown as OperatorArgs;
  const began = world.now();
  for (const [index, step] of told.steps.entries()) {
    world.sleep(began + step.atMs - world.now());
    if (world.stopping()) return;
    act(world, told, step, index + 1);
  }
}

function act(world: World, { file, gateways }: OperatorArgs, step: OperatorStep, number: number): void {
  switch (step.act) {
    case 'look':
      world.look(step.label);
      return;
    case 'read': {
      const name = `fresh-reader-${number}`;
      world.spawn('fresh-reader', name, { file });
      world.wait(name);
      return;
    }
    case 'restart': {
      const { gateway } = step;
      const next = `${gateway}.restart-${number}`;
      world.kill(gateway, 'SIGTERM');
      world.wait(gateway);
      world.observe('restarted', { gateway, next });
      world.spawn('gateway', next, { ...gateways[gateway], messages: [] } as unknown as Json);
      return;
    }
    default:
      step satisfies never;
  }
}
