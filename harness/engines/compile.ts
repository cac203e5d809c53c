// Compiles one SQLite amalgamation into better-sqlite3's N-API binding: two objects, one link. Neither node-gyp nor
// Python is needed. Flags and defines are those of better-sqlite3's own build (binding.gyp, deps/sqlite3.gyp,
// deps/common.gypi, deps/defines.gypi), except for the level of optimisation. What stays out: when this is done and
// where the result is kept (ensure.ts).

import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type CatalogueEntry, PREBUILT_ENGINE } from './catalogue.ts';
import { runCompiler } from './compiler.ts';
import { readDefines } from './defines.ts';
import { type EngineId, engineName } from './engine.ts';
import { packageDir } from './package-dir.ts';
import { markShmAccess } from './shm-marks.ts';
import { checkSource, type SqliteSource } from './source.ts';
import { together } from './together.ts';
import { verifyBinding } from './verify-binding.ts';

export const BINDING_FILE = 'better_sqlite3.node';

/**
 * -O1 where better-sqlite3 has -O3. Measured with gcc 12 on 3.50.4: -O1 compiles in 29 s, -O2 in 62 s; against -O2 it
 * takes 1.05 times as long for small WAL commits and 1.24 times for index scans, and a run in lock step spends its
 * time in neither.
 */
const COMMON_FLAGS = ['-c', '-O1', '-fPIC', '-w', '-fvisibility=hidden', '-DNDEBUG'];
const C_FLAGS = [...COMMON_FLAGS, '-std=c99'];
const CXX_FLAGS = [
  ...COMMON_FLAGS,
  '-std=c++20',
  '-fvisibility-inlines-hidden',
  '-DNAPI_VERSION=10',
  '-DNAPI_DISABLE_CPP_EXCEPTIONS',
  '-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
];
const LINK_FLAGS =
  process.platform === 'darwin'
    ? ['-dynamiclib', '-undefined', 'dynamic_lookup']
    : ['-shared', '-Wl,-Bsymbolic', '-Wl,--exclude-libs,ALL', '-lm', '-ldl', '-lpthread'];

const withoutCompiler = `The engine ${PREBUILT_ENGINE} needs no C++ compiler.`;

/** All flags, for the artefact's key. */
export const COMPILE_RECIPE = JSON.stringify([C_FLAGS, CXX_FLAGS, LINK_FLAGS]);

/** Flags of SQLite's object, for its key. */
export const SQLITE_RECIPE = JSON.stringify(C_FLAGS);

export const SQLITE_OBJECT = 'sqlite3.o';

/** Writes an engine's sqlite3.c into a directory, with its marks where it is a deep one. Throws as {@link compileSqlite}. */
export async function writeAmalgamation(
  id: EngineId,
  entry: CatalogueEntry,
  source: SqliteSource,
  dir: string,
): Promise<void> {
  const text = checkSource(entry, source);
  await writeFile(path.join(dir, 'sqlite3.c'), id.variant === 'shm' ? markShmAccess(text, id.version) : text, 'latin1');
}

/**
 * Compiles SQLite into a directory, as {@link SQLITE_OBJECT}: for a binding, or for the native host (lane/native/build.ts).
 *
 * @param dir only the object is left in it
 * @param stop ends it early
 * @throws harness errors: a source's hash differs, no marks for `+shm`, no compiler, a compiler that fails; the signal's reason
 */
export async function compileSqlite(
  id: EngineId,
  entry: CatalogueEntry,
  source: SqliteSource,
  dir: string,
  stop?: AbortSignal,
): Promise<void> {
  const defines = readDefines(await readFile(source.defines, 'utf8')).map((define) => `-D${define}`);
  await writeAmalgamation(id, entry, source, dir);
  const run = { cwd: dir, what: `engine ${engineName(id)}`, without: withoutCompiler, signal: stop };
  await runCompiler('c', [...C_FLAGS, ...defines, 'sqlite3.c', '-o', SQLITE_OBJECT], run);
  await rm(path.join(dir, 'sqlite3.c'));
}

/**
 * Writes the binding of an engine, {@link BINDING_FILE}, into a directory, and proves that it loads and is the version
 * it should be.
 *
 * @param sqlite makes the object of its SQLite ({@link compileSqlite}); result: its absolute path
 * @param dir an empty directory; only the binding is left in it
 * @param stop ends it early
 * @throws harness errors: a source's hash differs, no compiler, a compiler that fails, a binding that does not load; the
 *   signal's reason; what `sqlite` throws
 */
export async function compileBinding(
  id: EngineId,
  entry: CatalogueEntry,
  sqlite: (stop: AbortSignal) => Promise<string>,
  source: SqliteSource,
  dir: string,
  stop?: AbortSignal,
): Promise<void> {
  const what = `engine ${engineName(id)}`;
  const run = { cwd: dir, what, without: withoutCompiler, signal: stop };
  checkSource(entry, source); // before any compiler runs
  const includes = [
    `-I${packageDir('node-addon-api')}`,
    `-I${path.join(packageDir('node-api-headers'), 'include')}`,
    `-I${source.headers}`,
  ];
  const bindingSource = path.join(packageDir('better-sqlite3'), 'src', 'better_sqlite3.cpp');
  let object = '';
  await together(stop, (signal) => [
    sqlite(signal).then((made) => void (object = made)),
    runCompiler('c++', [...CXX_FLAGS, ...includes, bindingSource, '-o', 'binding.o'], { ...run, signal }),
  ]);
  await runCompiler('c++', ['binding.o', object, ...LINK_FLAGS, '-o', BINDING_FILE], run);

  await verifyBinding(
    path.join(dir, BINDING_FILE),
    await readFile(path.join(source.headers, 'sqlite3.h'), 'utf8'),
    what,
    stop,
  );
  await rm(path.join(dir, 'binding.o'));
}
