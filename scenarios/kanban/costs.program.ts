// A busy gateway of a healthy system, for what a strategy costs: it creates tasks, gives out what is ready where it may
// dispatch, and does the work of its own tasks, each write in a use of the board of its own, as chats, dispatcher and workers
// make them. It says when each begins and when it is acknowledged. What stays out: how the times are taken and what is made
// of them (cli/costs), and everything that begins or ends a gateway.
import type { World, Json } from '../../harness/lane/world.ts';
import { type Board, endBoard, withBoard } from '../../src/programs/board/board.ts';
import { BoardError, boardCode } from '../../src/board-file/board-error.ts';
import { pin } from '../../src/programs/board/session.ts';
import type { BoardSettings } from '../../src/programs/board/settings.ts';
import type { TaskOrder } from '../../src/programs/board/tasks.ts';
import { Leadership } from '../../src/programs/gateway/leadership.ts';
import { gatewayConfig } from '../../src/programs/gateway/settings.ts';
import { behaviourOf } from '../../src/policies/catalogue.ts';

/**
 * Until when a gateway is busy: for so long on its own clock, from when all are ready; or until the board has so many tasks
 * done.
 */
export type Busy =
  | { readonly forMs: number; readonly gateways: number }
  | {
      /** That it creates itself. */
      readonly tasks: number;
      /** That all gateways create. */
      readonly tasksOfAll: number;
      /** After each write, so that the others come between. */
      readonly pauseMs: number;
      /** From its start: then everybody is idle, and the first gateway has the processes looked at, and counts what is on disk. */
      readonly lookAtMs: number;
      readonly looks: boolean;
    };

export interface BusySettings {
  readonly board: BoardSettings;
  readonly profile: string;
  readonly busy: Busy;
}

/** A gateway that finds nothing to do looks again so soon; the same after a write that failed. */
const idleMs = 2;
/** Everybody stays idle for so long beside the look. */
const lookMs = 1000;

const order: TaskOrder = { thinkMs: 0, heartbeats: 1, verdict: 'complete' };

/** Turns in a row without a write after which it takes it that nothing more will come: more than it ever waits for others. */
const idleTurnsMax = 60;

/**
 * Program of the process. Leaves, where it is busy for a time, `ready`; for each write `commit-begins`, and `acknowledged`, `nothing-to-write` or
 * `commit-failed`; and `commit-lost` for a task that was acknowledged and is not there. Where it looks, `disk`: bytes before it began, and when
 * all are idle.
 */
export function busyGateway(world: World, args: Json): void {
  const { board, profile, busy } = args as unknown as BusySettings;
  const beganMs = world.now();
  const gateway = new BusyGateway(world, board, profile, 'forMs' in busy ? {} : busy);
  const before = 'looks' in busy && busy.looks ? diskBytes(world) : 0;
  gateway.begin();
  if ('forMs' in busy) {
    awaitAll(world, busy.gateways);
    world.observe('ready', null);
    const untilMs = world.now() + busy.forMs;
    while (world.now() < untilMs) gateway.turn();
  } else {
    while (!gateway.hasDone(busy.tasksOfAll) && gateway.idleTurns < idleTurnsMax) gateway.turn();
    world.sleep(busy.lookAtMs - (world.now() - beganMs));
    if (busy.looks) {
      world.look('idle');
      world.observe('disk', { before, bytes: diskBytes(world) });
    }
    world.sleep(lookMs);
  }
  gateway.end();
}

