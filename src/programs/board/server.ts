// The one that owns a board: a lane of a gateway (worker threads cannot share a SQLite handle, so the others send it their
// operations), or a process of its own. It opens the database upon the first operation and keeps it. What stays out: who
// sends what (remote.ts).
import type { World, Json } from '../../../harness/lane/world.ts';
import { BoardError } from '../../board-file/board-error.ts';
import { type BoardAnswer, type BoardRequest, isRequest, isStop } from './messages.ts';
import { isOperation, type OperationArgs, type OperationName } from './operations.ts';
import { closeKept, Session } from './session.ts';
import type { BoardSettings } from './settings.ts';

/** When it is asked to end, mail may still come from those who end later: it looks so often for more, in vain. */
const looksAtTheEnd = 50;

/** Program of the lane `<process>/board`. */
export function boardLane(world: World, args: Json): void {
  serve(world, args as unknown as BoardSettings);
}

/** Program of the process that owns the board. */
export function boardServer(world: World, args: Json): void {
  serve(world, args as unknown as BoardSettings);
}

function serve(world: World, settings: BoardSettings): void {
  let isEnding = false;
  for (let looks = 0; looks < looksAtTheEnd; ) {
    const mail = isEnding ? world.receive({ timeoutMs: 0 }) : world.receive();
    if (mail === undefined) {
      looks++;
      continue;
    }
    looks = 0;
    if (isStop(mail.message)) {
      isEnding = true;
      continue;
    }
    if (!isRequest(mail.message)) throw new Error(`${world.lane} got mail that is no operation, from ${mail.from}.`);
    const request = mail.message as unknown as BoardRequest;
    world.send(mail.from, answerTo(world, settings, request));
  }
  closeKept(world, settings);
}

function answerTo(world: World, settings: BoardSettings, request: BoardRequest): BoardAnswer {
  const { id, name, args, by, dispatches } = request;
  if (!isOperation(name)) throw new Error(`${by} asked for the operation ${name}, which there is not.`);
  try {
    const session = new Session(world, settings, { by, dispatches, keeps: true });
    try {
      return { board: 'done', id, value: session.do(name, args as OperationArgs<OperationName>) as Json };
    } finally {
      session.close();
    }
  } catch (error) {
    if (!(error instanceof BoardError)) throw error;
    return { board: 'failed', id, code: error.code, statement: error.statement, message: error.message };
  }
}
