// Threads of Node programs (worker_threads) are lanes: what Node promises of them holds, and one plan has one hash.
import { expect, test } from 'vitest';
import { long } from '../../testing/long.test-support.ts';
import { countIn, endingOf, NodeLab, nodePlan, said } from './node-lab.test-support.ts';

/** Each as somebody would write it who knows of no run. */
const programs = {
  'ends.mjs': `
    import { Worker } from 'node:worker_threads';
    import { once } from 'node:events';
    const code = (text, more) => new Worker(text, { eval: true, ...more });
    const left = (worker) => new Promise((end) => worker.on('exit', end));
    const fails = code("setTimeout(() => { throw new RangeError('too far') }, 5)");
    fails.on('error', (error) => console.error('error', error.name, error.message));
    console.error('code', await left(fails));
    console.error('code', await left(code('process.on("exit", (c) => console.error("leaving", c)); process.exit(3)')));
    const listens = code("require('node:worker_threads').parentPort.on('message', () => {})");
    await once(listens, 'online');
    console.error('terminated', await listens.terminate());
    const waits = code('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)');
    await new Promise((later) => setTimeout(later, 10));
    console.error('terminated', await waits.terminate());
    const env = { eval: true, argv: ['a'], execArgv: ['--no-warnings'], env: { A: '1' } };
    const told = code('console.error(process.argv[2], process.env.A, process.env.HOME, process.execArgv.join())', env);
    console.error('code', await left(told));
    const ticks = code('setInterval(() => {}, 100)');
    await once(ticks, 'online');
    ticks.unref();
    process.on('exit', (c) => console.error('bye', c));
    setTimeout(() => process.exit(5), 50);`,
  'shared.mjs': `
    import { BroadcastChannel, MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
    import { once } from 'node:events';
    const shared = new Int32Array(new SharedArrayBuffer(8));
    const waits = "const { workerData: s } = require('node:worker_threads'); console.error(Atomics.wait(s, 0, 0), Atomics.wait(s, 1, 0, 500)); s[0] = 7";
    const waiter = new Worker(waits, { eval: true, workerData: shared });
    await new Promise((later) => setTimeout(later, 10));
    const began = Date.now();
    console.error(Atomics.notify(shared, 0, 1), Atomics.notify(shared, 0));
    console.error('code', ...(await once(waiter, 'exit')), shared[0], Date.now() - began);
    const { port1, port2 } = new MessageChannel();
    const data = { workerData: { s: shared, port: port2 }, transferList: [port2] };
    const answers = new Worker('./answers.cjs', data);
    port1.postMessage('SELECT 41 + 1 AS n');
    console.error(Atomics.wait(shared, 1, 0), JSON.stringify(receiveMessageOnPort(port1)), receiveMessageOnPort(port1));
    port1.close();
    const channel = new BroadcastChannel('all');
    const late = Atomics.waitAsync(shared, 1, 1, 1000);
    const echo = "const b = new BroadcastChannel('all'); b.onmessage = ({ data }) => { b.postMessage(data + 1); b.close(); }";
    const other = new Worker(echo, { eval: true });
    await once(other, 'online');
    channel.postMessage(1);
    console.error('broadcast', await new Promise((came) => (channel.onmessage = ({ data }) => came(data))));
    channel.close();
    setTimeout(() => {}, 5000);
    console.error(late.async, await late.value, Date.now() - began, answers.threadId, other.threadId);`,
  'answers.cjs': `
    const { workerData: { s, port } } = require('node:worker_threads');
    const Database = require('better-sqlite3');
    const db = new Database('lab.db');
    port.on('message', (sql) => {
      port.postMessage(db.prepare(sql).all());
      Atomics.store(s, 1, 1);
      Atomics.notify(s, 1);
    });`,
  'pool.mjs': `
    import { Worker } from 'node:worker_threads';
    import { once } from 'node:events';
    import Database from 'better-sqlite3';
    const db = new Database('lab.db');
    db.prepare("INSERT INTO t(k, v) VALUES(1, '0') ON CONFLICT DO NOTHING").run();
    const jobs = [1, 2, 3, 4, 5, 6];
    const pool = Array.from({ length: 3 }, () => new Worker(new URL('./pool-worker.mjs', import.meta.url)));
    for (const worker of pool) {
      const next = () => worker.postMessage(jobs.shift() ?? 'over');
      worker.on('message', next);
      worker.on('online', next);
    }
    await Promise.all(pool.map((worker) => once(worker, 'exit')));
    console.error(db.prepare('SELECT v FROM t WHERE k = 1').get().v);
    db.close();`,
  'pool-worker.mjs': `
    import { parentPort } from 'node:worker_threads';
    import { setTimeout as sleep } from 'node:timers/promises';
    import Database from 'better-sqlite3';
    const db = new Database('lab.db');
    parentPort.on('message', async (job) => {
      if (job === 'over') {
        db.close();
        return parentPort.close();
      }
      const { v } = db.prepare('SELECT v FROM t WHERE k = 1').get();
      await sleep(Math.random() < 0.5 ? 0 : 2);
      db.prepare('UPDATE t SET v = ? WHERE k = 1').run(String(Number(v) + 1));
      parentPort.postMessage(job);
    });`,
  'nested.mjs': `
    import { Worker } from 'node:worker_threads';
    const inner = "new (require('node:worker_threads').Worker)('setInterval(() => {}, 5)', { eval: true })";
    const outer = new Worker(inner, { eval: true });
    setTimeout(() => outer.terminate(), 100);`,
  'past.mjs': "import { postMessageToThread } from 'node:worker_threads'; await postMessageToThread(1, 'x');",
} as const;

