// Lane programs of the operations' tests: a script of operations, and workers. What stays out: what a script expects.
import type { World, Json } from '../../harness/lane/world.ts';
import { type Board, withBoard } from '../programs/board/board.ts';
import { BoardError } from '../board-file/board-error.ts';
import { isOperation, type OperationArgs, type OperationName } from '../programs/board/operations.ts';
import { useOf } from '../programs/board/session.ts';
import { connect, disconnect } from '../programs/board/connect.ts';
import type { BoardSettings } from '../programs/board/settings.ts';

/**
 * `do`: an operation · `sql`: a look at the rows, each as an array · `run`: a change past the operations · `sleepS`:
 * virtual time passes · `worker`: a process that ends after `liveS` with `code`, or lives on
 *
 * A string `$n` in the arguments stands for the result of the step before with that number, `$n.field` for a part of it.
 */
export type ScriptStep =
  | { readonly do: OperationName; readonly args: Json }
  | { readonly sql: string }
  | { readonly run: string }
  | { readonly sleepS: number }
  | { readonly worker: string; readonly liveS: number; readonly code: number };

export interface Script {
  readonly board: BoardSettings;
  readonly steps: readonly ScriptStep[];
}

function resolved(args: Json, results: readonly Json[]): Json {
  if (typeof args === 'string') {
    const found = /^\$(\d+)(?:\.(\w+))?$/.exec(args);
    if (found === null) return args;
    const result = results[Number(found[1])] ?? null;
    return found[2] === undefined ? result : ((result as { readonly [key: string]: Json })[found[2]] ?? null);
  }
  if (args === null || typeof args !== 'object') return args;
  if (Array.isArray(args)) return (args as readonly Json[]).map((one) => resolved(one, results));
  return Object.fromEntries(Object.entries(args).map(([key, one]) => [key, resolved(one, results)]));
}

function perform(board: Board, name: string, args: Json): Json {
  if (!isOperation(name)) throw new Error(`There is no operation ${name}.`);
  try {
    return board.do(name, args as OperationArgs<OperationName>) as Json;
  } catch (error) {
    if (!(error instanceof BoardError)) throw error;
    return { code: error.code, statement: error.statement };
  }
}

function rows(world: World, board: BoardSettings, sql: string, isQuery: boolean): Json {
  const use = useOf(world, board);
  const connection = connect(use, board.policies);
  try {
    if (isQuery) return connection.all(sql).map((row) => Object.values(row) as readonly Json[]);
    return connection.run(sql).changes;
  } finally {
    disconnect(use, board.policies, connection);
  }
}

/** Does the steps one after the other, each operation in a use of its own; leaves their results as `result`. */
export function script(world: World, args: Json): void {
  const { board, steps } = args as unknown as Script;
  const results: Json[] = [];
  for (const step of steps) {
    let result: Json = null;
    if ('do' in step) result = withBoard(world, board, (use) => perform(use, step.do, resolved(step.args, results)));
    else if ('sql' in step) result = rows(world, board, step.sql, true);
    else if ('run' in step) result = rows(world, board, step.run, false);
    else if ('sleepS' in step) world.sleep(step.sleepS * 1000);
    else world.spawn('worker', step.worker, { liveS: step.liveS, code: step.code });
    results.push(result);
    world.observe('result', result);
  }
}

/** A worker that lives for a while and ends with a code. */
export function worker(world: World, args: Json): void {
  const { liveS, code } = args as { readonly liveS: number; readonly code: number };
  world.sleep(liveS * 1000);
  world.exit(code);
}
