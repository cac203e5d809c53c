// Leader election (policy `dispatch`): a gateway that holds the lock dispatches, until its death gives the lock back. The
// lock is tried once a tick. What stays out: what a leader does (dispatcher.ts).
import { FileError, type Flock, type World } from '../../../harness/lane/world.ts';
import { behaviourOf } from '../../policies/catalogue.ts';
import { rememberLeading } from '../../policies/recreation/leader.ts';
import type { GatewayConfig } from './settings.ts';

export class Leadership {
  readonly #world: World;
  readonly #board: GatewayConfig['board'];
  #held: Flock | undefined;

  constructor(world: World, { board }: GatewayConfig) {
    this.#world = world;
    this.#board = board;
  }

  /** May this gateway dispatch in this tick? */
  mayDispatch(): boolean {
    const { file, policies } = this.#board;
    if (!behaviourOf(policies, 'dispatch').elects) return true;
    try {
      this.#held ??= this.#world.flock(behaviourOf(policies, 'leaderScope').lockFile(file), 'exclusive');
      if (this.#held !== undefined && policies.recreation === 'leader') rememberLeading(this.#world, file);
      return this.#held !== undefined;
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      return behaviourOf(policies, 'leaderFailure').onUnopenable === 'proceed';
    }
  }

  /** Before the lane ends. */
  giveUp(): void {
    this.#held?.release();
  }
}
