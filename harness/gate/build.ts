// Compiles the gate on first use, into the cache. What stays out: the gate itself (gate.c).
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { cachedArtifact } from '../engines/cache.ts';
import { runCompiler } from '../engines/compiler.ts';
import { installedFile, packageDir } from '../engines/package-dir.ts';
import type { Progress } from '../engines/progress.ts';

/** The gate's source file, which the native host includes; what it includes itself lies beside it. */
const gateSource = fileURLToPath(new URL('./gate.c', import.meta.url));

/** All that it is made of. */
export const gateSources: readonly string[] = [
  gateSource,
  ...[
    'gate-calls.c',
    'gate-exec.c',
    'gate-found.c',
    'gate-hooks.c',
    'gate-ledger.c',
    'gate-mapped.c',
    'gate-mutex.c',
    'gate-raw.c',
    'gate-statements.c',
    'gate-strays.c',
    'lockstep.h',
  ].map((name) => join(import.meta.dirname, name)),
];

/** Warnings are errors: the gate is small enough to be clean. */
export const gateFlags = ['-std=gnu11', '-O2', '-fPIC', '-Wall', '-Wextra', '-Werror'] as const;

const linkFlags = process.platform === 'darwin' ? ['-dynamiclib', '-undefined', 'dynamic_lookup'] : ['-shared'];

/** Folder of sqlite3.h and sqlite3ext.h. The extension interface only grows, so the newest serves every engine. */
export function sqliteHeaders(): string {
  return join(packageDir('better-sqlite3'), 'deps', 'sqlite3');
}

/**
 * @property progress hears of a build; silence when the gate is ready
 * @property more flags for another build of it, such as a sanitizer's
 * @property signal ends a build, or the wait for another's
 */
export interface GateOptions {
  readonly progress?: Progress | undefined;
  readonly more?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * The compiled gate. One file serves every engine, since it reaches SQLite through the table it is given.
 *
 * @returns its absolute path, for `loadExtension`
 * @throws harness errors: no C compiler, a failed build, a damaged installation, a cache that cannot be used; the signal's reason
 */
export async function gatePath({ progress, more = [], signal }: GateOptions = {}): Promise<string> {
  const headers = sqliteHeaders();
  const flags = [...gateFlags, ...linkFlags, ...more];
  return cachedArtifact({
    kind: 'gate',
    inputs: [
      flags.join(' '),
      ...gateSources.map((file) => ({ file })),
      { file: join(headers, 'sqlite3.h') },
      { file: join(headers, 'sqlite3ext.h') },
    ],
    fileName: 'gate.so',
    label: 'gate',
    progress,
    signal,
    build: async (dir) => {
      progress?.('gate: compiling it (seconds, once)');
      for (const file of ['sqlite3.h', 'sqlite3ext.h']) installedFile('better-sqlite3', `deps/sqlite3/${file}`);
      const run = { cwd: dir, what: 'gate', signal };
      await runCompiler('c', [...flags, '-I', headers, gateSource, '-o', join(dir, 'gate.so')], run);
    },
  });
}
