// What every program of the simulated system is told about the board it works on.
import type { Policies } from '../../policies/catalogue.ts';

/**
 * @property file the database, below the world's directory
 * @property server process that owns the board where the policy `dispatch` sends every operation to one: program
 *   `board-server`
 */
export interface BoardSettings {
  readonly file: string;
  readonly policies: Policies;
  readonly server?: string;
}
