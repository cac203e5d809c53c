// What lanes and processes say to the one that owns a board, and what it answers. Plain JSON; errors travel with code,
// statement and message. What stays out: sending (remote.ts) and serving (server.ts).
import type { Json } from '../../../harness/lane/world.ts';

/** An operation that is asked for, by a lane of the process `by`. */
export interface BoardRequest {
  readonly board: 'do';
  readonly id: number;
  readonly name: string;
  readonly args: Json;
  readonly by: string;
  readonly dispatches: boolean;
}

/** Its answer. */
export type BoardAnswer =
  | { readonly board: 'done'; readonly id: number; readonly value: Json }
  | {
      readonly board: 'failed';
      readonly id: number;
      readonly code: string;
      readonly statement: string;
      readonly message: string;
    };

/** Asks the lane that owns a board to end. */
export const stopRequest = { board: 'stop' } as const;

function kindOf(message: Json): Json | undefined {
  return message !== null && typeof message === 'object' && !Array.isArray(message)
    ? (message as { readonly [key: string]: Json })['board']
    : undefined;
}

export function isRequest(message: Json): boolean {
  return kindOf(message) === 'do';
}

export function isStop(message: Json): boolean {
  return kindOf(message) === stopRequest.board;
}

export function isAnswer(message: Json): boolean {
  return kindOf(message) === 'done' || kindOf(message) === 'failed';
}
