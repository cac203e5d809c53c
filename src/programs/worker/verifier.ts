// A verifier: a short-lived worker process that shows its task, works on it, reports life at most once a minute, comments,
// ends the task and exits; or does not, as its order says. Each tool call is a use of the board. What stays out: the SQL
// (programs/board).
import type { World, Json } from '../../../harness/lane/world.ts';
import { type Board, endBoard, withBoard } from '../board/board.ts';
import { BoardError } from '../../board-file/board-error.ts';
import type { BoardSettings } from '../board/settings.ts';
import type { TaskOrder } from '../board/tasks.ts';

/**
 * What the dispatcher tells a worker (its HERMES_KANBAN_ environment).
 *
 * @property startMs interpreter, imports and the model's first answer
 */
interface WorkerArgs {
  readonly board: BoardSettings;
  readonly task: string;
  readonly run: number;
  readonly startMs: number;
}

/** The automatic heartbeat: with a tool call, at most one in so long. */
const heartbeatEveryMs = 60_000;
/** What a worker exits with when its provider turns it away (EX_TEMPFAIL). */
const rateLimitedCode = 75;
const crashedCode = 1;

/** Program of the process. */
export function verifier(world: World, args: Json): void {
  const told = args as unknown as WorkerArgs;
  world.sleep(told.startMs);
  const end = new Verifier(world, told).work();
  endBoard(world, told.board);
  if (end !== 0) world.exit(end);
}

class Verifier {
  readonly #world: World;
  readonly #told: WorkerArgs;
  #beatMs = -Infinity;

  constructor(world: World, told: WorkerArgs) {
    this.#world = world;
    this.#told = told;
  }

  /** Result: the code to exit with. One that is asked to stop just ends: whoever asks writes down why. */
  work(): number {
    const { task, run } = this.#told;
    if (this.#world.stopping()) return 0;
    const order = this.#call('kanban_show', (board) => board.do('show_task', { task }))?.order;
    if (order === undefined) return 0;
    if (order.verdict === 'crash') return crashedCode;
    for (let i = 0; i < order.heartbeats; i++) {
      this.#heartbeat();
      this.#world.sleep(order.thinkMs);
      if (this.#world.stopping()) return 0;
    }
    if (order.verdict === 'exit') return 0;
    if (order.verdict === 'rate-limit') return rateLimitedCode;
    this.#call('kanban_comment', (board) => board.do('add_comment', { task, run }));
    this.#end(order.verdict);
    return 0;
  }

  #heartbeat(): void {
    const { task, run } = this.#told;
    if (this.#world.now() - this.#beatMs < heartbeatEveryMs) return;
    this.#beatMs = this.#world.now();
    this.#call('heartbeat', (board) => board.do('heartbeat', { task, run }));
  }

  #end(verdict: TaskOrder['verdict'] & ('complete' | 'block')): void {
    const { task, run } = this.#told;
    const operation = verdict === 'complete' ? 'complete_task' : 'block_task';
    const ended = this.#call(`kanban_${verdict}`, (board) => board.do(operation, { task, run }));
    if (ended === true) this.#world.observe('verified', { worker: this.#world.process, task, verdict });
  }

  /** A tool call: its error is told to the model, which goes on. */
  #call<T>(name: string, body: (board: Board) => T): T | undefined {
    try {
      return withBoard(this.#world, this.#told.board, body);
    } catch (error) {
      if (!(error instanceof BoardError)) throw error;
      const { code, statement } = error;
      this.#world.observe('call-failed', { worker: this.#world.process, call: name, code, statement });
      return undefined;
    }
  }
}
