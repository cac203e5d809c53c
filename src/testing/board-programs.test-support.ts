// Lane programs of the board's tests: connecting, and transactions. Each uses the board in one way and observes what came
// of it. What stays out: operations (operation-programs), sessions (session-programs), damage (damage-programs).
import type { Connection, World, Json, Row } from '../../harness/lane/world.ts';
import { withBoard } from '../programs/board/board.ts';
import { BoardError } from '../board-file/board-error.ts';
import { connect, disconnect, forgetInitialized } from '../programs/board/connect.ts';
import { perform } from '../programs/board/operations.ts';
import { useOf } from '../programs/board/session.ts';
import type { BoardSettings } from '../programs/board/settings.ts';
import type { TaskOrder } from '../programs/board/tasks.ts';
import { writeTxn } from '../programs/board/write-txn.ts';

export const order: TaskOrder = { thinkMs: 0, heartbeats: 0, verdict: 'complete' };

export function settingsOf(args: Json): BoardSettings {
  return args as unknown as BoardSettings;
}

export function value(row: Row | undefined): Json {
  return Object.values(row ?? {})[0] as Json;
}

/** Does `body`; observes the code and the place of its failure under `kind`, or `ok`. */
export function attempt(world: World, kind: string, body: () => void): void {
  try {
    body();
    world.observe(kind, 'ok');
  } catch (error) {
    if (!(error instanceof BoardError)) throw error;
    world.observe(kind, { code: error.code, statement: error.statement });
  }
}

/** Connects, gives the connection to `body`, disconnects. */
export function connected(world: World, settings: BoardSettings, body: (connection: Connection) => void): void {
  const use = useOf(world, settings);
  const connection = connect(use, settings.policies);
  body(connection);
  disconnect(use, settings.policies, connection);
}

/** Makes the board. */
export function init(world: World, args: Json): void {
  withBoard(world, settingsOf(args), () => undefined);
}

/** Connects twice, one after the other, and observes the pragmas, most of them of the second connection. */
export function pragmas(world: World, args: Json): void {
  const settings = settingsOf(args);
  connected(world, settings, (connection) => {
    world.observe('first journal_mode', value(connection.get('PRAGMA journal_mode')));
  });
  connected(world, settings, (connection) => {
    for (const name of ['journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout', 'wal_autocheckpoint']) {
      world.observe(name, value(connection.get(`PRAGMA ${name}`)));
    }
  });
}

/** Two connections at once, then a third when both are closed. */
export function overlapping(world: World, args: Json): void {
  const settings = settingsOf(args);
  const use = useOf(world, settings);
  const first = connect(use, settings.policies);
  const second = connect(use, settings.policies);
  disconnect(use, settings.policies, first);
  disconnect(use, settings.policies, second);
  connected(world, settings, () => undefined);
}

/** Connects again after `hermes kanban init` has dropped what the process knew. */
export function initAgain(world: World, args: Json): void {
  const settings = settingsOf(args);
  connected(world, settings, () => undefined);
  forgetInitialized(world, settings.file);
  connected(world, settings, () => undefined);
}

/** Connects, with a look afterwards if that fails, and connects again, with a look while it is open. */
export function failing(world: World, args: Json): void {
  const settings = settingsOf(args);
  attempt(world, 'connect', () => connected(world, settings, () => undefined));
  world.look('failed');
  attempt(world, 'connect', () => connected(world, settings, () => world.look('open')));
}

/** Connects, observes the mode, and connects again. */
export function modes(world: World, args: Json): void {
  const settings = settingsOf(args);
  for (let i = 0; i < 2; i++) {
    attempt(world, 'connect', () =>
      connected(world, settings, (connection) => world.observe('mode', value(connection.get('PRAGMA journal_mode')))),
    );
  }
}

/** Connects to a board that somebody has set to DELETE. */
export function modeOfOthers(world: World, args: Json): void {
  const settings = settingsOf(args);
  const other = world.open(settings.file);
  other.exec('PRAGMA journal_mode=DELETE');
  other.close();
  connected(world, settings, (connection) => world.observe('mode', value(connection.get('PRAGMA journal_mode'))));
}

/** A transaction that commits, and one whose body fails. */
export function transactions(world: World, args: Json): void {
  const settings = settingsOf(args);
  connected(world, settings, (connection) => {
    const context = { world, connection, settings, by: world.process };
    perform(context, 'create_task', { order });
    attempt(world, 'doomed', () =>
      writeTxn(context, 'doomed', (ledger) => {
        connection.run("INSERT INTO task_links(parent_id, child_id) VALUES('a', 'b')");
        ledger.add('task', 'doomed');
        ledger.afterwards('never', null);
        connection.run('INSERT INTO no_such_table VALUES(1)');
      }),
    );
    world.observe('links', value(connection.get('SELECT count(*) FROM task_links')));
  });
}

/** Commits while the file is as long as its header says, then while it is not. */
export function tornExtend(world: World, args: Json): void {
  const settings = settingsOf(args);
  connected(world, settings, (connection) => {
    const context = { world, connection, settings, by: world.process };
    attempt(world, 'whole', () => perform(context, 'create_task', { order }));
    const bytes = world.files.read(settings.file).slice();
    new DataView(bytes.buffer).setUint32(28, 9999);
    world.files.write(settings.file, bytes);
    attempt(world, 'torn', () => perform(context, 'create_task', { order }));
    world.observe('tasks', value(connection.get('SELECT count(*) FROM tasks')));
  });
}

/** Holds a lock file for a minute. */
export function lockHolder(world: World, args: Json): void {
  const lock = world.flock(args as string, 'exclusive');
  world.sleep(60_000);
  lock?.release();
}

/** When somebody else holds a lock: connects and commits, and observes when that was done. */
export function lockedOut(world: World, args: Json): void {
  world.sleep(1000);
  const began = world.now();
  attempt(
    world,
    'created',
    () => void withBoard(world, settingsOf(args), (board) => board.do('create_task', { order })),
  );
  world.observe('after s', Math.round((world.now() - began) / 1000));
}
