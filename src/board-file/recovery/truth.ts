// The board as it should be, made of what lies beside it and never of the board itself: the newest snapshot that is sound, and
// every transaction of the journal after it. What stays out: putting it in place (put-in-place.ts).
import { type Connection, FileError, SqlError, type World } from '../../../harness/lane/world.ts';
import { saysDamaged, unlessMissing } from '../os-error.ts';
import { readState, stateTable, writeState } from './board-state.ts';
import { type Listing, nextFile, recoveryFolder, type SnapshotName } from './folder.ts';
import { type Entry, readSegment, type Segment } from './operations-journal.ts';

/**
 * @property snapshot that it was made of, and its generation
 * @property sequence of the last transaction, one that is lost included: none gets its number again
 * @property unlike statements that did not do what they had done before: the board had gone another way by then
 * @property lost rows whose transactions come after a gap in the journal
 * @property unnamed transactions whose lines are damaged or gone, as far as the journal shows: nobody knows their rows
 * @property lacksSegment no segment of the journal goes as far
 * @property takenBack of the journal's newest segment
 */
export interface Truth {
  readonly snapshot: string;
  readonly generation: string;
  readonly sequence: number;
  readonly unlike: number;
  readonly lost: readonly string[];
  readonly unnamed: number;
  readonly lacksSegment: boolean;
  readonly takenBack: number | undefined;
}

/** Opens a database of the folder, which nobody else has open: no journal of its own, since a torn one is made anew. */
export function openPrivate(world: World, name: string): Connection {
  const connection = world.open(name, { mustExist: true });
  connection.exec('PRAGMA journal_mode=OFF; PRAGMA synchronous=FULL');
  return connection;
}

/** Primary result codes of what is no damage of a file: NOMEM, IOERR (rescode.html). */
const justNow: ReadonlySet<number> = new Set([7, 10]);

/**
 * What integrity_check says: `ok`, or the first thing that is wrong.
 *
 * @throws SqlError where a page could not be read just now, which SQLite tells as if it were damaged (`unable to get the page. error code=266`)
 */
export function integrityOf(connection: Connection): string {
  const said = String(connection.get('PRAGMA integrity_check')?.['integrity_check']);
  const codes = [...said.matchAll(/error code=(\d+)/g)].map(([, code]) => Number(code) & 0xff);
  if (codes.some((code) => justNow.has(code))) throw new SqlError('SQLITE_IOERR', `integrity_check: ${said}`);
  return said;
}

/** Does `body` with `next.db`, which it copies from somewhere first; what an interrupted attempt has left goes. */
export function clearNext(world: World, file: string): void {
  for (const suffix of ['', '-journal', '-wal', '-shm']) {
    const name = `${nextFile(file)}${suffix}`;
    if (world.files.exists(name)) world.files.unlink(name);
  }
}

/**
 * Makes it, as `next.db` in the folder.
 *
 * @returns undefined when no snapshot is sound
 * @throws SqlError and FileError where something could not be read just now, and nothing else has as much: it is no loss yet
 */
export function makeTruth(world: World, file: string, { snapshots, segments }: Listing): Truth | undefined {
  const journal = segments.flatMap((base) => unlessMissing(() => readSegment(world, file, base)) ?? []);
  let unread: unknown;
  for (const snapshot of snapshots.toReversed()) {
    try {
      const made = makeFrom(world, file, snapshot, journal, snapshots);
      if (made === undefined) continue;
      if (unread === undefined || made.lost.length + made.unnamed === 0) return made;
    } catch (error) {
      if (!(error instanceof SqlError) && !(error instanceof FileError)) throw error;
      if (!saysDamaged(error)) unread ??= error;
    }
  }
  if (unread !== undefined) throw unread as Error;
  return undefined;
}

function makeFrom(
  world: World,
  file: string,
  { name, generation, sequence }: SnapshotName,
  journal: readonly Segment[],
  all: readonly SnapshotName[],
): Truth | undefined {
  clearNext(world, file);
  world.files.copy(`${recoveryFolder(file)}/${name}`, nextFile(file));
  const connection = openPrivate(world, nextFile(file));
  try {
    const state = readState(connection);
    if (integrityOf(connection) !== 'ok' || state?.generation !== generation || state.sequence !== sequence)
      return undefined;
    const later = journal
      .filter((segment) => segment.generation === undefined || segment.generation === generation)
      .flatMap(({ entries }) => entries)
      .filter((entry) => entry.sequence > sequence);
    const gap = later.findIndex((entry, i) => entry.sequence !== sequence + 1 + i);
    const whole = gap < 0 ? later : later.slice(0, gap);
    const last = journal.at(-1);
    // A newer snapshot that is damaged says by its name how far the board was.
    const named = all.filter((one) => one.generation === generation).map((one) => one.sequence);
    const newest = Math.max(sequence, ...named, ...later.map((entry) => entry.sequence));
    const unlike = connection.immediate(() => {
      const count = whole.reduce((sum, entry) => sum + redo(connection, entry), 0);
      const end = { sequence: newest, base: last?.base ?? 0, length: last?.length ?? 0 };
      writeState(connection, end);
      return count;
    });
    const lost = later.slice(whole.length).flatMap(({ rows }) => rows);
    const unnamed = newest - sequence - later.length + (last?.damaged ?? 0);
    const lacksSegment = last === undefined || last.end < newest;
    const { takenBack } = last ?? {};
    return { snapshot: name, generation, sequence: newest, unlike, lost, unnamed, lacksSegment, takenBack };
  } finally {
    connection.close();
  }
}

/** Result: how many statements did not change what they had changed. One that a constraint forbids changes nothing. */
function redo(connection: Connection, { statements }: Entry): number {
  let unlike = 0;
  for (const { sql, bind, changes } of statements) {
    try {
      if (connection.run(sql, ...bind).changes !== changes) unlike++;
    } catch (error) {
      if (!(error instanceof SqlError) || !error.code.startsWith('SQLITE_CONSTRAINT')) throw error;
      unlike++;
    }
  }
  return unlike;
}

/** Where SQLite finds the board's file: only it knows where the world lies. */
export function pathOfMain(connection: Connection): string {
  return String(connection.get("SELECT file FROM pragma_database_list WHERE name = 'main'")?.['file']);
}

/**
 * Does the board hold just what `next.db` holds?
 *
 * @throws SqlError where the board cannot be read
 */
export function isLikeNext(connection: Connection, file: string): boolean {
  connection.run('ATTACH ? AS truth', `${pathOfMain(connection)}${nextFile(file).slice(file.length)}`);
  try {
    if (integrityOf(connection) !== 'ok') return false;
    const tables = connection
      .all("SELECT name FROM truth.sqlite_master WHERE type = 'table' ORDER BY name")
      .map((row) => String(row['name']))
      .filter((table) => table !== stateTable);
    return tables.every((table) => {
      const rowsOf = (schema: string) => `SELECT * FROM ${schema}.${table}`;
      const beyond = (one: string, other: string) => `SELECT 1 FROM (${rowsOf(one)} EXCEPT ${rowsOf(other)}) LIMIT 1`;
      return (
        connection.get(beyond('main', 'truth')) === undefined && connection.get(beyond('truth', 'main')) === undefined
      );
    });
  } finally {
    connection.run('DETACH truth');
  }
}
