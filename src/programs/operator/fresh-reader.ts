// A person's look at the board with a fresh process: `sqlite3 kanban.db` with integrity_check, quick_check
// and a few counts.
import { SqlError, type World, type Json } from '../../../harness/lane/world.ts';
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

/** What it prints: what it saw, or the code that it met. */
export type FreshRead =
  | {
      readonly ok: true;
      readonly integrity: string;
      readonly quick: string;
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

/** A server has no integrity_check: what it answers is what there is. */
function readServer(world: World): FreshRead {
  try {
    const server = world.connect();
    try {
      const count = (table: string) => Number(server.query(`SELECT count(*) AS n FROM ${table}`).rows[0]?.['n']);
      return { ok: true, integrity: 'ok', quick: 'ok', tasks: count('tasks'), events: count('task_events') };
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
