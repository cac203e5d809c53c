// Lane programs of the board's tests. Each uses the board in one way and observes what came of it.
import type { Json, Row, World } from '../../harness/lane/world.ts';
import { BoardError } from '../board/board-error.ts';
import { claimTask, readyTasks, recomputeReady, releaseStaleClaims, setWorkerPid } from '../board/claims.ts';
import { connect, disconnect, withBoard } from '../board/connect.ts';
import type { BoardSettings } from '../board/settings.ts';
import { claimNotices, subscribe, unsubscribe } from '../board/subscriptions.ts';
import { addComment, createTask, endTask, heartbeat, showTask, type TaskOrder } from '../board/tasks.ts';
import { writeTxn } from '../board/write-txn.ts';

const order: TaskOrder = { thinkMs: 0, heartbeats: 0, verdict: 'complete' };

function settingsOf(args: Json): BoardSettings {
  return args as unknown as BoardSettings;
}

function value(row: Row | undefined): Json {
  return Object.values(row ?? {})[0] as Json;
}

/** Connects twice, one after the other, and observes the pragmas, most of them of the second connection. */
export function pragmas(world: World, args: Json): void {
  withBoard(world, settingsOf(args), (connection) => {
    world.observe('first journal_mode', value(connection.get('PRAGMA journal_mode')));
  });
  withBoard(world, settingsOf(args), (connection) => {
    for (const name of ['journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout', 'wal_autocheckpoint']) {
      world.observe(name, value(connection.get(`PRAGMA ${name}`)));
    }
  });
}

/** Two connections at once, then a third when both are closed. */
export function overlapping(world: World, args: Json): void {
  const settings = settingsOf(args);
  const first = connect(world, settings);
  const second = connect(world, settings);
  disconnect(world, settings, first);
  disconnect(world, settings, second);
  withBoard(world, settings, () => undefined);
}

/** A transaction that commits, and one whose body fails. */
export function transactions(world: World, args: Json): void {
  withBoard(world, settingsOf(args), (connection) => {
    createTask(world, connection, order);
    try {
      writeTxn(world, connection, 'doomed', (ledger) => {
        connection.run("INSERT INTO task_links(parent_id, child_id) VALUES('a', 'b')");
        ledger.add('task', 'doomed');
        connection.run('INSERT INTO no_such_table VALUES(1)');
      });
    } catch (error) {
      if (!(error instanceof BoardError)) throw error;
      world.observe('refused', { code: error.code, statement: error.statement });
    }
    world.observe('links', value(connection.get('SELECT count(*) FROM task_links')));
  });
}

/** Scrambles the header, then connects. */
export function corrupted(world: World, args: Json): void {
  const settings = settingsOf(args);
  world.files.write(settings.file, 'no database at all');
  try {
    withBoard(world, settings, () => undefined);
  } catch (error) {
    if (!(error instanceof BoardError)) throw error;
    world.observe('refused', { code: error.code, statement: error.statement });
  }
}

/** A task and its child, from the claim to the end, with the events they leave. */
export function lifeOfTask(world: World, args: Json): void {
  withBoard(world, settingsOf(args), (connection) => {
    const parent = createTask(world, connection, order);
    const child = createTask(world, connection, order, parent);
    world.observe('ready', readyTasks(connection).length);
    const claim = claimTask(world, connection, parent);
    world.observe('claimed twice', claimTask(world, connection, parent) !== undefined);
    if (claim === undefined) return;
    setWorkerPid(world, connection, claim, 'worker-1');
    world.observe('order', showTask(connection, parent) as unknown as Json);
    heartbeat(world, connection, parent, claim.run);
    addComment(world, connection, parent, claim.run);
    recomputeReady(world, connection);
    world.observe('ready before the parent is done', readyTasks(connection).includes(child));
    world.observe('ended', endTask(world, connection, { ...claim, verdict: 'complete' }));
    world.observe('ended twice', endTask(world, connection, { ...claim, verdict: 'complete' }));
    recomputeReady(world, connection);
    world.observe('ready after the parent is done', readyTasks(connection).includes(child));
    const kinds = connection.all('SELECT kind FROM task_events WHERE task_id = ? ORDER BY id', parent);
    world.observe(
      'events',
      kinds.map(({ kind }) => String(kind)),
    );
  });
}

/** Two claims that run out: the worker of one lives, that of the other never was. */
export function staleClaims(world: World, args: Json): void {
  withBoard(world, settingsOf(args), (connection) => {
    const claims = [createTask(world, connection, order), createTask(world, connection, order)].map((task) =>
      claimTask(world, connection, task),
    );
    const [living, lost] = claims;
    if (living === undefined || lost === undefined) return;
    setWorkerPid(world, connection, living, world.process);
    world.sleep(899_000);
    releaseStaleClaims(world, connection);
    world.observe('ready in time', readyTasks(connection).length);
    world.sleep(2000);
    releaseStaleClaims(world, connection);
    world.observe('ready after the claim has run out', readyTasks(connection).includes(lost.task));
    world.observe('the living worker keeps its task', !readyTasks(connection).includes(living.task));
  });
}

/** A subscription hears of each event once, and of none when it is gone. */
export function notices(world: World, args: Json): void {
  withBoard(world, settingsOf(args), (connection) => {
    const task = createTask(world, connection, order);
    subscribe(world, connection, task, 'p');
    world.observe('before', claimNotices(world, connection, 'p').length);
    const claim = claimTask(world, connection, task);
    if (claim === undefined) return;
    endTask(world, connection, { ...claim, verdict: 'complete' });
    world.observe('other profile', claimNotices(world, connection, 'q').length);
    world.observe(
      'first',
      claimNotices(world, connection, 'p').map(({ kind }) => kind),
    );
    world.observe('second', claimNotices(world, connection, 'p').length);
    unsubscribe(world, connection, task);
    world.observe('subscriptions', value(connection.get('SELECT count(*) FROM kanban_notify_subs')));
  });
}