const lab = new NodeLab(programs);

test('ends of threads, by themselves and by others', async () => {
  const history = await lab.runAlike(lab.labOf('ends.mjs'));
  expect(said(history)).toEqual([
    'error RangeError too far',
    'code 1',
    'leaving 3',
    'code 3',
    'terminated 1',
    'terminated 1',
    'a 1 undefined --no-warnings',
    'code 0',
    'bye 5',
  ]);
  expect(endingOf(history)).toEqual({ how: 'exited', code: 5 });
  expect(endingOf(history, 'one/worker-2')).toEqual({ how: 'exited', code: 3 });
  expect(history.endings).toHaveLength(7);
});

test('memory, ports and channels that threads share, in virtual time', async () => {
  const history = await lab.runAlike(lab.labOf('shared.mjs'));
  expect(said(history)).toEqual([
    '1 0',
    'ok timed-out',
    'code 0 7 500',
    'ok {"message":[{"n":42}]} undefined',
    'broadcast 2',
    'true timed-out 1500 -1 -1',
  ]);
  expect(endingOf(history)).toEqual({ how: 'returned' });
});

test('an update is lost in a pool of threads, by one hash', async () => {
  const scenario = lab.labOf('pool.mjs');
  const { seed, history } = await lab.findLoss(scenario, 6);
  expect(said(history)).toEqual([String(countIn(history))]);
  expect((await lab.runAlike(scenario, seed)).hash).toBe(history.hash);
});

test('50 times', { ...long, timeout: 300_000 }, async () => {
  const scenario = lab.labOf('pool.mjs');
  const { hash, preemptions } = await lab.inTurns(scenario, 7);
  for (let i = 0; i < 50; i++) expect((await lab.coordinator.run(scenario, nodePlan({ preemptions }))).hash).toBe(hash);
});

test.each([
  ['nested.mjs', 'terminates a thread (worker_threads) that has threads of its own'],
  ['past.mjs', 'calls postMessageToThread'],
] as const)('%s is refused in a sentence', async (file, words) => {
  await expect(lab.coordinator.run(lab.labOf(file), nodePlan())).rejects.toThrow(words);
});
