// The dispatcher of a gateway: every dispatch_interval it reaps its workers, connects, takes back claims that have run out
// or whose worker is gone, promotes tasks, claims those that are ready, starts a worker for each, and looks once more, on
// a second connection, whether any is left. What stays out: the SQL (programs/board), who may dispatch (leadership.ts).
import type { World, Json } from '../../../harness/lane/world.ts';
import { type Board, withBoard } from '../board/board.ts';
import { during } from '../../board-file/board-error.ts';
import { behaviourOf } from '../../policies/catalogue.ts';
import { terminate, workerLooks } from '../process/terminate.ts';
import { runningTasks } from './budget.ts';
import { dispatcherFailureDue, dispatcherReport } from './dispatcher-promise.ts';
import { asLane } from './lanes.ts';
import { Leadership } from './leadership.ts';
import { forever, type TickReport } from '../process/quiet.ts';
import { type GatewayConfig, gatewayConfig, initialSleepMs } from './settings.ts';
import { StuckWarning } from './stuck-warning.ts';
import { type SkippedTick, skippedTick, watch } from './watch.ts';
import { Workers } from './workers.ts';

/** Program of the thread. */
export function dispatcher(world: World, args: Json): void {
  const config = gatewayConfig(args);
  const own = new Dispatcher(world, config);
  asLane(world, config, () => {
    const { dispatchIntervalMs } = config;
    const pauses = behaviourOf(config.board.policies, 'notify').pauses(world, {
      channel: 'ready_tasks',
      pollMs: dispatchIntervalMs,
      longMs: dispatchIntervalMs,
    });
    const rhythm = { lane: 'dispatcher', firstMs: initialSleepMs, pauses };
    watch(
      world,
      rhythm,
      () => own.tick(),
      (statement) => own.failureDue(statement),
    );
    own.end();
  });
}

class Dispatcher {
  readonly #world: World;
  readonly #config: GatewayConfig;
  readonly #leadership: Leadership;
  readonly #workers: Workers;
  readonly #stuck: StuckWarning;
  #checkpointedMs = 0;
  /** In the tick that runs: has it come to dispatch_once? */
  #dispatching = false;

  constructor(world: World, config: GatewayConfig) {
    this.#world = world;
    this.#config = config;
    this.#leadership = new Leadership(world, config);
    this.#workers = new Workers(world, config);
    this.#stuck = new StuckWarning(world);
  }

  tick(): TickReport | SkippedTick {
    const { board } = this.#config;
    this.#dispatching = false;
    this.#workers.reap();
    if (!this.#leadership.mayDispatch()) return skippedTick('not-leader');
    // The board's fingerprint, taken before it is opened; what it is compared with is the quarantine's (policies/corruption).
    during('fingerprint', () => this.#world.files.stat(board.file));
    const asDispatcher = { dispatches: true };
    const { changed, started } = withBoard(
      this.#world,
      board,
      (opened) => {
        const done = this.#dispatchOnce(opened);
        this.#checkpoint(opened);
        return done;
      },
      asDispatcher,
    );
    // `_ready_nonempty`: a second look at the board, on a connection of its own.
    const ready = withBoard(this.#world, board, (opened) => opened.do('ready_tasks', {}), asDispatcher);
    const waiting = ready.length > 0;
    this.#stuck.see({ waiting, started });
    const unjudged = this.#workers.exits.length;
    const running = runningTasks(this.#world);
    return dispatcherReport({ changed, waiting, unjudged, running, dueMs: this.#dueMs() });
  }

  failureDue(statement: string): number {
    const tick = { dispatching: this.#dispatching, statement, running: runningTasks(this.#world) };
    return dispatcherFailureDue(tick, this.#world.now());
  }

  /** Before the lane ends. */
  end(): void {
    this.#leadership.giveUp();
  }

  /** `dispatch_once`: one connection from the first statement to the last worker's pid. */
  #dispatchOnce(board: Board): { readonly changed: boolean; readonly started: number } {
    const who = { board: this.#config.board.file, by: this.#world.process };
    this.#dispatching = true;
    this.#world.observe('dispatch-begin', who);
    try {
      const cared = this.#careForRunning(board);
      const promoted = board.do('recompute_ready', {});
      const ready = board.do('ready_tasks', {});
      const started = ready.filter((task) => this.#claimAndStart(board, task)).length;
      return { changed: cared || promoted > 0 || ready.length > 0, started };
    } finally {
      this.#world.observe('dispatch-end', who);
    }
  }

  /** When the clock alone brings the next tick other work, virtual ms since the Unix epoch. */
  #dueMs(): number {
    const { file, policies } = this.#config.board;
    return Math.min(this.#checkpointDueMs(), behaviourOf(policies, 'recovery').dueMs({ world: this.#world, file }));
  }

  /** When the policy `checkpoints` wants the next, virtual ms since the Unix epoch. */
  #checkpointDueMs(): number {
    const { mode, everyMs } = behaviourOf(this.#config.board.policies, 'checkpoints');
    return mode === undefined ? forever : this.#checkpointedMs + everyMs;
  }

  #checkpoint(board: Board): void {
    const nowMs = this.#world.now();
    if (nowMs < this.#checkpointDueMs()) return;
    this.#checkpointedMs = nowMs;
    board.do('wal_checkpoint', {});
  }

  /** Claims that ran out, workers that are gone, workers that take too long. Result: was there any? */
  #careForRunning(board: Board): boolean {
    const { extended, reclaimed } = board.do('release_stale_claims', {});
    const crashed = board.do('detect_crashed_workers', { exits: this.#workers.exits });
    this.#workers.judged();
    const late = board.do('over_time_workers', {});
    for (const one of late) {
      terminate(this.#world, one.worker, workerLooks);
      board.do('enforce_max_runtime', one);
    }
    return [extended, reclaimed, crashed, late].some((tasks) => tasks.length > 0);
  }

  /** Result: does a worker run now? Another dispatcher may have been first. */
  #claimAndStart(board: Board, task: string): boolean {
    const claim = board.do('claim_task', { task });
    if (claim === null) return false;
    const worker = this.#workers.start(claim);
    if (worker === undefined) {
      board.do('spawn_failed', { ...claim, error: 'the worker could not be started' });
      return false;
    }
    board.do('set_worker_pid', { ...claim, worker });
    return true;
  }
}
