// The engine under test in place of the SQLite that a Node program brings along: better-sqlite3's binding is the engine's. Others have
// theirs compiled in, and are refused. What stays out: what happens in SQLite (gate/).
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';
import { notFollowed, real } from './process-of-run.ts';

const load = createRequire(import.meta.url);

/** Node warns of its own module when it is looked at; the program may not even use it. */
function quietly<T>(act: () => T): T {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = () => undefined;
  try {
    return act();
  } finally {
    process.emitWarning = emitWarning;
  }
}

function refuseNodeSqlite(): void {
  let sqlite: { DatabaseSync?: unknown };
  try {
    sqlite = quietly(() => load('node:sqlite') as { DatabaseSync?: unknown });
  } catch {
    return; // a Node that has none
  }
  const version = (process.versions as { readonly sqlite?: string }).sqlite ?? 'a version';
  sqlite.DatabaseSync = function refused() {
    notFollowed(
      `uses node:sqlite, which has SQLite ${version} compiled in: another engine cannot be put under it. Let it use better-sqlite3`,
    );
  };
  syncBuiltinESMExports();
}

/** What every copy of SQLite has in it (fileformat2.html, "The Database Header"). */
const header = 'SQLite format 3';

/** The version of the package that a file is in. */
function packageVersion(file: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      return String(
        (JSON.parse(real.fs.readFileSync(join(folder, 'package.json'), 'utf8')) as { version?: string }).version,
      );
    } catch {
      // further up
    }
  }
  return 'of an unknown version';
}

/**
 * @param binding better-sqlite3's, of the engine under test
 * @param version of better-sqlite3 that it is made for
 */
export function replaceSqlite(binding: string, version: string): void {
  const dlopen = process.dlopen.bind(process);
  process.dlopen = (module: object, file: string, flags?: number) => {
    const wanted = wantedFile(file, binding, version);
    if (flags === undefined) dlopen(module, wanted);
    else dlopen(module, wanted, flags);
  };
  refuseNodeSqlite();
}

function wantedFile(file: string, binding: string, version: string): string {
  if (file === binding || !real.fs.readFileSync(file).includes(header)) return file;
  if (!/[/\\]better-sqlite3[/\\]/.test(file))
    notFollowed(
      `loads ${file}, which has an SQLite compiled in: another engine cannot be put under it. Let it use better-sqlite3`,
    );
  const own = packageVersion(file);
  if (own !== version)
    notFollowed(`uses better-sqlite3 ${own}, and engines are made for better-sqlite3 ${version} only: install that`);
  return binding;
}
