// Compiles the preload host on first use, into the cache. What stays out: the host itself (preload.c), and who puts it under a
// program (run/command-machine.ts).
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedArtifact } from '../../engines/cache.ts';
import { runCompiler } from '../../engines/compiler.ts';
import type { EnsureOptions } from '../../engines/ensure.ts';
import { installedFile } from '../../engines/package-dir.ts';
import { gateFlags, gateSources, sqliteHeaders } from '../../gate/build.ts';

const source = join(import.meta.dirname, 'preload.c');
const parts = [
  'calls.c',
  'signals.c',
  'time.c',
  'chance.c',
  'machine.c',
  'places.c',
  'files.c',
  'ipc.c',
  'folders.c',
  'streams.c',
  'threads.c',
  'processes.c',
  'raw.c',
  'timers.c',
  'sqlite.c',
  'start.c',
].map((name) => join(import.meta.dirname, name));

const headers = ['sqlite3.h', 'sqlite3ext.h'] as const;

/** -D_FORTIFY_SOURCE off: its functions are among those that the host stands before. Of the gate, it uses not all. */
const flags = [...gateFlags, '-U_FORTIFY_SOURCE', '-Wno-unused-function', '-shared'] as const;

/** In the host as what must be loaded with it: the engine's, by LD_LIBRARY_PATH. Any library of this name will do to link with. */
const library = 'libsqlite3.so.0';

/**
 * The compiled preload host. One file serves every engine.
 *
 * @param options who hears of the build, and what ends it
 * @returns its absolute path, for LD_PRELOAD
 * @throws harness errors: no C compiler, a failed build, a damaged installation, a cache that cannot be used; the signal's reason
 */
export function preloadHost({ progress, signal }: EnsureOptions = {}): Promise<string> {
  const include = sqliteHeaders();
  return cachedArtifact({
    kind: 'preload',
    inputs: [
      flags.join(' '),
      ...[source, ...parts, ...gateSources, ...headers.map((file) => join(include, file))].map((file) => ({ file })),
    ],
    fileName: 'lockstep.so',
    label: 'preload host',
    progress,
    signal,
    build: async (dir) => {
      progress?.('preload host: compiling it (seconds, once)');
      for (const file of headers) installedFile('better-sqlite3', `deps/sqlite3/${file}`);
      const run = { cwd: dir, what: 'preload host', signal };
      await writeFile(join(dir, 'empty.c'), '');
      await runCompiler('c', ['-shared', `-Wl,-soname,${library}`, 'empty.c', '-o', library], run);
      await runCompiler(
        'c',
        [...flags, '-I', include, source, '-Wl,--no-as-needed', library, '-ldl', '-lpthread', '-o', 'lockstep.so'],
        run,
      );
      await Promise.all(['empty.c', library].map((file) => rm(join(dir, file))));
    },
  });
}
