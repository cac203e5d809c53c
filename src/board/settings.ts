// What every program of the simulated system is told about the board it works on.
import type { Policies } from '../strategies/policies.ts';

/** @property file the database, below the world's directory */
export interface BoardSettings {
  readonly file: string;
  readonly policies: Policies;
}
