// One use of the board in a lane that has no connection: each operation is sent to the lane or the process that owns the
// board. A use is a sequence of operations, and others' operations come between them: it is no transaction, as it is none
// with a connection of its own. What stays out: who owns the board (board.ts).
import type { World, Json } from '../../../harness/lane/world.ts';
import { BoardError, boardCode } from '../../board-file/board-error.ts';
import { type BoardAnswer, type BoardRequest, isAnswer } from './messages.ts';
import type { OperationArgs, OperationName, OperationResult } from './operations.ts';
import type { SessionOptions } from './session.ts';

const timeoutMs = 30_000;
/** So often it looks whether the owner still lives: a socket would say so at once. */
const lookMs = 1000;
/** A lane that is being stopped does not wait any more: it looks this often, while others run, and gives up. */
const looksWhileStopping = 200;

/**
 * Requests that each lane has given up. A lane has one request at a time, so their number tells a late answer from the one
 * that is waited for; and where none was given up, every tick of a lane sends the same bytes.
 */
const givenUp = new WeakMap<World, number>();

export class RemoteSession {
  readonly #world: World;
  readonly #owner: string;
  readonly #options: SessionOptions;

  /** @param owner lane or process that owns the board */
  constructor(world: World, owner: string, options: SessionOptions = {}) {
    this.#world = world;
    this.#owner = owner;
    this.#options = options;
  }

  /** @throws BoardError, of the owner; `PROXY_GONE` when it is gone, or silent for 30 s */
  do<N extends OperationName>(name: N, args: OperationArgs<N>): OperationResult<N> {
    const id = givenUp.get(this.#world) ?? 0;
    const request: BoardRequest = {
      board: 'do',
      id,
      name,
      args: args as Json,
      by: this.#options.by ?? this.#world.process,
      dispatches: this.#options.dispatches ?? false,
    };
    if (!this.#world.send(this.#owner, request as unknown as Json)) throw this.#gone(name, 'is gone');
    const answer = this.#await(name, id);
    if (answer.board === 'failed') throw new BoardError(answer.code, answer.statement, answer.message);
    return answer.value as OperationResult<N>;
  }

  /** Nothing is held between two operations: there is nothing to give back. */
  close = (): void => undefined;
  forget = this.close;

  /** The answer to a request. Answers to requests that were given up come late, and are dropped. */
  #await(name: string, id: number): BoardAnswer {
    const deadline = this.#world.now() + timeoutMs;
    for (let late = 0; late < looksWhileStopping; late += this.#world.stopping() ? 1 : 0) {
      const mail = this.#world.receive({ timeoutMs: lookMs });
      if (mail === undefined) {
        if (this.#world.poll(this.#owner) !== undefined) throw this.#gone(name, 'is gone');
        if (this.#world.now() >= deadline) throw this.#gone(name, `did not answer within ${timeoutMs / 1000} s`);
        continue;
      }
      if (!isAnswer(mail.message)) {
        throw new Error(`The lane ${this.#world.lane} uses the board by mail, and got other mail from ${mail.from}.`);
      }
      const answer = mail.message as unknown as BoardAnswer;
      if (answer.id === id) return answer;
    }
    throw this.#gone(name, 'did not answer before the end');
  }

  #gone(name: string, what: string): BoardError {
    givenUp.set(this.#world, (givenUp.get(this.#world) ?? 0) + 1);
    return new BoardError(boardCode.proxyGone, name, `${this.#owner}, which owns the board, ${what}`);
  }
}
