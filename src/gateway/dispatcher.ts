// The dispatcher thread of a gateway: every 60 s it connects, releases stale claims, promotes tasks, claims those that
// are ready and starts a worker for each. What stays out: the SQL (board/claims.ts).
import type { Connection, Json, World } from '../../harness/lane/world.ts';
import { claimTask, readyTasks, recomputeReady, releaseStaleClaims, setWorkerPid } from '../board/claims.ts';
import { withBoard } from '../board/connect.ts';
import { dispatchIntervalMs, type GatewaySettings, initialSleepMs } from './settings.ts';
import { tick } from './tick.ts';

/** Program of the thread. */
export function dispatcher(world: World, args: Json): void {
  const settings = args as unknown as GatewaySettings;
  world.sleep(initialSleepMs);
  while (!world.stopping()) {
    tick(world, 'dispatcher', () => {
      withBoard(world, settings.board, (connection) => dispatchOnce(world, connection, settings));
      // `_ready_nonempty`: a second look at the board, on a connection of its own.
      withBoard(world, settings.board, readyTasks);
    });
    world.sleep(dispatchIntervalMs);
  }
}

/** `dispatch_once`: one connection from the first statement to the last worker's pid. */
function dispatchOnce(world: World, connection: Connection, settings: GatewaySettings): void {
  releaseStaleClaims(world, connection);
  recomputeReady(world, connection);
  for (const task of readyTasks(connection)) {
    const claim = claimTask(world, connection, task);
    if (claim === undefined) continue;
    world.sleep(settings.spawnMs);
    const worker = nextWorkerName(world);
    const told = { board: settings.board, startMs: settings.workerStartMs, ...claim };
    world.spawn('verifier', worker, told as unknown as Json);
    setWorkerPid(world, connection, claim, worker);
  }
}

function nextWorkerName(world: World): string {
  const number = Number(world.shared.get('workers') ?? 0) + 1;
  world.shared.set('workers', number);
  return `${world.process}.verifier-${number}`;
}
