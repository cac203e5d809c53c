// What strategies cost, end to end: counts are the same each time and say what they must, timed figures hang together, it
// stops when told, and leaves nothing behind.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PREBUILT_ENGINE } from '../../harness/engines/catalogue.ts';
import { Coordinator } from '../../harness/run/coordinator.ts';
import type { LaneBinaries } from '../../harness/run/pool.ts';
import { hasServer } from '../../harness/postgres/server.test-support.ts';
import { runsFolder } from '../../harness/run/workplace.ts';
import { machineOf } from '../../harness/testing/lab.test-support.ts';
import { countedTasks, countCommits, type Counts } from './count.ts';
import { type CostsOptions, leastTimeMs, measureCosts } from './measure.ts';
import { long } from '../../harness/testing/long.test-support.ts';

const engine = PREBUILT_ENGINE;
let machine: LaneBinaries;
let folder: string;
beforeAll(async () => {
  machine = await machineOf();
  folder = mkdtempSync(join(runsFolder(), 'costs-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('counted', () => {
  let coordinator: Coordinator;
  beforeAll(() => {
    coordinator = new Coordinator({ machine });
  });
  afterAll(() => coordinator.close());
  const countNow = (strategy: string, gateways: number) => countCommits(coordinator, { strategy, engine, gateways });
  const known = new Map<string, Promise<Counts>>();
  function counted(strategy: string, gateways = 2): Promise<Counts> {
    const key = `${strategy} ${gateways}`;
    const counts = known.get(key) ?? countNow(strategy, gateways);
    known.set(key, counts);
    return counts;
  }

  test('each time the same, and every write of every task is one commit', async () => {
    const first = await counted('wal');
    expect(first.commits).toBe(5 * countedTasks);
    expect(await countNow('wal', 2)).toEqual(first);
  });

  test('DELETE mode syncs more often a commit than WAL, and so does synchronous=FULL', async () => {
    const wal = await counted('wal');
    const rollback = await counted('delete');
    expect(rollback.syncsPerCommit).toBeGreaterThan(wal.syncsPerCommit);
    expect((await counted('full-sync')).syncsPerCommit).toBeGreaterThan(wal.syncsPerCommit);
  });

  test('a connection that is kept saves calls, and its checkpoint is in the figures', async () => {
    const [wal, shared] = [await counted('wal'), await counted('shared')];
    expect(shared.vfsCallsPerCommit).toBeLessThan(wal.vfsCallsPerCommit / 2);
    expect(shared.syncsPerCommit).toBeGreaterThan(0);
    expect(shared.syncsPerCommit).toBeLessThan(wal.syncsPerCommit / 10);
  });

  test('handles: none between uses; db, -wal and -shm where a connection is kept; the leader its lock', async () => {
    expect((await counted('wal')).handles).toBe(0);
    expect((await counted('shared')).handles).toBe(2 * 3);
    expect((await counted('leader')).handles).toBe(1);
  });

  test('disk: what the board has grown by, and the WAL where a connection that is kept keeps it', async () => {
    const [wal, shared, rollback] = [await counted('wal'), await counted('shared'), await counted('delete')];
    expect(wal.diskBytesPerCommit).toBeGreaterThan(0);
    expect(wal.diskBytesPerCommit).toBeLessThan(wal.bytesPerCommit);
    expect(rollback.diskBytesPerCommit).toBe(wal.diskBytesPerCommit);
    expect(shared.diskBytesPerCommit).toBeGreaterThan(2 * (wal.diskBytesPerCommit ?? NaN));
  });

  test('what a server does for a gateway is counted for it', async () => {
    const [proxy, shared] = [await counted('proxy', 1), await counted('shared', 1)];
    expect(proxy.commits).toBe(shared.commits);
    expect(proxy.vfsCallsPerCommit).toBe(shared.vfsCallsPerCommit);
    expect(proxy.handles).toBe(3);
  });
});

function options(more: Partial<CostsOptions>): CostsOptions {
  return { strategies: ['wal'], engine, machine, gateways: [1], budget: { rounds: 2 }, seed: 1, folder, ...more };
}

describe('measured', () => {
  test('figures hang together: every strategy and size, in order', long, async () => {
    const costs = await measureCosts(options({ strategies: ['wal', 'proxy'], gateways: [1, 2] }));
    expect(costs.map(({ strategy, gateways }) => `${strategy} ${gateways}`)).toEqual([
      'wal 1',
      'wal 2',
      'proxy 1',
      'proxy 2',
    ]);
    for (const cost of costs) {
      expect(cost).toMatchObject({ engine, failed: 0 });
      expect(cost.samples).toBeGreaterThan(0);
      expect(cost.commitsPerSecond).toBeGreaterThan(0);
      expect(cost.p50Ms).toBeGreaterThan(0);
      expect(cost.p50Ms).toBeLessThanOrEqual(cost.p95Ms);
      expect(cost.p95Ms).toBeLessThanOrEqual(cost.p99Ms);
      for (const [value, { low, high }] of [
        [cost.commitsPerSecond, cost.commitsPerSecondInterval],
        [cost.p50Ms, cost.p50Interval],
        [cost.p95Ms, cost.p95Interval],
        [cost.p99Ms, cost.p99Interval],
      ] as const) {
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
      }
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  test.skipIf(!hasServer)(
    'on a server, beside one on files: statements come through, and the server’s processes are in the figures',
    { timeout: 300_000 },
    async () => {
      const asked = { strategies: ['wal', 'postgres+shared'], gateways: [2], folder: undefined };
      const [files, server] = await measureCosts(options(asked));
      expect(server).toMatchObject({ strategy: 'postgres+shared', failed: 0, vfsCallsPerCommit: 0, handles: 0 });
      for (const cost of [files!, server!]) {
        expect(cost.samples).toBeGreaterThan(0);
        expect(cost.cpuMsPerCommit).toBeGreaterThan(0);
        expect(cost.memoryBytes).toBeGreaterThan(0);
      }
      expect(files).toMatchObject({ serverCpuMsPerCommit: 0, serverMemoryBytes: 0 });
      expect(server!.serverCpuMsPerCommit).toBeGreaterThan(0);
      expect(server!.serverCpuMsPerCommit).toBeLessThan(server!.cpuMsPerCommit!);
      expect(server!.serverMemoryBytes).toBeGreaterThan(5e6);
      expect(server!.syncsPerCommit).toBeGreaterThanOrEqual(1); // COMMIT returns when it is on disk
      expect(server!.bytesPerCommit).toBeGreaterThan(0);
    },
  );

  test('stops when told, and keeps what it has', async () => {
    const lines: string[] = [];
    const stop = () => lines.some((line) => line.includes('1 rounds'));
    const onProgress = (line: string) => void lines.push(line);
    const costs = await measureCosts(options({ budget: { rounds: 1000 }, stop, onProgress }));
    expect(costs).toHaveLength(1);
    expect(costs[0]?.samples).toBeGreaterThan(0);
    expect(await measureCosts(options({ stop: () => true }))).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a strategy that contradicts itself is refused before anything runs', async () => {
    const lines: string[] = [];
    const refused = options({ strategies: ['wal', 'delete+truncate'], onProgress: (line) => void lines.push(line) });
    await expect(measureCosts(refused)).rejects.toMatchObject({ code: 'STRATEGY_CONTRADICTION' });
    expect(lines).toEqual([]);
  });

  test('a folder that is none is said', async () => {
    await expect(measureCosts(options({ folder: join(folder, 'nowhere') }))).rejects.toMatchObject({
      kind: 'usage',
      code: 'COSTS_FOLDER',
    });
  });

  test('more strategies and more gateways need more time', () => {
    expect(leastTimeMs(8, [1, 4, 16])).toBeGreaterThan(leastTimeMs(8, [1, 4]));
    expect(leastTimeMs(8, [1, 4])).toBeGreaterThan(leastTimeMs(2, [1, 4]));
  });
});
