// Gets ready what commands need of an engine: its shared library, and the hosts that are put under them. What stays out: starting
// them (command-starter.ts).
import { fileURLToPath } from 'node:url';
import { packageVersion } from '../engines/package-dir.ts';
import { parseEngineName } from '../engines/engine.ts';
import type { EnsureOptions } from '../engines/ensure.ts';
import { sharedLibrary } from '../engines/shared-library.ts';
import { preloadHost } from '../lane/preload/build.ts';
import { nodeHost, nodeThreads, nodeZygote } from '../lane/register/build.ts';
import { type CommandHost, commandHosts, isCommand, OWN_ENGINE, type ProgramRef } from '../model/process.ts';
import type { CommandMachine, Environment } from './command-env.ts';
import type { LaneBinaries } from './pool.ts';

/** Makes each host, and gives where it lies. */
const makers: { readonly [host in CommandHost]: (options: EnsureOptions) => Promise<string> } = {
  node: nodeHost,
  preload: preloadHost,
  python: () => Promise.resolve(fileURLToPath(new URL('../lane/python', import.meta.url))),
};

/** The environment by which a host comes to be loaded. */
const loaders: {
  readonly [host in CommandHost]: (
    made: string,
    binaries: Pick<LaneBinaries, 'gate' | 'binding'>,
    nodeThreads: string | undefined,
  ) => Environment;
} = {
  node: (made, { binding }, threads = '') => ({
    LOCKSTEP_THREADS: threads,
    LOCKSTEP_BETTER_SQLITE3: packageVersion('better-sqlite3'),
    LOCKSTEP_BINDING: binding,
    LOCKSTEP_NODE_OPTIONS: `--require ${made}`,
    NODE_OPTIONS: `--require ${made}`,
    UV_THREADPOOL_SIZE: '1', // what a thread of Node's own does is done in order
  }),
  preload: (made) => ({ LD_PRELOAD: made }),
  python: (made, { gate }) => ({
    LD_PRELOAD: gate, // it stands before the functions that set SQLite's hooks (gate-hooks.c)
    PYTHONPATH: made,
  }),
};

/** In which hosts the processes run that a program of each starts (lane/register/children.ts, lane/python/, preload/processes.c). */
const ofChildren: { readonly [host in CommandHost]: readonly CommandHost[] } = {
  node: ['python', 'preload'],
  preload: [],
  python: ['preload'],
};

/** The hosts that programs may come to run in, they and the processes that they start. */
export function hostsOf(programs: readonly ProgramRef[]): readonly CommandHost[] {
  const own = programs.filter(isCommand).map(({ host }) => host);
  const all = new Set(own.flatMap((host) => [host, ...ofChildren[host]]));
  return commandHosts.filter((host) => all.has(host));
}

/** Of an engine: the library's folder, what threads of Node need, its zygote where there is one, and where each host lies. */
interface Ready {
  readonly library: string | undefined;
  readonly nodeThreads: string | undefined;
  readonly nodeZygote: string | undefined;
  readonly made: ReadonlyMap<CommandHost, string>;
}

/**
 * Compiles what is missing of an engine's shared library and of hosts, side by side.
 *
 * @param engine such as `3.50.4` or `3.51.2+shm`, or {@link OWN_ENGINE}, which has no library
 * @param options who hears of builds, and what ends them
 * @throws as {@link sharedLibrary} does
 */
export async function readyForCommands(
  engine: string,
  hosts: readonly CommandHost[],
  options: EnsureOptions = {},
): Promise<Ready> {
  const [library, threads, zygote, made] = await Promise.all([
    engine === OWN_ENGINE ? undefined : sharedLibrary(engine, options),
    hosts.includes('node') ? nodeThreads(options) : undefined,
    hosts.includes('node') ? nodeZygote(options) : undefined,
    Promise.all(hosts.map(async (host) => [host, await makers[host](options)] as const)),
  ]);
  return { library, nodeThreads: threads, nodeZygote: zygote, made: new Map(made) };
}

/**
 * @param binaries what lane processes of the engine are made of
 * @param hosts that there will be commands for
 * @throws as {@link readyForCommands} does
 */
export async function commandMachine(
  { gate, binding, engine }: LaneBinaries,
  hosts: readonly CommandHost[],
): Promise<CommandMachine> {
  const { library, nodeThreads: threads, nodeZygote: zygote, made } = await readyForCommands(engine, hosts);
  return {
    gate,
    library,
    version: engine === OWN_ENGINE ? OWN_ENGINE : parseEngineName(engine).version,
    nodeZygote: zygote,
    hosts: Object.fromEntries(
      [...made].map(([host, place]) => [host, loaders[host](place, { gate, binding }, threads)]),
    ),
  };
}
