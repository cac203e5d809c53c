// Gets ready what commands need of an engine: its shared library, and the hosts that are put under them. What stays out: starting
// them (command-starter.ts).
import { fileURLToPath } from 'node:url';
import { packageVersion } from '../engines/package-dir.ts';
import { parseEngineName } from '../engines/engine.ts';
import type { EnsureOptions } from '../engines/ensure.ts';
import { sharedLibrary } from '../engines/shared-library.ts';
import { preloadHost } from '../lane/preload/build.ts';
import { nodeHost, nodeZygote } from '../lane/register/build.ts';
import { type CommandHost, OWN_ENGINE } from '../model/process.ts';
import type { CommandMachine, Environment } from './command-env.ts';
import type { LaneBinaries } from './pool.ts';

/** The environment by which a host comes to be loaded. */
const loaders: { readonly [host in CommandHost]?: (options: EnsureOptions, binding: string) => Promise<Environment> } =
  {
    node: async (options, binding) => {
      const host = `--require ${await nodeHost(options)}`;
      return {
        LOCKSTEP_BETTER_SQLITE3: packageVersion('better-sqlite3'),
        LOCKSTEP_BINDING: binding,
        LOCKSTEP_NODE_OPTIONS: host,
        NODE_OPTIONS: host,
        UV_THREADPOOL_SIZE: '1', // what a thread of Node's own does is done in order
      };
    },
    preload: async (options) => ({ LD_PRELOAD: await preloadHost(options) }),
    python: () => Promise.resolve({ PYTHONPATH: fileURLToPath(new URL('../lane/python', import.meta.url)) }),
  };

/**
 * @param engine such as `3.50.4` or `3.51.2+shm`, or {@link OWN_ENGINE}
 * @param binaries what lane processes of the engine are made of
 * @param options who hears of builds, and what ends them
 * @throws as {@link sharedLibrary} does
 */
export async function commandMachine(
  engine: string,
  { gate, binding }: Pick<LaneBinaries, 'gate' | 'binding'>,
  options: EnsureOptions = {},
): Promise<CommandMachine> {
  const own = engine === OWN_ENGINE;
  const found = await Promise.all(
    Object.entries(loaders).map(async ([host, load]) => [host, await load(options, binding)] as const),
  );
  return {
    gate,
    library: own ? undefined : await sharedLibrary(engine, options),
    version: own ? OWN_ENGINE : parseEngineName(engine).version,
    nodeZygote: await nodeZygote(options),
    hosts: Object.fromEntries(found),
  };
}
