// What an operation on the board works with. What stays out: how it came by the connection (session.ts).
import type { Connection, World } from '../../../harness/lane/world.ts';
import type { BoardSettings } from './settings.ts';

/**
 * @property by process that wants the operation done, and that holds the claims it makes: not the one that does it where
 *   a server does
 */
export interface BoardContext {
  readonly world: World;
  readonly connection: Connection;
  readonly settings: BoardSettings;
  readonly by: string;
}
