// Lane programs of the tests of what upstream has shipped since (policies/upstream.test.ts). What stays out: what is expected of them.
import type { Connection, Json, World } from '../../harness/lane/world.ts';
import { withBoard } from '../programs/board/board.ts';
import { connect, disconnect } from '../programs/board/connect.ts';
import { perform } from '../programs/board/operations.ts';
import { closeKept, Session, useOf } from '../programs/board/session.ts';
import type { BoardSettings } from '../programs/board/settings.ts';
import { attempt, connected, order, settingsOf, value } from './board-programs.test-support.ts';

/** Two connections at once, a look beside them and after each close; what is left in the folder then. */
export function guarded(world: World, args: Json): void {
  const settings = settingsOf(args);
  const use = useOf(world, settings);
  for (const round of [1, 2]) {
    attempt(world, 'opened', () => {
      const first = connect(use, settings.policies);
      const second = connect(use, settings.policies);
      world.look(`open ${round}`);
      disconnect(use, settings.policies, first);
      world.look(`one ${round}`);
      disconnect(use, settings.policies, second);
    });
    world.observe('left', world.files.list());
  }
}

/** Another process’s connection, as far as the program can tell: past the policies. */
function outside(world: World, { file }: BoardSettings, body: (connection: Connection) => void): void {
  const connection = world.open(file);
  body(connection);
  connection.close();
}

/** A connection that is kept writes, loses its sidecars to a person, writes twice more, and is closed. */
export function splitUnder(world: World, args: Json): void {
  const settings = settingsOf(args);
  const write = () =>
    attempt(world, 'wrote', () => {
      const session = new Session(world, settings, { keeps: true });
      try {
        session.do('create_task', { order });
      } finally {
        session.close();
      }
    });
  write();
  for (const suffix of ['-wal', '-shm']) world.files.rename(`${settings.file}${suffix}`, `aside${suffix}`);
  write();
  write();
  world.look('split');
  closeKept(world, settings);
  world.look('closed');
  world.observe('diverted', world.files.exists(`${settings.file}.diverted`));
}

/** Connects twice; between the two a table goes. */
export function tableGone(world: World, args: Json): void {
  const settings = settingsOf(args);
  connected(world, settings, () => undefined);
  outside(world, settings, (connection) => connection.exec('DROP TABLE tasks'));
  attempt(world, 'listed', () => void withBoard(world, settings, (board) => board.do('list_tasks', {})));
}

/** Writes, checkpoints as a tick does, and says how long the WAL is and how long it may stay. */
export function checkpoints(world: World, args: Json): void {
  const settings = settingsOf(args);
  connected(world, settings, (connection) => {
    const context = { world, connection, settings, by: world.process };
    perform(context, 'create_task', { order });
    perform(context, 'wal_checkpoint', {});
    world.observe('wal bytes', world.files.stat(`${settings.file}-wal`)?.size ?? null);
    world.observe('limit', value(connection.get('PRAGMA journal_size_limit')));
  });
}

/** Commits while another connection has the write lock, and says how long it tried. */
export function kept(world: World, args: Json): void {
  const settings = settingsOf(args);
  withBoard(world, settings, (board) => board.do('list_tasks', {}));
  outside(world, settings, (connection) => {
    connection.exec('BEGIN IMMEDIATE');
    const began = world.now();
    attempt(world, 'wrote', () => void withBoard(world, settings, (board) => board.do('create_task', { order })));
    world.observe('after ms', world.now() - began);
    connection.exec('ROLLBACK');
  });
}

/** Connects to a new board, and to one that was WAL before. */
export function modesOfBoards(world: World, args: Json): void {
  const settings = settingsOf(args);
  const other = world.open('other.db');
  other.exec('PRAGMA journal_mode=WAL; CREATE TABLE t(x)');
  other.close();
  for (const file of ['new.db', 'other.db'])
    connected(world, { ...settings, file }, (connection) =>
      world.observe('mode', value(connection.get('PRAGMA journal_mode'))),
    );
}

/** There are rows, and a second later, when a fault has struck, its first connect; then it says what is there. */
export function comesLate(world: World, args: Json): void {
  const settings = settingsOf(args);
  outside(world, settings, (connection) =>
    connection.exec(
      "INSERT INTO tasks(id, title, status, created_at) VALUES('a', 'a', 'done', 1), ('b', 'b', 'done', 1)",
    ),
  );
  world.sleep(1000);
  attempt(world, 'connected', () => withBoard(world, settings, () => undefined));
  outside(world, settings, (connection) => world.observe('integrity', value(connection.get('PRAGMA integrity_check'))));
  world.observe('backups', world.files.list().filter((name) => name.includes('.corrupt.')).length);
}
