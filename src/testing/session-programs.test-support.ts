// Lane programs of the sessions' tests: a gateway with threads that use the board, processes that use it alone or by a
// server. What stays out: what the operations do.
import type { World, Json } from '../../harness/lane/world.ts';
import { beginBoard, endBoard, openBoard, withBoard } from '../programs/board/board.ts';
import { attempt, order, settingsOf } from './board-programs.test-support.ts';

/** Uses the board twice, with a look between, and one when it has given back what was kept. */
export function alone(world: World, args: Json): void {
  const board = settingsOf(args);
  attempt(world, 'first', () => void withBoard(world, board, (use) => use.do('create_task', { order })));
  world.look('between');
  attempt(world, 'second', () => void withBoard(world, board, (use) => use.do('create_task', { order })));
  attempt(world, 'none', () => void withBoard(world, board, (use) => use.do('show_task', { task: 'none' })));
  endBoard(world, board);
  world.look('ended');
}

/** Two threads that create and claim tasks until they are stopped, for what the main lane began and ends. */
export function gateway(world: World, args: Json): void {
  const board = settingsOf(args);
  beginBoard(world, board);
  world.look('begun');
  for (const name of ['user-1', 'user-2']) world.thread('user', name, args);
  while (!world.stopping()) world.sleep(1000);
  for (const name of ['user-1', 'user-2']) world.wait(`${world.process}/${name}`);
  endBoard(world, board);
}

/** A thread of the gateway. */
export function user(world: World, args: Json): void {
  const board = settingsOf(args);
  while (!world.stopping()) {
    attempt(world, 'used', () =>
      withBoard(world, board, (use) => {
        const task = use.do('create_task', { order });
        use.do('claim_task', { task });
      }),
    );
    world.sleep(100);
  }
  endBoard(world, board);
}

/** A gateway that ends by itself, when its thread has used the board. */
export function shortGateway(world: World, args: Json): void {
  const board = settingsOf(args);
  beginBoard(world, board);
  world.thread('oneUse', 'user-1', args);
  world.wait(`${world.process}/user-1`);
  endBoard(world, board);
}

/** Its thread. */
export function oneUse(world: World, args: Json): void {
  const board = settingsOf(args);
  attempt(world, 'used', () => void withBoard(world, board, (use) => use.do('create_task', { order })));
  endBoard(world, board);
}

/** A chat helper that forgets its connection, and one that uses the board after it. */
export function forgetful(world: World, args: Json): void {
  const board = settingsOf(args);
  const use = openBoard(world, board);
  use.do('create_task', { order });
  use.forget();
  world.look('forgotten');
  attempt(world, 'after', () => void withBoard(world, board, (next) => next.do('create_task', { order })));
  world.look('after');
}

/** Asks once a second for a minute, and observes what came of it and after how many seconds. */
export function client(world: World, args: Json): void {
  const board = settingsOf(args);
  const began = world.now();
  for (let i = 0; i < 60; i++) {
    const asked = world.now();
    attempt(world, 'asked', () =>
      withBoard(world, board, (use) => {
        const task = use.do('create_task', { order });
        world.observe('same', use.do('show_task', { task }).task === task);
        if (i === 0) use.do('claim_task', { task });
      }),
    );
    const waitedS = Math.round((world.now() - asked) / 1000);
    if (waitedS > 0) world.observe('waited', { fromS: Math.round((asked - began) / 1000), waitedS });
    world.sleep(1000);
  }
  attempt(world, 'none', () => void withBoard(world, board, (use) => use.do('show_task', { task: 'none' })));
}

/** Sends a server what it does not understand. */
export function stranger(world: World, args: Json): void {
  world.send(args as string, {
    board: 'do',
    id: 1,
    name: 'drop_table',
    args: {},
    by: world.process,
    dispatches: false,
  });
}
