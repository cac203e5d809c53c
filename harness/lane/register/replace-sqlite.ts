// The engine under test in place of the SQLite that a Node program brings along: better-sqlite3's binding is the engine's. Others have
// theirs compiled in, and are refused; or, where the engine is what the program brings, the gate goes over to that. What stays out: what
// happens in SQLite (gate/).
import { OWN_ENGINE } from '../../model/process.ts';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';
import type { Statements } from '../gate-calls.ts';
import { packageOf } from './package-of.ts';
import { notFollowed, type OwnPlace, type ProcessOfRun, real } from './process-of-run.ts';

const load = createRequire(import.meta.url);

/** Node warns of what the host does, such as a look at its own module: the program may do nothing of it. */
function quietly<T>(act: () => T): T {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = () => undefined;
  try {
    return act();
  } finally {
    process.emitWarning = emitWarning;
  }
}

interface NodeSqlite {
  DatabaseSync: new (
    path: string,
    options?: { readonly allowExtension?: boolean },
  ) => OwnDatabase & {
    readonly prepare: (sql: string) => { readonly get: (...values: readonly unknown[]) => object | undefined };
  };
}

/** node:sqlite, whose SQLite is Node's own; undefined in a Node that has none. */
function nodeSqlite(): NodeSqlite | undefined {
  try {
    return quietly(() => load('node:sqlite') as NodeSqlite);
  } catch {
    return undefined;
  }
}

function refuseNodeSqlite(): void {
  const sqlite = nodeSqlite();
  if (sqlite === undefined) return;
  const version = (process.versions as { readonly sqlite?: string }).sqlite ?? 'a version';
  sqlite.DatabaseSync = function refused() {
    notFollowed(
      `uses node:sqlite, which has SQLite ${version} compiled in: another engine cannot be put under it. Run it with the engine ${OWN_ENGINE}, or let it use better-sqlite3`,
    );
  } as never;
  syncBuiltinESMExports();
}

/** A connection of the SQLite that the program brings. */
interface OwnDatabase {
  readonly loadExtension: (path: string) => void;
}

/** A connection to call the gate by. */
type Control = OwnDatabase & Statements;

/** @throws Node's error, where there is no such SQLite */
function controlIn(place: OwnPlace): Control {
  if (place.in === 'better-sqlite3') {
    const Own = real.require(place.folder) as new (path: string) => Control;
    return quietly(() => new Own(':memory:'));
  }
  const sqlite = nodeSqlite();
  if (sqlite === undefined) throw new Error('This Node has no node:sqlite.');
  const control = new sqlite.DatabaseSync(':memory:', { allowExtension: true });
  const prepare = (sql: string) => {
    const statement = control.prepare(sql);
    const first = (...values: readonly unknown[]) => Object.values(statement.get(...values) ?? {})[0] as unknown;
    return { pluck: () => ({ get: first }) };
  };
  return { prepare, loadExtension: (path) => control.loadExtension(path) };
}

/**
 * In a thread, whose process has gone over to the SQLite that it brings.
 *
 * @param library the compiled gate
 */
export function openOwn(place: OwnPlace, library: string): Statements {
  const control = controlIn(place);
  control.loadExtension(library);
  return control;
}

/** The gate goes over to the SQLite that the program brings, before that opens the first database, or starts a thread. */
export class OwnSqlite {
  readonly #process: ProcessOfRun;
  readonly #library: string;
  #place: OwnPlace | undefined;

  /** @param library the compiled gate */
  constructor(process: ProcessOfRun, library: string) {
    this.#process = process;
    this.#library = library;
    this.#place = process.thread?.own;
  }

