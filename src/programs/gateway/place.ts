// What a gateway checks and takes before it comes up: the guards of the policy, then pid file and lock of its home, by
// `--replace` from a living gateway too. None of it covers the board, which other homes share. What stays out: what a
// gateway does once it is up.
import { FileError, type Flock, type World } from '../../../harness/lane/world.ts';
import { behaviourOf } from '../../policies/catalogue.ts';
import { gatewayLooks, terminate } from '../process/terminate.ts';
import { profileOf, unitsOf } from '../process/unit-state.ts';
import { clearTakeover, markTakeover, removePidFile, runningAt, writePidFile } from './pid-file.ts';
import type { GatewayConfig } from './settings.ts';

/** The place of a gateway in its home, held until it ends. */
export interface Place {
  leave(): void;
}

/** Why a gateway does not come up, as a sentence for the person at the shell. */
export interface Refusal {
  readonly reason: string;
}

export function takePlace(world: World, config: GatewayConfig): Place | Refusal {
  const refusal = guardThatSees(world, config) ?? makeRoom(world, config);
  if (refusal !== undefined) return refusal;
  const { home, profile } = config;
  const lock = lockHome(world, home);
  if (lock === 'held') return { reason: `another gateway holds the lock of ${home}` };
  try {
    writePidFile(world, home, ['gateway', 'run', '--profile', profile]);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    if (lock !== 'unopenable') lock.release();
    return { reason: `another gateway has written the pid file of ${home}` };
  }
  return {
    leave: () => {
      removePidFile(world, home);
      if (lock !== 'unopenable') lock.release();
    },
  };
}

/** A guard that cannot see who else is there lets nobody in. */
function guardThatSees(world: World, config: GatewayConfig): Refusal | undefined {
  try {
    return guard(world, config);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return {
      reason: `nobody can say who else runs as ${config.profile} (${error.message}): start again, or with --force`,
    };
  }
}

/** The guards of the policy, in the order in which a start meets them. */
function guard(world: World, config: GatewayConfig): Refusal | undefined {
  const { refusesWhenSupervised, adopts } = behaviourOf(config.board.policies, 'guard');
  const { profile, unit, force } = config;
  if (refusesWhenSupervised && unit === null && !force) {
    const [supervised] = unitsOf(world, profile);
    if (supervised !== undefined) {
      return { reason: `a unit supervises ${profile}: use systemctl restart ${supervised.unit}, or --force` };
    }
  }
  if (adopts === 'no') return undefined;
  const others = sameIdentity(world, config);
  if (adopts === 'refuse') {
    const [other] = others;
    return other === undefined ? undefined : { reason: `${other} runs as ${profile} already` };
  }
  const supervised = unitsOf(world, profile).map(({ mainPid }) => mainPid);
  for (const orphan of others.filter((other) => !supervised.includes(other))) terminate(world, orphan, gatewayLooks);
  return undefined;
}

/** Living gateways of this profile, by their command line or by the pid file of this home; not those of its own unit. */
function sameIdentity(world: World, { profile, home, unit }: GatewayConfig): readonly string[] {
  const byArguments = world
    .processes()
    .filter(({ program, args, group }) => {
      return program === 'gateway' && profileOf(args) === profile && (unit === null || group !== unit);
    })
    .map(({ name }) => name);
  const byPidFile = runningAt(world, home);
  const found = new Set(byPidFile === undefined ? byArguments : [...byArguments, byPidFile]);
  found.delete(world.process);
  return [...found];
}

/** A living gateway in this home is replaced if that was asked for; else it stays. */
function makeRoom(world: World, { home, replace }: GatewayConfig): Refusal | undefined {
  const running = runningAt(world, home);
  if (running === undefined) return undefined;
  if (!replace) return { reason: `${running} runs in ${home} already: use --replace` };
  world.observe('takeover', { by: world.process, target: running });
  markTakeover(world, home, running);
  terminate(world, running, gatewayLooks);
  clearTakeover(world, home);
  return undefined;
}

/** `gateway.lock`, for life. A lock file that cannot be opened does not keep a gateway down (#87609). */
function lockHome(world: World, home: string): Flock | 'held' | 'unopenable' {
  try {
    return world.flock(`${home}.gateway.lock`, 'exclusive') ?? 'held';
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return 'unopenable';
  }
}
