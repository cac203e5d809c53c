// The engine under test in place of the SQLite that a Node program brings along: better-sqlite3's binding is the engine's. Others have
// theirs compiled in, and are refused. What stays out: what happens in SQLite (gate/).
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';
import { notFollowed } from './process-of-run.ts';

const load = createRequire(import.meta.url);

type Dlopen = (module: object, file: string, flags?: number) => void;

/** Node warns of its own module when it is looked at; the program may not even use it. */
function quietly<T>(act: () => T): T {
  const { emitWarning } = process;
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
  sqlite.DatabaseSync = class {
    constructor() {
      notFollowed(`uses node:sqlite, which has SQLite ${version} compiled in: another engine cannot be put under it. Let it use better-sqlite3`);
    }
  };
  syncBuiltinESMExports();
}

/** @param binding better-sqlite3's, of the engine under test */
export function replaceSqlite(binding: string): void {
  const dlopen = process.dlopen.bind(process) as Dlopen;
  process.dlopen = ((module: object, file: string, flags?: number) => {
    const name = basename(file);
    if (/sqlite3?/.test(name) && name !== 'better_sqlite3.node')
      notFollowed(`loads ${name}, which has an SQLite of its own: another engine cannot be put under it. Let it use better-sqlite3`);
    const wanted = name === 'better_sqlite3.node' ? binding : file;
    if (flags === undefined) dlopen(module, wanted);
    else dlopen(module, wanted, flags);
  }) as typeof process.dlopen;
  refuseNodeSqlite();
}
