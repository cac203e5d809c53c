// The canary's runs over four workers in processes of their own, two of which are killed, as are connections and the server: the same
// totals, failing runs and hashes as one process alone. LOCKSTEP_CAMPAIGN_RUNS=20000 makes as many runs.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { long } from '../harness/testing/long.test-support.ts';
import { machinesOf } from '../harness/run/machines.ts';
import { stream } from '../harness/model/random.ts';
import { campaignIn } from './campaigns.ts';
import { machineDigests } from './spec.ts';
import { openStore } from './store/open.ts';
import { Runs } from './runs.ts';
import { exactTotals, newCampaign, specOf } from './testing/campaign-lab.test-support.ts';
import { hasServer, startServer } from './testing/server.test-support.ts';
import { statusOf } from './totals.ts';

const program = fileURLToPath(new URL('./testing/worker-main.test-support.ts', import.meta.url));
const engine = '3.51.2';
const runs = Number(process.env['LOCKSTEP_CAMPAIGN_RUNS'] ?? 200);
const seed = Number(process.env['LOCKSTEP_CAMPAIGN_SEED'] ?? 1);

test.skipIf(!hasServer)(
  'four workers, of which two die with the server and the connections, find what one process finds',
  { ...long, timeout: 3_600_000 },
  async () => {
    const machines = await machinesOf([engine], {});
    const [cell] = [{ scenario: 'wal-reset', strategy: 'wal', engine }];
    const spec = specOf({
      seed,
      runs,
      cells: [cell],
      rangeMs: runs > 1000 ? 2000 : 500,
      machines: machineDigests(machines),
    });
    const server = await startServer();
    const database = await openStore(server.url, { connections: 4, stop: () => false });
    await newCampaign(database, 'canary', spec);
    const workers = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ['--no-warnings', program, server.url, 'canary', engine], {
        stdio: ['ignore', 'ignore', 'inherit'],
      }),
    );
    const over = Promise.all(workers.map((one) => new Promise((resolve) => one.once('exit', resolve))));
    const random = stream('strike', seed, 0);
    const made = async (): Promise<number> => {
      const [status] = await statusOf(database, await campaignIn(database, 'canary'));
      return status?.runs ?? 0;
    };
    try {
      const blows = [
        () => Promise.resolve(workers[0]?.kill('SIGKILL')),
        () => server.cutAll(),
        () => server.kill().then(() => server.start()),
        () => Promise.resolve(workers[1]?.kill('SIGKILL')),
      ];
      for (const [i, blow] of blows.entries()) {
        const at = Math.floor((runs * (i + 0.5 * random())) / (blows.length + 1));
        await expect.poll(made, { timeout: 1_800_000, interval: 200 }).toBeGreaterThan(at);
        await blow();
      }
      await over;
      const [total] = await exactTotals(database, 'canary');
      const alone = new Runs(spec, machines);
      const { count, reached, steps, marks, failed, hashes } = await alone.make(
        cell,
        { first: 0, count: runs },
        () => false,
      );
      await alone.close();
      expect(total).toMatchObject({ runs: count, steps, marks, hashes: hashes.toString('hex') });
      expect((total?.repeats ?? 0) + (total?.reached ?? 0)).toBeGreaterThanOrEqual(reached);
      const found = (total?.failing ?? []).map((one) => [one.group, one.runs]);
      expect(Object.fromEntries(found)).toEqual(failed);
    } finally {
      for (const worker of workers) worker.kill('SIGKILL');
      await database.close();
      await server.remove();
    }
  },
);
