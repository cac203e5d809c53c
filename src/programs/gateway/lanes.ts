// The lanes of a gateway beside its main one: each holds a mutex for its life, by which the main lane can wait for its end
// even while everything is being stopped (World.wait does not wait then).
import type { World } from '../../../harness/lane/world.ts';
import { endBoard } from '../board/board.ts';
import type { GatewayConfig } from './settings.ts';

function lifeOf(lane: string): string {
  return `life of ${lane}`;
}

/** What a lane does, and what it gives back at its end. */
export function asLane(world: World, { board }: GatewayConfig, body: () => void): void {
  world.mutex(lifeOf(world.lane), () => {
    body();
    endBoard(world, board);
  });
}

/** Waits for the ends of lanes of this process. */
export function join(world: World, lanes: readonly string[]): void {
  for (const lane of lanes) world.mutex(lifeOf(`${world.process}/${lane}`), () => undefined);
}