  /** node:sqlite takes over at the first database. */
  followNode(): void {
    const sqlite = nodeSqlite();
    if (sqlite === undefined) return;
    const { DatabaseSync } = sqlite;
    sqlite.DatabaseSync = new Proxy(DatabaseSync, {
      construct: (target, given, self) => {
        if (this.#place?.in !== 'node:sqlite') this.#goOver({ in: 'node:sqlite' });
        return Reflect.construct(target, given, self) as object;
      },
    });
    syncBuiltinESMExports();
  }

  /** A better-sqlite3 of the program's own takes over when its binding has been loaded. */
  followBinding(file: string): void {
    if (!isBetterSqlite3(file))
      notFollowed(
        `loads ${file}, which has an SQLite compiled in that no gate can be put before. Let it use better-sqlite3 or node:sqlite`,
      );
    const folder = packageOf(file)?.folder ?? dirname(file);
    const place = this.#place;
    if (place?.in === 'better-sqlite3' && place.folder === folder) return;
    this.#goOver({ in: 'better-sqlite3', folder }); // it asks for its binding while that is being loaded
  }

  /** A thread is to be started: where the program has not shown which SQLite it brings, it is the better-sqlite3 that it finds, or Node's. */
  settle(): OwnPlace {
    if (this.#place !== undefined) return this.#place;
    const main = process.argv[1] ?? join(process.cwd(), 'main');
    let folder: string | undefined;
    try {
      folder = packageOf(createRequire(main).resolve('better-sqlite3'))?.folder;
    } catch {
      // it has none
    }
    this.#goOver(folder === undefined ? { in: 'node:sqlite' } : { in: 'better-sqlite3', folder });
    return this.#place ?? { in: 'node:sqlite' };
  }

  #goOver(place: OwnPlace): void {
    const { gate, memory, thread } = this.#process;
    const first = this.#place;
    if (first !== undefined && (thread !== undefined || memory.threads > 0))
      notFollowed(
        `uses ${place.in} when it has threads for which it uses ${first.in}: let it open its first database before it starts them, or use one of both`,
      );
    this.#place = place; // from here on its own connection is like any
    const control = controlIn(place);
    try {
      control.loadExtension(this.#library);
    } catch (error) {
      notFollowed(`uses a second SQLite beside the one that it has opened a database with (${String(error)})`);
    }
    gate.moveTo(control);
  }
}

/** What every copy of SQLite has in it (fileformat2.html, "The Database Header"). */
const header = 'SQLite format 3';

const isBetterSqlite3 = (file: string): boolean => /[/\\]better-sqlite3[/\\]/.test(file);

/**
 * @param process_ whose gate goes over to what the program brings, where the engine is {@link OWN_ENGINE}
 * @param env of the process: LOCKSTEP_BINDING, better-sqlite3's of the engine under test; LOCKSTEP_BETTER_SQLITE3, the version of
 *   better-sqlite3 that it is made for
 * @returns what follows the program's own, where that is the engine
 */
export function replaceSqlite(process_: ProcessOfRun, env: { readonly [name: string]: string }): OwnSqlite | undefined {
  const { LOCKSTEP_BINDING: binding = '', LOCKSTEP_BETTER_SQLITE3: version = '', LOCKSTEP_GATE: library = '' } = env;
  const own = env['LOCKSTEP_SQLITE'] === OWN_ENGINE ? new OwnSqlite(process_, library) : undefined;
  const dlopen = process.dlopen.bind(process);
  process.dlopen = (module: object, file: string, flags?: number) => {
    const follows = own !== undefined && bringsSqlite(file, binding);
    const wanted = own === undefined ? wantedFile(file, binding, version) : file;
    if (flags === undefined) dlopen(module, wanted);
    else dlopen(module, wanted, flags);
    if (follows) own.followBinding(file);
  };
  if (own === undefined) refuseNodeSqlite();
  else own.followNode();
  return own;
}

/** Has a file an SQLite other than that of the host itself? */
function bringsSqlite(file: string, binding: string): boolean {
  return file !== binding && real.fs.readFileSync(file).includes(header);
}

function wantedFile(file: string, binding: string, version: string): string {
  if (!bringsSqlite(file, binding)) return file;
  if (!isBetterSqlite3(file))
    notFollowed(
      `loads ${file}, which has an SQLite compiled in: another engine cannot be put under it. Let it use better-sqlite3`,
    );
  const own = packageOf(file)?.version ?? 'of an unknown version';
  if (own !== version)
    notFollowed(
      `uses better-sqlite3 ${own}, and engines are made for better-sqlite3 ${version} only: run it with the engine ${OWN_ENGINE}, or install that`,
    );
  return binding;
}
