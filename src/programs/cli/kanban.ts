// `hermes kanban VERB`: one process a command. Every verb runs init_db() first, on a connection of its own, as reported;
// then the verb itself. What stays out: the SQL (programs/board), and what a shell makes of the result.
import type { World, Json } from '../../../harness/lane/world.ts';
import { type Board, endBoard, withBoard } from '../board/board.ts';
import { beginAnew } from '../board/begin-anew.ts';
import { BoardError, boardCode } from '../../board-file/board-error.ts';
import { recovers } from '../board/session.ts';
import type { BoardSettings } from '../board/settings.ts';
import type { TaskOrder } from '../board/tasks.ts';

/** What is typed behind `hermes kanban`. @property new whatever was there: `init --new` · `recover`: what a dispatcher does in time, now */
export type Verb =
  | { readonly verb: 'init'; readonly new?: boolean }
  | { readonly verb: 'recover' }
  | { readonly verb: 'list'; readonly status?: string }
  | { readonly verb: 'create'; readonly order: TaskOrder; readonly parent?: string; readonly priority?: number }
  | { readonly verb: 'claim' | 'complete' | 'block'; readonly task: string }
  | { readonly verb: 'link'; readonly parent: string; readonly child: string }
  | { readonly verb: 'subscribe'; readonly task: string; readonly chat: string; readonly profile: string };

/** @property reply lane that wants to know what the command printed, as a shell's `id=$(hermes kanban create …)` does */
export type CliArgs = Verb & { readonly board: BoardSettings; readonly reply?: string };

/** What a command prints: of the task it was about, and what it found or did. */
export interface Printed {
  readonly ok: boolean;
  readonly task?: string;
  readonly result?: Json;
  readonly code?: string;
  readonly statement?: string;
}

/** Program of the process: leaves `cli`. */
export function kanban(world: World, args: Json): void {
  const told = args as unknown as CliArgs;
  const printed = run(world, told);
  endBoard(world, told.board);
  world.observe('cli', { by: world.process, verb: told.verb, ...printed });
  if (told.reply !== undefined) world.send(told.reply, printed as unknown as Json);
}

function run(world: World, told: CliArgs): Printed {
  try {
    if (told.verb === 'recover') return recover(world, told.board);
    if (told.verb === 'init' && told.new === true) beginAnew(world, told.board);
    withBoard(world, told.board, () => undefined);
    if (told.verb === 'init') return { ok: true };
    return withBoard(world, told.board, (board) => act(board, told));
  } catch (error) {
    if (!(error instanceof BoardError)) throw error;
    return { ok: false, code: error.code, statement: error.statement };
  }
}

/** Looks at the whole board as a dispatcher does from time to time, and brings back what is gone. It says nothing of who has it open. */
function recover(world: World, settings: BoardSettings): Printed {
  if (!recovers(settings)) return { ok: false, code: boardCode.noRecovery, statement: 'recover' };
  withBoard(world, settings, () => undefined, { dispatches: true });
  return { ok: true };
}

function act(board: Board, told: Exclude<CliArgs, { readonly verb: 'init' | 'recover' }>): Printed {
  switch (told.verb) {
    case 'list': {
      const tasks = board.do('list_tasks', told.status === undefined ? {} : { status: told.status });
      return { ok: true, result: tasks.length };
    }
    case 'create': {
      const { order, parent, priority } = told;
      const task = board.do('create_task', {
        order,
        ...(parent !== undefined && { parent }),
        ...(priority !== undefined && { priority }),
      });
      return { ok: true, task };
    }
    case 'claim': {
      const claim = board.do('claim_task', { task: told.task });
      return { ok: claim !== null, task: told.task };
    }
    case 'complete':
    case 'block': {
      const ok = board.do(`${told.verb}_task`, { task: told.task, run: null });
      return { ok, task: told.task };
    }
    case 'link':
      return { ok: board.do('link_tasks', { parent: told.parent, child: told.child }), task: told.child };
    case 'subscribe': {
      const { task, chat, profile } = told;
      board.do('add_notify_sub', { task, chat, profile });
      return { ok: true, task };
    }
    default:
      return told satisfies never;
  }
}
