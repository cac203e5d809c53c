// Builds the native host of an engine: QuickJS once, the host with the gate in it once, SQLite once an engine, then a link. What
// stays out: the scripts that it runs (bundle.ts).
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { cachedArtifact } from '../../engines/cache.ts';
import { runCompiler } from '../../engines/compiler.ts';
import { type EnsureOptions, sqliteObject } from '../../engines/ensure.ts';
import { installedDigests } from '../../engines/installed-digests.ts';
import { installedFile } from '../../engines/package-dir.ts';
import { together } from '../../engines/together.ts';
import { gateSources, sqliteHeaders } from '../../gate/build.ts';
import { fixesFiles } from './quickjs-fix.ts';
import { fixedQuickjs, quickjsFixes } from './quickjs-fixes.ts';

const source = join(import.meta.dirname, 'host.c');
const secondSource = join(import.meta.dirname, 'second-sqlite.c');
const callsHeader = join(import.meta.dirname, 'sqlite-calls.h');

/**
 * QuickJS 2021-03-27, which the npm package qjsc carries; its licence is MIT. No package has the source of a later one (November
 * 2026): those of quickjs-emscripten, quickjs-wasi and @suchipi/quickjs are compiled.
 */
const quickjs = 'deps/quickjs_2021_03_27';
const quickjsFiles = Object.keys(installedDigests)
  .filter((file) => file.startsWith(`qjsc/${quickjs}/`))
  .map((file) => file.slice('qjsc/'.length));

const fixes = fixesFiles.map((name) => join(import.meta.dirname, name));

/** QuickJS's own flags (its Makefile). `-w`: it is not ours to mend. */
const quickjsFlags = [
  '-c',
  '-O2',
  '-fwrapv',
  '-w',
  '-D_GNU_SOURCE',
  '-DCONFIG_VERSION="2021-03-27"',
  '-DCONFIG_BIGNUM',
] as const;

/**
 * QuickJS's assertions name their file (`__FILE__`); where it is installed stays out, so that two installations build the same host
 * (campaign/spec.ts refuses workers of another). gcc 8, clang 10.
 */
const quickjsPlace = (folder: string): string => `-fmacro-prefix-map=${folder}=${quickjs}`;

/** A further copy of SQLite, for programs that have two in one process. It lies beside the program, which looks for it there. */
const secondLibrary = 'second-sqlite.so';

/** Warnings are errors, as for the gate. */
const hostFlags = [
  '-c',
  '-std=gnu11',
  '-O2',
  '-Wall',
  '-Wextra',
  '-Werror',
  `-DSECOND_LIBRARY="${secondLibrary}"`,
] as const;
const linkFlags = ['-lm', '-ldl', '-lpthread'] as const;

const program = 'lockstep-lane';
const what = 'native host';
const without = 'The Node host (`--host node`) needs none once the gate is compiled.';

/** Can this system have a native host? It forks as Linux does (clone(2) with CLONE_PARENT). */
export const nativeHostPossible = process.platform === 'linux';

const headers = ['sqlite3.h', 'sqlite3ext.h'] as const;

function quickjsObject({ progress, signal }: EnsureOptions): Promise<string> {
  return cachedArtifact({
    kind: 'native-quickjs',
    // Pinned: that a file has its digest is seen when it is compiled.
    inputs: [
      [...quickjsFlags, quickjsPlace('')].join(' '),
      ...quickjsFiles.map((file) => installedDigests[`qjsc/${file}`] ?? ''),
      ...fixes.map((file) => ({ file })),
    ],
    fileName: 'quickjs.o',
    label: 'native host',
    progress,
    signal,
    build: async (dir) => {
      progress?.('native host: compiling QuickJS (half a minute, once)');
      const run = { cwd: dir, what, without, signal };
      const sources = quickjsFiles.map((file) => installedFile('qjsc', file)).filter((file) => file.endsWith('.c'));
      const fixed = new Set(Object.keys(quickjsFixes));
      for (const file of fixed)
        await writeFile(
          join(dir, file),
          fixedQuickjs(file, readFileSync(installedFile('qjsc', `${quickjs}/${file}`), 'utf8')),
        );
      const folder = dirname(installedFile('qjsc', `${quickjs}/quickjs.h`));
      const flags = [...quickjsFlags, quickjsPlace(folder), '-I', folder];
      const objects = sources.map((_, i) => `part-${i}.o`);
      await together(signal, (told) =>
        sources.map((file, i) => {
          const input = fixed.has(basename(file)) ? basename(file) : file;
          return runCompiler('c', [...flags, input, '-o', `part-${i}.o`], {
            ...run,
            signal: told,
          });
        }),
      );
      await runCompiler('c', ['-r', '-nostdlib', ...objects, '-o', 'quickjs.o'], run);
      await Promise.all([...fixed, ...objects].map((file) => rm(join(dir, file))));
    },
  });
}

function hostObject({ progress, signal }: EnsureOptions): Promise<string> {
  const quickjsHeader = `${quickjs}/quickjs.h`;
  return cachedArtifact({
    kind: 'native-object',
    inputs: [
      hostFlags.join(' '),
      { file: source },
      { file: callsHeader },
      ...gateSources.map((file) => ({ file })),
      installedDigests[`qjsc/${quickjsHeader}`] ?? '',
      ...headers.map((file) => installedDigests[`better-sqlite3/deps/sqlite3/${file}`] ?? ''),
    ],
    fileName: 'host.o',
    label: 'native host',
    progress,
    signal,
    build: (dir) => {
      progress?.('native host: compiling the host itself (seconds, once)');
      for (const file of headers) installedFile('better-sqlite3', `deps/sqlite3/${file}`);
      const includes = ['-I', sqliteHeaders(), '-isystem', dirname(installedFile('qjsc', quickjsHeader))];
      const run = { cwd: dir, what, without, signal };
      return runCompiler('c', [...hostFlags, ...includes, source, '-o', 'host.o'], run);
    },
  });
}

/** An artefact's folder is named by what it was made from (engines/cache.ts). */
function keyOf(file: string): string {
  return basename(dirname(file));
}

/**
 * The native host of an engine, built when it is missing.
 *
 * @param engine such as `3.50.4` or `3.51.2+shm`
 * @param options who hears of builds, and what ends them
 * @returns the absolute path of the program
 * @throws a usage error for an unknown engine, or one whose source is not here; harness errors: no compiler, a failed build, a
 *   damaged installation, a cache that cannot be used; the signal's reason
 */
export async function nativeHost(engine: string, options: EnsureOptions = {}): Promise<string> {
  const parts: string[] = [];
  await together(options.signal, (signal) =>
    [quickjsObject, hostObject, (told: EnsureOptions) => sqliteObject(engine, told)].map(async (make, i) => {
      parts[i] = await make({ ...options, signal });
    }),
  );
  const { progress, signal } = options;
  return cachedArtifact({
    kind: 'native',
    inputs: [linkFlags.join(' '), { file: secondSource }, ...parts.map(keyOf)],
    fileName: program,
    label: 'native host',
    progress,
    signal,
    build: async (dir) => {
      const run = { cwd: dir, what, without, signal };
      await runCompiler('c', [...parts, ...linkFlags, '-o', program], run);
      const second = ['-shared', '-fPIC', '-O2', '-I', sqliteHeaders(), secondSource, ...parts.slice(-1)];
      await runCompiler('c', [...second, ...linkFlags, '-o', secondLibrary], run);
    },
  });
}
