// What can still be read of a damaged board goes into a new one, row by row from both ends of each table, and the new one takes
// its place. What stays out: who may do it (policies/corruption/repair.ts).
import { type Connection, type Row, SqlError, type SqlValue, type World } from '../../harness/lane/world.ts';
import { unlessOsError } from './os-error.ts';
import { folderOf, syncFolder } from './syncs.ts';
import { openPrivate } from './recovery/truth.ts';

/** @property unread tables of which something could not be read */
export interface Salvaged {
  readonly rows: number;
  readonly unread: readonly string[];
}

/** @param makeTables makes the tables of an empty board @throws SqlError, FileError; the board is as it was then */
export function salvage(world: World, file: string, makeTables: (connection: Connection) => void): Salvaged {
  const name = `${file}.repaired`;
  unlessOsError(() => world.files.unlink(name));
  world.files.write(name, '');
  const fresh = openPrivate(world, name);
  let salvaged: Salvaged;
  try {
    makeTables(fresh);
    const old = attempt(() => world.open(file, { mustExist: true }));
    try {
      salvaged = copyTables(old, fresh);
    } finally {
      old?.close();
    }
  } finally {
    fresh.close();
  }
  for (const suffix of ['-journal', '-wal', '-shm']) unlessOsError(() => world.files.unlink(`${file}${suffix}`));
  syncFolder(world, folderOf(file)); // or a power loss could bring them back, beside the new file
  world.files.rename(name, file);
  syncFolder(world, folderOf(file));
  return salvaged;
}

/** Undefined where SQLite refuses. */
function attempt<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}

function copyTables(old: Connection | undefined, fresh: Connection): Salvaged {
  const tables = fresh
    .all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .map((row) => String(row['name']));
  return fresh.immediate(() => {
    const copied = tables.map((table) => ({ table, ...copyTable(old, fresh, table) }));
    return {
      rows: copied.reduce((sum, { rows }) => sum + rows, 0),
      unread: copied.filter(({ isWhole }) => !isWhole).map(({ table }) => table),
    };
  });
}

/** From the first row up to the damage; then from the last one down to it. */
function copyTable(old: Connection | undefined, fresh: Connection, table: string) {
  let rows = 0;
  const copyFrom = (order: 'ASC' | 'DESC', beyond: '>' | '<'): boolean => {
    let at: SqlValue = null;
    for (;;) {
      const where: string = at === null ? '' : `WHERE rowid ${beyond} ?`;
      const next: { readonly row: Row | undefined } | undefined = attempt(() => ({
        row: old?.get(
          `SELECT rowid AS salvage_rowid, * FROM ${table} NOT INDEXED ${where} ORDER BY rowid ${order} LIMIT 1`,
          ...(at === null ? [] : [at]),
        ),
      }));
      if (old === undefined || next === undefined) return false;
      if (next.row === undefined) return true;
      const { salvage_rowid: rowid, ...columns } = next.row;
      at = rowid ?? null;
      const names = Object.keys(columns);
      const holes = names.map(() => '?').join(', ');
      const insert = `INSERT OR IGNORE INTO ${table}(${names.join(', ')}) VALUES(${holes})`;
      rows += attempt(() => fresh.run(insert, ...Object.values(columns)))?.changes ?? 0;
    }
  };
  const isWhole = copyFrom('ASC', '>');
  if (!isWhole) copyFrom('DESC', '<');
  return { rows, isWhole };
}
