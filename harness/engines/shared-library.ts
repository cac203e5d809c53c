// An engine as a shared library, to put under programs that link SQLite dynamically: the same sources as its binding, with the
// entry points that such programs expect. What stays out: how a program comes to load it (run/command-starter.ts).
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cachedArtifact } from './cache.ts';
import { writeAmalgamation } from './compile.ts';
import { runCompiler } from './compiler.ts';
import { engineName } from './engine.ts';
import { engineSource, type EnsureOptions } from './ensure.ts';
import { SHM_MARK_CODE } from './shm-marks.ts';

/** What the loader looks for: the name that programs linked against SQLite have in them. */
const fileName = 'libsqlite3.so.0';

/**
 * SQLite's own defaults and what Debian 12's libsqlite3 adds (its `PRAGMA compile_options`): what such programs get today; and the table
 * `sqlite_dbpage`, without which `.recover` of the sqlite3 shell recovers nothing (shell.c, recoverDatabaseCmd). The options of better-sqlite3, with which bindings are made, leave out what Python's sqlite3 links against (OMIT_PROGRESS_CALLBACK,
 * OMIT_DEPRECATED), forbid two threads on one connection (THREADSAFE=2) and turn foreign keys on. HAVE_ISNAN and the like are looked
 * for by no configure here; -O1 as in compile.ts.
 */
const flags = [
  '-O1',
  '-fPIC',
  '-w',
  '-DNDEBUG',
  '-DSQLITE_THREADSAFE=1',
  '-DSQLITE_USE_URI=1',
  '-DSQLITE_SECURE_DELETE',
  '-DSQLITE_ENABLE_COLUMN_METADATA',
  '-DSQLITE_ENABLE_DBPAGE_VTAB',
  '-DSQLITE_ENABLE_DBSTAT_VTAB',
  '-DSQLITE_ENABLE_FTS3',
  '-DSQLITE_ENABLE_FTS3_PARENTHESIS',
  '-DSQLITE_ENABLE_FTS3_TOKENIZER',
  '-DSQLITE_ENABLE_FTS4',
  '-DSQLITE_ENABLE_FTS5',
  '-DSQLITE_ENABLE_LOAD_EXTENSION',
  '-DSQLITE_ENABLE_MATH_FUNCTIONS',
  '-DSQLITE_ENABLE_PREUPDATE_HOOK',
  '-DSQLITE_ENABLE_RTREE',
  '-DSQLITE_ENABLE_SESSION',
  '-DSQLITE_ENABLE_STMTVTAB',
  '-DSQLITE_ENABLE_UNLOCK_NOTIFY',
  '-DSQLITE_ENABLE_UPDATE_DELETE_LIMIT',
  '-DSQLITE_LIKE_DOESNT_MATCH_BLOBS',
  '-DSQLITE_MAX_VARIABLE_NUMBER=250000',
  '-DSQLITE_OMIT_LOOKASIDE',
  '-DSQLITE_SOUNDEX',
  '-DSQLITE_TEMP_STORE=1',
  '-DHAVE_ISNAN',
  '-DHAVE_USLEEP=1',
  '-shared',
  `-Wl,-soname,${fileName}`,
] as const;

const libraries = ['-lm', '-ldl', '-lpthread'] as const;

/**
 * The shared library of an engine, compiled when it is missing.
 *
 * @param name such as `3.50.4` or `3.51.2+shm`
 * @param options who hears of the build, and what ends it
 * @returns the folder that it lies in, for LD_LIBRARY_PATH; absolute
 * @throws a usage error for an unknown engine, or one whose source is not here; harness errors: no compiler, a failed build, a
 *   damaged installation, a cache that cannot be used; the signal's reason
 */
export async function sharedLibrary(name: string, { progress, signal }: EnsureOptions = {}): Promise<string> {
  const { id, entry, source } = engineSource(name);
  const label = `engine ${engineName(id)}`;
  const library = await cachedArtifact({
    kind: 'library',
    inputs: [entry.sha256, id.variant === 'shm' ? `shm ${SHM_MARK_CODE}` : 'plain', [...flags, ...libraries].join(' ')],
    fileName,
    label,
    progress,
    signal,
    build: async (dir) => {
      progress?.(`${label}: compiling it as a shared library (about a minute, once)`);
      await writeAmalgamation(id, entry, source, dir);
      const run = { cwd: dir, what: label, signal };
      await runCompiler('c', [...flags, 'sqlite3.c', ...libraries, '-o', fileName], run);
      await rm(join(dir, 'sqlite3.c'));
    },
  });
  return dirname(library);
}
