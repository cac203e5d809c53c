// A long-lived process with one connection, as the session store of the reported system has it: opened once, used again and
// again, closed when it is asked to stop. What stays out: how a connection is opened and closed (programs/board).
import type { Json, World } from '../../../harness/lane/world.ts';
import { openBoard } from '../board/board.ts';
import { closeKept, Session } from '../board/session.ts';
import type { BoardSettings } from '../board/settings.ts';
import { BoardError } from '../../board-file/board-error.ts';

/**
 * @property opensMs when it opens its connection, virtual ms from the run's start
 * @property writesMs when it writes a row, the same
 */
interface HolderSettings {
  readonly board: BoardSettings;
  readonly opensMs: number;
  readonly writesMs: readonly number[];
}

/** Program of the process: leaves `holder` for its open, each row and its close, and `holder-down` at its end. */
export function holder(world: World, args: Json): void {
  const { board, opensMs, writesMs } = args as unknown as HolderSettings;
  const began = world.now();
  const store = board.server === undefined ? { keeps: true } : undefined;
  const use = (body: (session: Pick<Session, 'do'>) => void): void => {
    const session = store === undefined ? openBoard(world, board) : new Session(world, board, store);
    try {
      body(session);
    } finally {
      session.close();
    }
  };
  world.sleep(opensMs);
  attempt(world, 'opened', () => use((session) => void session.do('list_tasks', {})));
  for (const [index, atMs] of writesMs.entries()) {
    world.sleep(began + atMs - world.now());
    if (world.stopping()) break;
    const order = { thinkMs: 0, heartbeats: 0, verdict: 'complete' } as const;
    attempt(world, `write ${index + 1}`, () => use((session) => void session.do('create_task', { order })));
  }
  while (!world.stopping()) world.sleep(3_600_000);
  attempt(world, 'closed', () => closeKept(world, board));
  world.observe('holder-down', { holder: world.process });
}

function attempt(world: World, what: string, body: () => void): void {
  try {
    body();
    world.observe('holder', { holder: world.process, what, code: null });
  } catch (error) {
    if (!(error instanceof BoardError)) throw error;
    world.observe('holder', { holder: world.process, what, code: error.code });
  }
}
