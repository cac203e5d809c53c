// `gateway run --replace` and `gateway restart --profile X` typed at a shell on a systemd host: neither sees the unit, and
// each leaves a process behind that belongs to no unit and has no parent but init (#35240, hermes-agent's later orphans).
// What stays out: what the new gateway makes of its start (gateway/place.ts).
import type { World, Json } from '../../../harness/lane/world.ts';
import { runningAt } from '../gateway/pid-file.ts';
import type { GatewaySettings } from '../gateway/settings.ts';
import { gatewayLooks, terminate } from '../process/terminate.ts';

/** @property name of the new process */
interface Start {
  readonly name: string;
  readonly home: string;
  readonly replace: boolean;
  readonly force: boolean;
}

/** `gateway run`: the process stays when the shell is gone. */
export function runGateway(world: World, settings: GatewaySettings, { name, home, replace, force }: Start): void {
  const told: GatewaySettings = {
    ...settings,
    home,
    replace,
    force,
    unit: null,
    detached: true,
    messages: [],
  };
  world.observe('detached-start', { process: name, by: world.process });
  world.spawn('gateway', name, told as unknown as Json, { detached: true });
}

/** `gateway restart --profile X`: stops what the pid file of this home names, then runs one in its place. */
export function restartGateway(world: World, settings: GatewaySettings, start: Omit<Start, 'replace'>): void {
  const running = runningAt(world, start.home);
  if (running !== undefined) terminate(world, running, gatewayLooks);
  runGateway(world, settings, { ...start, replace: false });
}
