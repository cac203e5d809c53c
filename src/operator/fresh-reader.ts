// A person's look at the board with a fresh process: `sqlite3 kanban.db` with integrity_check, quick_check
// and a few counts.
import { type Json, SqlError, type World } from '../../harness/lane/world.ts';

/** What a fresh process is told: the database, below the world's directory. */
interface FreshReaderArgs {
  readonly file: string;
}

/** Program of the process: leaves `fresh-read` with what it saw, or with the code that it met. */
export function freshReader(world: World, args: Json): void {
  const { file } = args as unknown as FreshReaderArgs;
  try {
    const connection = world.open(file, { mustExist: true });
    try {
      const check = (pragma: string) => String(connection.get(`PRAGMA ${pragma}`)?.[pragma]);
      const [integrity, quick] = [check('integrity_check'), check('quick_check')];
      const count = (table: string) => Number(connection.get(`SELECT count(*) AS n FROM ${table}`)?.['n']);
      world.observe('fresh-read', { ok: true, integrity, quick, tasks: count('tasks'), events: count('task_events') });
    } finally {
      connection.close();
    }
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    world.observe('fresh-read', { ok: false, code: error.code });
  }
}
