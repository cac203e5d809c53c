// Children of Node programs that have a channel for messages (fork, cluster), and the options by which Node ends or limits others.
import { expect, test } from 'vitest';
import { long } from '../../testing/long.test-support.ts';
import { countIn, endingOf, NodeLab, nodePlan, said } from './node-lab.test-support.ts';

/** Each as somebody would write it who knows of no run. */
const programs = {
  'messages.mjs': `
    import { fork } from 'node:child_process';
    import { once } from 'node:events';
    const child = fork(new URL('./child.mjs', import.meta.url), ['arg']);
    console.error('pid', child.pid, child.connected);
    child.on('spawn', () => console.error('spawn'));
    child.send({ hello: 1 }, (error) => console.error('sent', error));
    child.on('message', (m) => { console.error('got', JSON.stringify(m)); if (m.n === 2) child.send('last'); });
    child.on('disconnect', () => console.error('disconnect', child.connected));
    child.on('close', (...how) => console.error('close', ...how));
    console.error('exit', ...(await once(child, 'exit')));
    const adv = fork('./echo.cjs', { serialization: 'advanced', silent: true });
    adv.send(new Map([['a', 1n]]));
    console.error('advanced', ...(await once(adv, 'message')));
    adv.disconnect();
    console.error('exit', ...(await once(adv, 'exit')));`,
  'child.mjs': `
    import Database from 'better-sqlite3';
    const db = new Database('lab.db');
    console.error('child', process.argv[2], process.connected, typeof process.send);
    process.on('message', (m) => {
      console.error('child got', JSON.stringify(m));
      if (m === 'last') return process.disconnect();
      db.prepare('INSERT INTO t(k, v) VALUES (1, 2)').run();
      process.send({ n: 1 }); process.send({ n: 2 });
    });
    process.on('disconnect', () => console.error('child disconnected'));`,
  'echo.cjs': "process.on('message', (m) => process.send(m));",
  'options.mjs': `
    import { execFile, exec, execSync, spawn, spawnSync } from 'node:child_process';
    import { once } from 'node:events';
    import { promisify } from 'node:util';
    const k = spawn('sleep', ['100']);
    console.error('kill', typeof k.pid, k.kill('SIGKILL'), ...(await once(k, 'exit')), k.kill());
    const began = Date.now();
    const t = spawn('sleep', ['100'], { timeout: 300, killSignal: 'SIGINT' });
    console.error('timeout', ...(await once(t, 'exit')), Date.now() - began);
    const control = new AbortController();
    const a = spawn('sleep', ['100'], { signal: control.signal });
    a.on('error', (e) => console.error('error', e.name, e.code));
    setTimeout(() => control.abort(), 20);
    console.error('aborted', ...(await new Promise((r) => a.on('exit', (...x) => r(x)))));
    console.error(await promisify(exec)('echo $0 $BASH_VERSION | cut -c1-11', { shell: '/bin/bash' }));
    await promisify(exec)('echo 123456; echo no >&2; exit 3').catch((e) => console.error(e.code, e.killed, e.signal, e.cmd, e.stdout, e.stderr));
    await promisify(execFile)('echo', ['123456'], { maxBuffer: 3 }).catch((e) => console.error(e.code, e.stdout));
    await promisify(execFile)('sleep', ['100'], { timeout: 30 }).catch((e) => console.error(e.code, e.killed, e.signal));
    try { execSync('sleep 10', { timeout: 50 }); } catch (e) { console.error(e.code, e.signal, e.status) }
    const s = spawnSync('cat', { input: 'abc', encoding: 'utf8' });
    console.error(s.stdout, s.status, s.signal, s.output.length);
    console.error(spawnSync('nonsense').error?.code);
    spawn('nonsense').on('error', (e) => console.error(e.code, e.syscall, e.path));
    const cat = spawn('cat', { stdio: ['pipe', 'inherit', 'ignore'] });
    cat.stdin.end('to stdout\\n');
    await once(cat, 'close');
    console.error('over');`,
  'queue.mjs': `
    import { fork } from 'node:child_process';
    import { once } from 'node:events';
    import Database from 'better-sqlite3';
    const db = new Database('lab.db');
    db.prepare("INSERT INTO t(k, v) VALUES(1, '0') ON CONFLICT DO NOTHING").run();
    const jobs = [1, 2, 3, 4];
    const workers = [1, 2].map(() => fork(new URL('./queue-worker.mjs', import.meta.url)));
    const exits = workers.map((worker) => once(worker, 'exit'));
    for (const worker of workers)
      worker.on('message', () => {
        const job = jobs.shift();
        if (job === undefined) worker.disconnect();
        else worker.send({ job });
      });
    for (const [code] of await Promise.all(exits)) if (code !== 0) process.exitCode = 1;
    console.error(db.prepare('SELECT v FROM t WHERE k = 1').get().v);
    db.close();`,
  'queue-worker.mjs': `
    import { setTimeout as sleep } from 'node:timers/promises';
    import Database from 'better-sqlite3';
    const db = new Database('lab.db');
    process.on('message', async () => {
      const { v } = db.prepare('SELECT v FROM t WHERE k = 1').get();
      await sleep(Math.random() < 0.5 ? 0 : 2);
      db.prepare('UPDATE t SET v = ? WHERE k = 1').run(String(Number(v) + 1));
      process.send('done');
    });
    process.send('ready');`,
  'cluster.mjs': `
    import cluster from 'node:cluster';
    import Database from 'better-sqlite3';
    const db = new Database('lab.db');
    if (cluster.isPrimary) {
      for (let i = 0; i < 2; i++) cluster.fork({ N: String(i) });
      cluster.on('online', (w) => console.error('online', w.id));
      cluster.on('message', (w, m) => { console.error('from', w.id, m); w.send('stop'); });
      cluster.on('exit', (w, code) => { console.error('exit', w.id, code, db.prepare('select count(*) c from t').get().c); });
    } else {
      db.prepare('INSERT INTO t(k, v) VALUES(?, 1)').run(10 + cluster.worker.id);
      process.on('message', () => { cluster.worker.disconnect(); });
      process.send(\`wrote \${process.env.N} \${process.env.NODE_UNIQUE_ID}\`);
    }`,
  'orphan.mjs': `
    import { fork } from 'node:child_process';
    fork('./orphan-child.mjs');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50);`,
  'orphan-child.mjs': `
    process.on('disconnect', () => console.error('alone', process.connected, process.channel));
    process.on('message', () => {});`,
  'foreign.mjs': "import { fork } from 'node:child_process'; fork('x', { execPath: 'python3' });",
} as const;

