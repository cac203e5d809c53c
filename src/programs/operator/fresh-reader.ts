// A person's look at the board with a fresh process: `sqlite3 kanban.db` with integrity_check, quick_check
// and a few counts.
import { type Json, type ServerConnection, SqlError, type World } from '../../../harness/lane/world.ts';
import type { BoardSettings } from '../board/settings.ts';

/**
 * What a fresh process is told.
 *
 * @property file the database, below the world's directory
 * @property board where it is in a server
 * @property reply lane that reads what it prints
 */
interface FreshReaderArgs {
  readonly file: string;
  readonly board?: BoardSettings;
  readonly reply?: string;
}

/** What it prints: what it saw, or the code that it met. A server that has no way to check its files says nothing of integrity. */
export type FreshRead =
  | {
      readonly ok: true;
      readonly integrity?: string;
      readonly quick?: string;
      readonly tasks: number;
      readonly events: number;
    }
  | { readonly ok: false; readonly code: string };

/** Program of the process: leaves `fresh-read`. */
export function freshReader(world: World, args: Json): void {
  const { file, board, reply } = args as unknown as FreshReaderArgs;
  const seen = board === undefined ? read(world, file) : readServer(world);
  world.observe('fresh-read', seen);
  if (reply !== undefined) world.send(reply, seen);
}

/** Of tables and their rows, and of indexes and the rows that they must have (PostgreSQL's documentation, F.2: amcheck). */
const serverChecks = [
  `SELECT relname || ': ' || v.msg AS said FROM pg_class, verify_heapam(oid) AS v
   WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`,
  `SELECT bt_index_check(indexrelid, true)::text AS said FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
   WHERE relnamespace = 'public'::regnamespace AND amname = 'btree' ORDER BY relname`,
] as const;

/** What the server's own check says, where it has one; there is no quick one. A check of an index that finds something throws. */
function integrityOnServer(server: ServerConnection): { readonly integrity?: string } {
  const { rows: found } = server.query("SELECT 1 AS found FROM pg_extension WHERE extname = 'amcheck'");
  if (found.length === 0) return {};
  const said = serverChecks.flatMap((sql) => server.query(sql).rows.map((row) => String(row['said'] ?? '')));
  return { integrity: said.find((text) => text !== '') ?? 'ok' };
}

function readServer(world: World): FreshRead {
  try {
    const server = world.connect();
    try {
      const count = (table: string) => Number(server.query(`SELECT count(*) AS n FROM ${table}`).rows[0]?.['n']);
      return { ok: true, ...integrityOnServer(server), tasks: count('tasks'), events: count('task_events') };
    } finally {
      server.close();
    }
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return { ok: false, code: error.code };
  }
}

function read(world: World, file: string): FreshRead {
  try {
    const connection = world.open(file, { mustExist: true });
    try {
      const check = (pragma: string) => String(connection.get(`PRAGMA ${pragma}`)?.[pragma]);
      const [integrity, quick] = [check('integrity_check'), check('quick_check')];
      const count = (table: string) => Number(connection.get(`SELECT count(*) AS n FROM ${table}`)?.['n']);
      return { ok: true, integrity, quick, tasks: count('tasks'), events: count('task_events') };
    } finally {
      connection.close();
    }
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return { ok: false, code: error.code };
  }
}
