// The axis `modes`: how the permissions of a board's files are tightened.
import type { World } from '../../../harness/lane/world.ts';
import type { PolicyValue } from '../axis.ts';

export interface Modes extends PolicyValue {
  /** The first connect of a process finds no board. */
  creating(world: World, file: string): void;
  /** A connection has been opened and made ready. */
  opened(world: World, file: string): void;
}