const lab = new NodeLab(programs);

test('messages, both ways, until one end disconnects', async () => {
  const history = await lab.runAlike(lab.labOf('messages.mjs'));
  expect(said(history)).toEqual([
    'pid 101 true',
    'spawn',
    'sent null',
    'child arg true function',
    'child got {"hello":1}',
    'got {"n":1}',
    'got {"n":2}',
    'child got "last"',
    'child disconnected',
    'disconnect false',
    'close 0 null',
    'exit 0 null',
    "advanced Map(1) { 'a' => 1n } undefined",
    'exit 0 null',
  ]);
  expect(said(history, 'one.1')).toEqual([
    'child arg true function',
    'child got {"hello":1}',
    'child got "last"',
    'child disconnected',
  ]);
  expect(endingOf(history)).toEqual({ how: 'returned' });
});

test('a child has its number at once; what ends it or limits it is as in Node', async () => {
  expect(said(await lab.runAlike(lab.labOf('options.mjs')))).toEqual([
    'kill number true null SIGKILL false',
    'timeout null SIGINT 300',
    'error AbortError ABORT_ERR',
    'aborted null SIGTERM',
    "{ stdout: '/bin/bash 5\\n', stderr: '' }",
    '3 false null echo 123456; echo no >&2; exit 3 123456',
    ' no',
    '',
    'ERR_CHILD_PROCESS_STDIO_MAXBUFFER 123',
    'null true SIGTERM',
    'ETIMEDOUT SIGTERM null',
    'abc 0 null 3',
    'ENOENT',
    'ENOENT spawn nonsense nonsense',
    'over',
  ]);
});

test('an update is lost between forked workers, by one hash', async () => {
  const scenario = lab.labOf('queue.mjs');
  const { seed, history } = await lab.findLoss(scenario, 4);
  expect(said(history)).toEqual([String(countIn(history))]);
  expect((await lab.runAlike(scenario, seed)).hash).toBe(history.hash);
});

test('50 times', { ...long, timeout: 300_000 }, async () => {
  const scenario = lab.labOf('queue.mjs');
  const { hash, preemptions } = await lab.inTurns(scenario, 7);
  for (let i = 0; i < 50; i++) expect((await lab.coordinator.run(scenario, nodePlan({ preemptions }))).hash).toBe(hash);
});

test('a cluster', async () => {
  const words = said(await lab.runAlike(lab.labOf('cluster.mjs')));
  expect(words.toSorted()).toEqual([
    'exit 1 0 2',
    'exit 2 0 2',
    'from 1 wrote 0 undefined',
    'from 2 wrote 1 undefined',
    'online 1',
    'online 2',
  ]);
});

test('who dies disconnects', async () => {
  const history = await lab.runAlike(lab.labOf('orphan.mjs'));
  expect(said(history, 'one.1')).toEqual(['alone false undefined']);
  expect([endingOf(history), endingOf(history, 'one.1')]).toEqual([
    { how: 'killed', signal: 'SIGKILL' },
    { how: 'returned' },
  ]);
});

test.each([['foreign.mjs', 'opens a channel for messages to python3, which is no Node']] as const)(
  '%s is refused in a sentence',
  async (file, words) => {
    await expect(lab.coordinator.run(lab.labOf(file), nodePlan())).rejects.toThrow(words);
  },
);
