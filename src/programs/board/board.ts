// The board as roles use it: named operations on it, in a use that begins with connect() and ends with close() as the
// policies say. What stays out: what the operations do (operations.ts), and how connections are kept (session.ts).
import type { World, Json } from '../../../harness/lane/world.ts';
import { behaviourOf } from '../../policies/catalogue.ts';
import { stopRequest } from './messages.ts';
import type { OperationArgs, OperationName, OperationResult } from './operations.ts';
import { readJson } from '../process/json-file.ts';
import { type UnitState, unitSuffix } from '../process/unit-state.ts';
import { RemoteSession } from './remote.ts';
import { closeKept, pin, Session } from './session.ts';
import type { BoardSettings } from './settings.ts';

/**
 * The board in one use. Each operation is a transaction of its own, or several; a sequence of them never is one, neither
 * here nor in the reported system.
 */
export interface Board {
  /** @throws BoardError */
  do<N extends OperationName>(name: N, args: OperationArgs<N>): OperationResult<N>;
}

/**
 * A use that its caller ends. `close` gives everything back; `forget` is what `with connect() as conn` does in Python:
 * it gives back the locks of the use and leaves the connection open (#28285, #33159).
 */
export interface OpenBoard extends Board {
  close(): void;
  forget(): void;
}

/**
 * What a use is for.
 *
 * @property dispatches it is the dispatcher's tick: as reported, "malformed" and "not a database" disable the board for
 *   the dispatcher alone (`_tick_once_for_board`), until the file changes
 */
export interface UseOptions {
  readonly dispatches?: boolean;
}

/** A use of the board that lasts until its caller ends it. @throws BoardError as {@link withBoard} */
export function openBoard(world: World, settings: BoardSettings, options: UseOptions = {}): OpenBoard {
  const owner = ownerOf(world, settings);
  return owner === undefined ? new Session(world, settings, options) : new RemoteSession(world, owner, options);
}

/**
 * One use of the board: connects, does `body`, disconnects, as the policies say.
 *
 * @throws BoardError; of code `KANBAN_BOARD_DISABLED` where the policy `corruption` skips the use without touching the file
 */
export function withBoard<T>(
  world: World,
  settings: BoardSettings,
  body: (board: Board) => T,
  options: UseOptions = {},
): T {
  const board = openBoard(world, settings, options);
  try {
    return body(board);
  } finally {
    board.close();
  }
}

function laneKey(file: string): string {
  return `board-lane:${file}`;
}

/** Under a supervisor a server that was restarted has another name, which stands in the file of its unit. */
function runningServer(world: World, server: string): string {
  if (world.poll(server) === undefined) return server;
  const unit = readJson(world, `${server}${unitSuffix}`) as UnitState | undefined;
  return unit?.mainPid ?? server;
}

/** Lane or process that owns the board; undefined where a lane has a connection of its own. */
function ownerOf(world: World, { file, policies, server }: BoardSettings): string | undefined {
  if (behaviourOf(policies, 'dispatch').viaServer && server !== undefined) return runningServer(world, server);
  const lane = world.shared.get(laneKey(file));
  return typeof lane === 'string' ? lane : undefined;
}

/**
 * For the main lane of a process with several lanes (a gateway), before its threads use the board: starts the lane that
 * owns the process's only connection (connections: shared), or pins a connection (sentinel). Does nothing otherwise.
 *
 * @throws BoardError when the connection to be pinned cannot be had
 */
export function beginBoard(world: World, settings: BoardSettings): void {
  const { file, policies } = settings;
  if (behaviourOf(policies, 'dispatch').viaServer) return;
  const { ownLane, pins } = behaviourOf(policies, 'connections');
  if (pins) pin(world, settings);
  if (!ownLane) return;
  world.thread('board-lane', 'board', settings as unknown as Json);
  world.shared.set(laneKey(file), `${world.process}/board`);
}

/**
 * For every lane that used the board, before it ends: closes what the policies kept open in this lane. For the main lane
 * of a process after its threads have ended: it ends what {@link beginBoard} began.
 */
export function endBoard(world: World, settings: BoardSettings): void {
  closeKept(world, settings);
  const lane = world.shared.get(laneKey(settings.file));
  if (world.lane !== world.process || typeof lane !== 'string') return;
  world.send(lane, stopRequest);
}
