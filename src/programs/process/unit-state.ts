// What a supervisor says of a unit where everybody can read it: a small file beside the board, never the database itself.
// What stays out: who decides what stands in it (supervisor/unit.ts).
import type { World, Json } from '../../../harness/lane/world.ts';
import { unlessOsError } from '../../board-file/os-error.ts';
import { readJson } from './json-file.ts';

/**
 * active: its main process lives · activating: it waits to be started again · deactivating: it has been told to stop ·
 * inactive: stopped · failed: given up
 */
export type ActiveState = 'active' | 'activating' | 'deactivating' | 'inactive' | 'failed';

/**
 * @property mainPid name of the main process; null while there is none
 * @property profile of the gateway that the unit runs, by its arguments; null for another program
 */
export interface UnitState {
  readonly unit: string;
  readonly state: ActiveState;
  readonly mainPid: string | null;
  readonly profile: string | null;
}

/** Behind the name of the unit. */
export const unitSuffix = '.unit.json';

/** A disk that refuses it ends no supervisor, which knows its units without one: what others read is then what it said before. */
export function writeUnitState(world: World, state: UnitState): void {
  unlessOsError(() => world.files.write(`${state.unit}${unitSuffix}`, JSON.stringify(state)));
}

/** The units that run gateways of this profile, or would if they were not between two starts. */
export function unitsOf(world: World, profile: string): readonly UnitState[] {
  return world.files
    .list()
    .filter((name) => name.endsWith(unitSuffix))
    .flatMap((name) => (readJson(world, name) as UnitState | undefined) ?? [])
    .filter((unit) => unit.profile === profile && unit.state !== 'inactive' && unit.state !== 'failed');
}

/** The profile in a gateway's arguments. */
export function profileOf(args: Json): string | null {
  const { profile } = (args ?? {}) as { readonly profile?: Json };
  return typeof profile === 'string' ? profile : null;
}
