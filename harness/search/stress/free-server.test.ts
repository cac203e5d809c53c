// What a process that runs free asks of a server, and hears: as under lock step, on real time.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Request } from '../../model/request.ts';
import { Server } from '../../postgres/server.ts';
import { hasServer } from '../../postgres/server.test-support.ts';
import { runsFolder } from '../../run/workplace.ts';
import { FreeServer } from './free-server.ts';

describe.skipIf(!hasServer)('a process that runs free', () => {
  let server: Server;
  let free: FreeServer;
  beforeAll(async () => {
    server = await Server.make(runsFolder(), 'free');
    free = new FreeServer(server.wayTo(server.newDatabase()));
  });
  afterAll(() => {
    free.close();
    server.close();
  });

  const leftMs = 60_000;
  const connect = () => free.ask({ kind: 'connect' }, leftMs) as number;
  const state = (connection: number, sql: string, timeoutMs?: number) =>
    free.ask({ kind: 'statement', connection, sql, bind: [], timeoutMs }, leftMs);
  const hear = (connection: number, timeoutMs: number | undefined, left = leftMs) =>
    free.ask({ kind: 'notifications', connection, timeoutMs }, left);

  test('has its statements done, and hears what became of them', () => {
    const one = connect();
    expect(state(one, 'CREATE TABLE t(n int); INSERT INTO t VALUES (1)')).toMatchObject({ changes: 1, isOpen: true });
    expect(state(one, 'BEGIN; SELECT n FROM t')).toMatchObject({ rows: [{ n: 1 }], inTransaction: true });
    expect(state(one, 'SELECT nothing')).toMatchObject({ sqlstate: '42703', inTransaction: true });
    free.ask({ kind: 'disconnect', connection: one }, leftMs);
    expect(state(one, 'SELECT 1')).toMatchObject({ sqlstate: '08006', isOpen: false });
  });

  test('waits for a lock as long as it says', () => {
    const [one, other] = [connect(), connect()];
    state(one, 'CREATE TABLE u(n int); INSERT INTO u VALUES (1)');
    state(one, 'BEGIN');
    state(one, 'UPDATE u SET n = 2');
    expect(state(other, 'UPDATE u SET n = 3', 50)).toMatchObject({ sqlstate: '57014' });
    state(one, 'COMMIT');
    expect(state(other, 'UPDATE u SET n = 3', 50)).toMatchObject({ changes: 1 });
  });

  test('hears a notification, or that none came, at the latest when its round ends', () => {
    const [listener, other] = [connect(), connect()];
    state(listener, 'LISTEN news');
    expect(hear(listener, 10)).toEqual({ notifications: [] });
    expect(hear(listener, undefined, 10)).toEqual({ notifications: [] });
    state(other, "NOTIFY news, 'one'");
    expect(hear(listener, 10_000)).toEqual({ notifications: [{ channel: 'news', payload: 'one' }] });
    free.ask({ kind: 'disconnect', connection: listener }, leftMs);
    expect(hear(listener, 10)).toMatchObject({ sqlstate: '08006' });
  });

  test('has nothing else of it', () => {
    expect(free.ask({ kind: 'processes' } satisfies Request, leftMs)).toBeUndefined();
  });
});
