// KillMode=: whom systemd signals when a service stops, and what it does about the processes that outlive the main one.
import type { World } from '../../../harness/lane/world.ts';
import type { UnitFile } from './settings.ts';

const lookMs = 500;

/** SIGTERM, as KillMode= aims it. */
export function signalStop(world: World, unit: UnitFile, mainPid: string): void {
  if (unit.killMode === 'control-group') world.killGroup(unit.name, 'SIGTERM');
  else world.kill(mainPid, 'SIGTERM');
}

/** SIGKILL, when TimeoutStopSec= is over. */
export function signalKill(world: World, unit: UnitFile, mainPid: string): void {
  if (unit.killMode === 'process') world.kill(mainPid, 'SIGKILL');
  else world.killGroup(unit.name, 'SIGKILL');
}

/** The main process has ended: what of the unit is left goes too, or stays. */
export function sweep(world: World, unit: UnitFile): void {
  if (unit.killMode === 'process') return;
  if (unit.killMode === 'control-group' && world.killGroup(unit.name, 'SIGTERM') > 0) awaitEmpty(world, unit);
  world.killGroup(unit.name, 'SIGKILL');
}

function awaitEmpty(world: World, { name, timeoutStopMs }: UnitFile): void {
  const deadline = world.now() + timeoutStopMs;
  while (world.now() < deadline && !world.stopping()) {
    if (world.processes().every(({ group }) => group !== name)) return;
    world.sleep(lookMs);
  }
}
