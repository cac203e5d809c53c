// Gets ready what runs need of an engine: its binding, the gate, the native host, what is put under commands, built on first use. What stays out: building
// (engines/, gate/build.ts, lane/native/build.ts, command-machine.ts).
import { OWN_ENGINE } from '../model/process.ts';
import { PREBUILT_ENGINE } from '../engines/catalogue.ts';
import { type EnsureOptions, ensureEngines } from '../engines/ensure.ts';
import { harnessError, LockstepError } from '../errors/errors.ts';
import { gatePath } from '../gate/build.ts';
import { nativeHost, nativeHostPossible } from '../lane/native/build.ts';
import type { ProgramRef } from '../model/process.ts';
import { hostsOf, readyForCommands } from './command-machine.ts';
import type { Host } from './hosts.ts';
import type { LaneBinaries, NativeMachine } from './pool.ts';

/** What was asked for when a machine was got ready. */
export function hostOf({ native }: LaneBinaries): Host | undefined {
  return native === undefined ? 'node' : native.only ? 'native' : undefined;
}

/**
 * @property host undefined: the native one for what it can run, where it can be built
 * @property programs that will run there: what commands among them need is got ready too
 */
export interface MachinesOptions extends EnsureOptions {
  readonly host?: Host | undefined;
  readonly programs?: readonly ProgramRef[];
}

/** Why there is no native host, where that is the machine's lack and no defect. */
const lacking: ReadonlySet<string> = new Set(['NO_COMPILER', 'COMPILE_FAILED']);

async function nativeMachine(
  engine: string,
  { host, progress, signal }: MachinesOptions,
): Promise<NativeMachine | undefined> {
  const only = host === 'native';
  if (host === 'node' || (!only && !nativeHostPossible)) return undefined;
  if (!nativeHostPossible) {
    throw harnessError(
      'NO_NATIVE_HOST',
      `The native host needs Linux, and this is ${process.platform}.`,
      'Take --host node, or give no --host.',
    );
  }
  try {
    return { program: await nativeHost(engine, { ...(progress && { progress }), signal }), only };
  } catch (error) {
    if (only || !(error instanceof LockstepError) || !lacking.has(error.code)) throw error;
    progress?.(`Lanes run in Node, which takes several times as long: ${error.message}`);
    return undefined;
  }
}

/** What is under programs over World, such as a setup, where commands bring their own. */
function versionOf(engine: string): string {
  return engine === OWN_ENGINE ? PREBUILT_ENGINE : engine;
}

/**
 * Machines for several engines; what is missing is built side by side.
 *
 * @param engines such as `3.50.4` or `3.51.2+shm`; each counts once
 * @throws as ensureEngines, gatePath and nativeHost do; a harness error where the native host is asked for and cannot be
 */
export async function machinesOf(
  engines: readonly string[],
  options: MachinesOptions = {},
): Promise<Map<string, LaneBinaries>> {
  const names = [...new Set(engines)];
  const versions = [...new Set(names.map(versionOf))];
  const hosts = hostsOf(options.programs ?? []);
  const [gate, ready, native] = await Promise.all([
    gatePath(options),
    ensureEngines(versions, options),
    Promise.all(versions.map(async (name) => [name, await nativeMachine(name, options)] as const)),
    hosts.length === 0 ? [] : Promise.all(names.map((name) => readyForCommands(name, hosts, options))),
  ]);
  const natives = new Map(native);
  return new Map(
    names.map((engine) => {
      const binding = ready.get(versionOf(engine))?.binding ?? '';
      return [engine, { binding, gate, engine, native: natives.get(versionOf(engine)) }];
    }),
  );
}
