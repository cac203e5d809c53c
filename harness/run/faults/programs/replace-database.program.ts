// lockstep.replace-database: a person or a script replaces a database that others have open. Each action is one step, as
// it is one command. What stays out: what the simulated system itself does when it makes a database (its setup program).
import { FileError, SqlError, type World, type Json } from '../../../lane/world.ts';

/** Names are suffixes to the database's name: '' is the database, '-wal' its write-ahead log. */
type Action =
  | { readonly do: 'unlink'; readonly at: string }
  | { readonly do: 'rename' | 'copy'; readonly at: string; readonly to: string }
  | { readonly do: 'vacuum'; readonly to: string }
  | { readonly do: 'pause' };

const files = ['', '-wal', '-shm', '-journal'];
const pause: Action = { do: 'pause' };

/** The ways in which people replace a database. `inits`: they make a new one then. */
export const ways = {
  rm: { inits: true, actions: [{ do: 'unlink', at: '' }] },
  'rm-all': { inits: true, actions: files.map((at): Action => ({ do: 'unlink', at })) },
  'mv-aside': { inits: true, actions: [{ do: 'rename', at: '', to: '.aside' }] },
  'mv-all': { inits: true, actions: files.map((at): Action => ({ do: 'rename', at, to: `.aside${at}` })) },
  'cp-over': {
    inits: false,
    actions: [{ do: 'copy', at: '', to: '.copy' }, pause, { do: 'copy', at: '.copy', to: '' }],
  },
  restore: {
    inits: false,
    actions: [{ do: 'copy', at: '', to: '.copy' }, pause, { do: 'rename', at: '.copy', to: '' }],
  },
  rebuild: {
    inits: false,
    actions: [{ do: 'vacuum', to: '.rebuilt' }, pause, { do: 'rename', at: '.rebuilt', to: '' }],
  },
} satisfies { readonly [way: string]: { readonly inits: boolean; readonly actions: readonly Action[] } };

export type Way = keyof typeof ways;

/**
 * @property database below the world's directory
 * @property pauseMs virtual ms between taking a copy and putting it in place
 * @property init the program that makes a database, started in the end, or null
 */
export interface ReplaceOrder {
  readonly way: Way;
  readonly database: string;
  readonly pauseMs: number;
  readonly init: { readonly program: string; readonly args: Json } | null;
}

/** What an action failed with: a person goes on where a file is simply not there, and stops at anything else. */
const missing = 'ENOENT';

export function replaceDatabase(world: World, args: Json): void {
  const order = args as unknown as ReplaceOrder;
  const { way, database, init } = order;
  const absent: string[] = [];
  for (const action of ways[way].actions) {
    const code = codeOf(() => act(world, order, action));
    if (code === missing && 'at' in action) {
      absent.push(`${database}${action.at}`);
    } else if (code !== undefined) {
      world.observe('replace-failed', { way, database, action: action.do, code });
      return;
    }
  }
  world.observe('replaced', { way, database, absent });
  if (init === null) return;
  const name = `${world.process}.init`;
  world.spawn(init.program, name, init.args);
  world.observe('init-ended', { process: name, how: world.wait(name)?.how ?? 'not yet' });
}

function act(world: World, { database, pauseMs }: ReplaceOrder, action: Action): void {
  const named = (suffix: string): string => `${database}${suffix}`;
  switch (action.do) {
    case 'pause':
      world.sleep(pauseMs);
      break;
    case 'vacuum':
      vacuumInto(world, database, action.to);
      break;
    case 'unlink':
      world.files.unlink(named(action.at));
      break;
    case 'rename':
      world.files.rename(named(action.at), named(action.to));
      break;
    case 'copy':
      world.files.copy(named(action.at), named(action.to));
      break;
    default:
  }
}

/** VACUUM INTO wants a path, and only SQLite knows where the world lies. */
function vacuumInto(world: World, database: string, suffix: string): void {
  const db = world.open(database, { busyTimeoutMs: 30_000, mustExist: true });
  try {
    const path = db.get("SELECT file FROM pragma_database_list WHERE name = 'main'")?.['file'];
    db.run('VACUUM INTO ?', `${String(path)}${suffix}`);
  } finally {
    db.close();
  }
}

/** The code of the error that `body` was refused with. */
function codeOf(body: () => void): string | undefined {
  try {
    body();
    return undefined;
  } catch (error) {
    if (error instanceof FileError || error instanceof SqlError) return error.code;
    throw error;
  }
}