/** Bytes of all files in a folder of the world: the board, what SQLite and the strategy keep beside it. */
function diskBytes(world: World, folder = '.'): number {
  const sizes = world.files.list(folder).map((name) => {
    const path = folder === '.' ? name : `${folder}/${name}`;
    const found = world.files.lstat(path);
    return found?.kind === 'folder' ? diskBytes(world, path) : (found?.size ?? 0);
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Returns once so many gateways have come here: a file of each says so. */
function awaitAll(world: World, gateways: number): void {
  const suffix = '.ready';
  world.files.write(`${world.process}${suffix}`, '');
  while (world.files.list().filter((file) => file.endsWith(suffix)).length < gateways) world.sleep(1);
}

/** How a write ended: the board has it · there was nothing to write, or another was first. */
type Outcome = 'acknowledged' | 'nothing-to-write';

class BusyGateway {
  readonly #world: World;
  readonly #board: BoardSettings;
  readonly #profile: string;
  readonly #leadership: Leadership;
  readonly #tasks: number;
  readonly #pauseMs: number;
  /** In a row. */
  idleTurns = 0;
  #created = 0;
  /** The task that it waits for or works on. */
  #own: string | undefined;

  constructor(
    world: World,
    board: BoardSettings,
    profile: string,
    { tasks = Infinity, pauseMs = 0 }: { readonly tasks?: number; readonly pauseMs?: number },
  ) {
    this.#world = world;
    this.#board = board;
    this.#profile = profile;
    this.#tasks = tasks;
    this.#pauseMs = pauseMs;
    const config = { board, profile, spawnMs: 0, workerStartMs: 0, sendMs: 0, messages: [] };
    this.#leadership = new Leadership(world, gatewayConfig(config as unknown as Json));
  }

  /** The first connect of the process, with its health check, schema and migrations; and the pinned one. */
  begin(): void {
    this.#try(() => {
      if (behaviourOf(this.#board.policies, 'connections').pins) pin(this.#world, this.#board);
      return this.#use((board) => board.do('ready_tasks', {}));
    });
  }

  /** One round of what there is to do. */
  turn(): void {
    let writes = 0;
    if (this.#own === undefined && this.#created < this.#tasks) writes += this.#create();
    writes += this.#dispatch();
    writes += this.#work();
    this.idleTurns = writes === 0 ? this.idleTurns + 1 : 0;
    if (writes === 0) this.#world.sleep(Math.max(idleMs, this.#pauseMs));
  }

  /** Are its own tasks done, and where the others need it to give out theirs, so many in all? */
  hasDone(tasks: number): boolean {
    if (this.#own !== undefined || this.#created < this.#tasks) return false;
    const isLeader = behaviourOf(this.#board.policies, 'dispatch').elects && this.#leadership.mayDispatch();
    if (!isLeader) return true;
    const done = this.#try(() => this.#use((board) => board.do('list_tasks', { status: 'done' }).length));
    return (done ?? 0) >= tasks;
  }

  end(): void {
    this.#leadership.giveUp();
    this.#try(() => endBoard(this.#world, this.#board));
  }

  /** A chat: the task, and who wants to hear of it. */
  #create(): number {
    let task: string | undefined;
    const writes = this.#write('create', (board) => {
      task = board.do('create_task', { order });
      board.do('add_notify_sub', { task, chat: 'chat-1', profile: this.#profile });
      return 'acknowledged';
    });
    this.#own = task;
    if (task !== undefined) this.#created++;
    return writes;
  }

  /** Ticks of the dispatcher, each giving out one task, until none is ready. */
  #dispatch(): number {
    if (!this.#leadership.mayDispatch()) return 0;
    let writes = 0;
    while (this.#write('claim', (board) => this.#giveOut(board), { dispatches: true }) > 0) writes++;
    return writes;
  }

  #giveOut(board: Board): Outcome {
    board.do('release_stale_claims', {});
    board.do('over_time_workers', {});
    board.do('recompute_ready', {});
    const [task] = board.do('ready_tasks', {});
    const claim = task === undefined ? null : board.do('claim_task', { task });
    if (claim === null) return 'nothing-to-write';
    board.do('set_worker_pid', { ...claim, worker: this.#world.process });
    return 'acknowledged';
  }

  /** The worker of the own task, once somebody has claimed it: a use of the board for each tool call. */
  #work(): number {
    const task = this.#own;
    if (task === undefined) return 0;
    const run = this.#runOf(task);
    if (run === null) return 0;
    const ends = (done: boolean): Outcome => (done ? 'acknowledged' : 'nothing-to-write');
    let writes = this.#write('heartbeat', (board) => ends(board.do('heartbeat', { task, run })));
    writes += this.#write('comment', (board) => {
      board.do('add_comment', { task, run });
      return 'acknowledged';
    });
    const completed = this.#write('complete', (board) => ends(board.do('complete_task', { task, run })));
    if (completed > 0) this.#own = undefined;
    return writes + completed;
  }

  /** The run of a task that somebody has claimed; null: not yet, or it is no task to work on any more. */
  #runOf(task: string): number | null {
    const gone = (error: BoardError) => {
      if (error.code !== boardCode.noSuchTask) return;
      this.#world.observe('commit-lost', { write: 'create' });
      this.#own = undefined;
    };
    const seen = this.#try(() => this.#use((board) => board.do('show_task', { task })), gone);
    if (seen?.status === 'done') this.#own = undefined; // by a completion of which it heard only that it failed
    return seen?.status === 'running' ? seen.run : null;
  }

  /** One use of the board that writes. Result: 1 when the board has it, else 0. */
  #write(write: string, body: (board: Board) => Outcome, options: { readonly dispatches?: boolean } = {}): number {
    this.#world.observe('commit-begins', { write });
    let outcome: Outcome | undefined;
    try {
      outcome = withBoard(this.#world, this.#board, body, options);
      this.#world.observe(outcome, { write });
    } catch (error) {
      if (!(error instanceof BoardError)) throw error;
      this.#world.observe('commit-failed', { write, code: error.code, statement: error.statement });
      this.#world.sleep(idleMs);
    }
    if (outcome !== 'acknowledged') return 0;
    this.#world.sleep(this.#pauseMs);
    return 1;
  }

  #use<T>(body: (board: Board) => T): T {
    return withBoard(this.#world, this.#board, body);
  }

  /** What is not measured may fail; the next write says so. */
  #try<T>(body: () => T, failed: (error: BoardError) => void = () => undefined): T | undefined {
    try {
      return body();
    } catch (error) {
      if (!(error instanceof BoardError)) throw error;
      failed(error);
      return undefined;
    }
  }
}
