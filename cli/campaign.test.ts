// Campaigns at the front door: in a folder, on a server that asks for a password and for encryption, interrupted, and by others.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { execa } from 'execa';
import { withDir } from 'tmp-promise';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openStore } from '../campaign/store/open.ts';
import { hasServer, startServer } from '../campaign/testing/server.test-support.ts';
import { long } from '../harness/testing/long.test-support.ts';
import { resultsSchema } from '../reports/results.ts';
import { callHere, callIn, lockstep } from './front-door.test-support.ts';

const small = ['--scenarios', 'wal-reset', '--strategies', 'wal', '--engines', '3.51.2', '--shrink-time', '2s'];
const inDir = <T>(body: (path: string) => Promise<T>): Promise<T> =>
  withDir(({ path }) => body(path), { unsafeCleanup: true });

const statusShape = z.object({
  campaigns: z.array(
    z.object({
      state: z.string(),
      cells: z.array(
        z.object({
          runs: z.int(),
          failing: z.int(),
          planned: z.int(),
          groups: z.array(z.object({ group: z.string(), runs: z.int(), first: z.int() })),
        }),
      ),
    }),
  ),
});

async function statusIn(path: string, env = {}) {
  const { out } = await callIn(path, ['campaign', 'status', '--json'], env);
  const [campaign] = statusShape.parse(JSON.parse(out)).campaigns;
  return campaign;
}

describe('what is refused at once', () => {
  const secret = 'hunter2';

  test('a password on the command line, without repeating it', async () => {
    const store = `postgres://me:${secret}@127.0.0.1:1/x`;
    const { code, err, out } = await callHere(['campaign', 'status', '--store', store, '--verbose']);
    expect(code).toBe(2);
    expect(err).toContain('PGPASSWORD');
    expect(err + out).not.toContain(secret);
  });

  test('an address that cannot be read, without repeating what may be its password', async () => {
    const { code, err } = await callHere(['campaign', 'status', '--store', `postgres://me:${secret}@[/x`, '--verbose']);
    expect(code).toBe(2);
    expect(err).not.toContain(secret);
  });

  test('no end, or two', async () => {
    expect((await callHere(['campaign', 'start', ...small])).code).toBe(2);
    const two = ['--runs', '5', '--until', '2099-01-01'];
    expect((await callHere(['campaign', 'start', ...small, ...two])).code).toBe(2);
  });

  test('generations of a chooser that has none', async () => {
    const { code, err } = await callHere(['campaign', 'start', ...small, '--runs', '5', '--generation', '8']);
    expect([code, err.includes('--chooser feedback')]).toEqual([2, true]);
  });
});

test(
  'in an empty folder one command makes a campaign; its page has the time and the machine, and fails as what it found',
  { ...long, timeout: 600_000 },
  () =>
    inDir(async (path) => {
      const start = await callIn(path, ['campaign', 'start', ...small, '--runs', '40']);
      expect(start.code, start.err).toBe(0);
      const status = await statusIn(path);
      expect(status).toMatchObject({ state: 'done', cells: [{ runs: 40, planned: 0 }] });
      const failing = status?.cells[0]?.failing ?? 0;
      const report = await callIn(path, ['campaign', 'report']);
      expect(report.code).toBe(failing > 0 ? 1 : 3);
      const { about, cells } = resultsSchema.parse(
        JSON.parse(readFileSync(join(path, 'lockstep-report/results.json'), 'utf8')),
      );
      expect(about.processors).toMatch(/^1 machine: \S+ \d+ s$/);
      expect(about.seconds).toBeGreaterThan(0);
      expect(cells[0]).toMatchObject({ runs: 40, verdict: failing > 0 ? 'fail' : 'inconclusive' });
      expect(readFileSync(join(path, 'lockstep-report/index.html'), 'utf8')).toContain('1 machine');
      await callIn(path, ['campaign', 'export', 'all.json']);
      const all = JSON.parse(readFileSync(join(path, 'all.json'), 'utf8')) as { cells: { runs: number }[] };
      expect(all.cells[0]?.runs).toBe(40);
    }),
);

test('SIGTERM ends a worker within a range, and what was made of it is kept', { ...long, timeout: 600_000 }, () =>
  inDir(async (path) => {
    const args = ['campaign', 'start', ...small, '--runs', '1000000', '--range-time', '1h', '--jobs', '1'];
    const worker = execa(process.execPath, [lockstep, ...args], { cwd: path, reject: false, stdin: 'ignore' });
    await wait(20_000); // ranges grow by four from one run on: it is in the middle of a long one
    worker.kill('SIGTERM');
    expect((await worker).exitCode).toBe(143);
    const status = await statusIn(path);
    const made = status?.cells[0]?.runs ?? 0;
    expect(status?.cells[0]?.planned).toBeGreaterThan(0);
    const store = await openStore(join(path, 'lockstep-campaign'), { connections: 1, stop: () => false });
    const [last] = await store.query(
      `SELECT (first + count)::int AS next FROM lockstep.ranges ORDER BY first DESC LIMIT 1`,
    );
    const [rest] = await store.query(`SELECT min(first)::int AS first FROM lockstep.planned`);
    await store.close();
    expect([last?.['next'], rest?.['first']]).toEqual([made, made]);
  }),
);

/** All that lies below a folder, as text. */
function textBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'latin1'))
    .join('\n');
}

test.skipIf(!hasServer)(
  'on a server, encrypted and with a password, another joins; the password is nowhere, and without either nobody comes in',
  { ...long, timeout: 900_000 },
  async () => {
    const password = 'a-secret-of-the-store';
    const server = await startServer({ password });
    try {
      await inDir(async (path) => {
        const env = { LOCKSTEP_STORE: server.url, PGPASSWORD: password };
        const said: string[] = [];
        const call = async (args: readonly string[], more = {}) => {
          const { code, out, err } = await callIn(path, ['campaign', ...args], { ...env, ...more });
          said.push(out, err);
          return { code, err };
        };
        expect((await call(['start', ...small, '--name', 'a', '--runs', '20', '--no-work'])).code).toBe(0);
        expect((await call(['work', '--name', 'a', '--verbose'])).code).toBe(0);
        expect(await statusIn(path, env)).toMatchObject({ state: 'done', cells: [{ runs: 20 }] });
        await call(['report', '--report-only']);
        await call(['export', 'all.json']);
        const wrong = await call(['status', '--verbose'], { PGPASSWORD: `not-${password}` });
        expect(wrong).toMatchObject({
          code: 2,
          err: expect.stringMatching(/password authentication failed/) as string,
        });
        const plain = server.url.replace('verify-full', 'disable');
        expect((await call(['status'], { LOCKSTEP_STORE: plain })).code).toBe(2);
        const foreign = server.url.replace(/&sslrootcert=.*/, '');
        expect((await call(['status'], { LOCKSTEP_STORE: foreign })).err).toMatch(/certificate/);
        expect(said.join('\n') + textBelow(path)).not.toContain(password);
      });
    } finally {
      await server.remove();
    }
  },
);
