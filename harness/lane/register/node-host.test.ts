// Unmodified Node programs as processes of a run: what they ask of Node, and how they end. Threads: threads.test.ts; children: children.test.ts.
import { describe, expect, test } from 'vitest';
import { countIn, endingOf, NodeLab, nodePlan, said } from './node-lab.test-support.ts';

/** Each as somebody would write it who knows of no run. */
const programs = {
  'time.mjs': `
    import { setTimeout as sleep } from 'node:timers/promises';
    import { AsyncLocalStorage } from 'node:async_hooks';
    import { promisify } from 'node:util';
    const began = Date.now();
    const monotonic = performance.now();
    await sleep(1500);
    console.error('slept', Date.now() - began, Math.round(performance.now() - monotonic));
    const ticks = [];
    await new Promise((done) => {
      const timer = setInterval(() => {
        ticks.push(Date.now() - began);
        if (ticks.length === 3) done(clearInterval(timer));
      }, 1000);
    });
    const signal = AbortSignal.timeout(50);
    await promisify(setTimeout)(0);
    console.error(ticks.join(), signal.aborted);
    const order = [];
    setTimeout(() => order.push('timeout'), 0);
    setImmediate(() => order.push('immediate'));
    process.nextTick(() => order.push('tick'));
    Promise.resolve().then(() => order.push('promise'));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250);
    const [before] = process.hrtime();
    while (Date.now() < began + 5000) await new Promise((turn) => setImmediate(turn));
    const store = new AsyncLocalStorage();
    const mine = await store.run('mine', () => new Promise((got) => setTimeout(() => got(store.getStore()), 0)));
    console.error(mine, order.join(), Date.now() - began, process.hrtime()[0] - before, new Date(began).toISOString());`,
  'chance.cjs': `
    const { randomBytes, randomUUID, randomInt } = require('node:crypto');
    const drawn = [Math.random(), randomBytes(4).toString('hex'), randomUUID(), randomInt(1000)];
    console.error([...drawn, crypto.getRandomValues(new Uint8Array(2)).join('-'), process.pid, process.ppid].join(' '));`,
  'files.mjs': `
    import fs, { readFileSync, promises } from 'node:fs';
    import { resolve } from 'node:path';
    fs.mkdirSync('folder/deep', { recursive: true });
    await promises.writeFile('folder/a.txt', 'hello');
    const file = await promises.open('/lockstep/folder/a.txt', 'r+');
    await file.write('J', 0);
    const before = await file.stat();
    fs.renameSync('folder/a.txt', 'folder/b.txt');
    fs.symlinkSync('/lockstep/folder/b.txt', 'link');
    console.error(readFileSync('link', 'utf8'), process.cwd(), fs.realpathSync('link'), resolve('x'));
    fs.unlinkSync('folder/b.txt');
    console.error((await file.stat()).ino === before.ino, fs.existsSync('folder/b.txt'), before.mtime.getUTCFullYear());
    await file.close();
    const out = fs.createWriteStream('stream.txt');
    out.write('abc');
    await new Promise((closed) => out.end('def', closed));
    let text = '';
    for await (const part of fs.createReadStream('stream.txt')) text += part;
    fs.appendFile('stream.txt', 'g', (error) => {
      console.error(text, error, fs.statSync('stream.txt').size, fs.readdirSync('.', { recursive: true }).join());
      fs.rmSync('folder', { recursive: true });
      fs.copyFileSync('stream.txt', 'copy.txt');
      try {
        fs.readFileSync('folder/gone');
      } catch (problem) {
        console.error(problem.message);
      }
    });`,
  'children.mjs': `
    import { exec, execFileSync, spawn, spawnSync } from 'node:child_process';
    import { AsyncLocalStorage } from 'node:async_hooks';
    import { promisify } from 'node:util';
    const began = Date.now();
    const { stdout } = await promisify(exec)('sleep 2; pwd');
    console.error(stdout.trim(), Date.now() - began);
    console.error(spawnSync('sqlite3', ['lab.db', 'select count(*) from t'], { encoding: 'utf8' }).stdout.trim());
    const cat = spawn('cat');
    cat.stdout.on('data', (part) => console.error(String(part)));
    cat.stdin.end('piped');
    console.error('closed', await new Promise((closed) => cat.on('close', closed)));
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); process.on("SIGTERM", () => process.exit(9))']);
    setTimeout(() => other.kill(), 100);
    console.error('handled', await new Promise((ended) => other.on('exit', ended)));
    const killed = spawn('sleep', ['100']);
    setTimeout(() => killed.kill('SIGKILL'), 100);
    killed.on('exit', (code, signal) => console.error('killed', code, signal));
    try {
      execFileSync('/bin/sh', ['-c', 'echo no >&2; exit 4'], { stdio: 'pipe' });
    } catch (problem) {
      console.error(problem.status, String(problem.stderr).trim());
    }`,
  'lost.mjs': `
    import Database from 'better-sqlite3';
    import { setTimeout as sleep } from 'node:timers/promises';
    const db = new Database('lab.db');
    db.prepare("INSERT INTO t(k, v) VALUES(1, '0') ON CONFLICT DO NOTHING").run();
    for (let i = 0; i < 3; i++) {
      const { v } = db.prepare('SELECT v FROM t WHERE k = 1').get();
      await sleep(Math.random() < 0.5 ? 0 : 2); // somebody is asked something
      db.prepare('UPDATE t SET v = ? WHERE k = 1').run(String(Number(v) + 1));
      await sleep(5);
    }
    db.close();`,
  'exit.mjs': "process.on('exit', (code) => console.error('bye', code)); process.exit(4);",
  'threw.mjs': "setTimeout(() => { throw new RangeError('too far'); }, 10);",
  'rejected.mjs':
    "process.on('exit', () => console.error('bye')); setTimeout(() => {}, 50); Promise.reject(new Error('nobody waits'));",
  'term.mjs':
    "process.on('SIGTERM', () => { console.error('asked'); process.exit(6); }); setInterval(() => {}, 60_000);",
  'network.mjs': "import net from 'node:net'; net.connect(80, '127.0.0.1');",
  'own-sqlite.mjs': "import { DatabaseSync } from 'node:sqlite'; new DatabaseSync('lab.db');",
  'forever.mjs': 'setInterval(() => {}, 60_000);',
} as const;

const lab = new NodeLab(programs);

describe('what a program asks of Node', () => {
  test.each([
    [
      'time.mjs',
      [
        'slept 1500 1500',
        '2500,3500,4500 false',
        'mine promise,tick,timeout,immediate 5000 1 2026-05-23T00:00:00.000Z',
      ],
    ],
    [
      'files.mjs',
      [
        'Jello /lockstep /lockstep/folder/b.txt /lockstep/x',
        'true false 2026',
        'abcdef null 7 folder,folder/deep,lab.db,link,stream.txt',
        "ENOENT: no such file or directory, open '/lockstep/folder/gone'",
      ],
    ],
    ['children.mjs', ['/lockstep 2000', '0', 'piped', 'closed 0', 'handled 9', '4 no', 'killed null SIGKILL']],
  ] as const)('%s', async (file, lines) => {
    const history = await lab.runAlike(lab.labOf(file));
    expect(said(history)).toEqual(lines);
    expect(endingOf(history)).toEqual({ how: 'returned' });
  });

  test('chance is that of the seed, and process ids are of the run', async () => {
    const history = await lab.runAlike(lab.labOf('chance.cjs', 'chance.cjs'));
    const [one = [], two = []] = [said(history), said(history, 'two')].map(([line = '']) => line.split(' '));
    expect([one.at(-2), two.at(-2), one.at(-1)]).toEqual(['100', '101', '1']);
    for (let i = 0; i < 4; i++) expect(one[i]).not.toBe(two[i]);
    const other = await lab.coordinator.run(lab.labOf('chance.cjs', 'chance.cjs'), nodePlan({ seed: 8 }));
    expect(said(other)[0]?.split(' ')[0]).not.toBe(one[0]);
  });

  test('an update is lost between two awaits', async () => {
    const scenario = lab.labOf('lost.mjs', 'lost.mjs');
    const { seed, history } = await lab.findLoss(scenario, 6);
    expect(countIn(history)).toBeLessThan(6);
    const again = await lab.coordinator.run(scenario, nodePlan({ seed, preemptions: history.preemptions }));
    expect(again.hash).toBe(history.hash);
  });
});

test.each([
  ['exit.mjs', { how: 'exited', code: 4 }, 'bye 4'],
  ['threw.mjs', { how: 'threw', error: 'too far' }, 'RangeError: too far'],
  ['rejected.mjs', { how: 'threw', error: 'nobody waits' }, 'bye'],
  ['term.mjs', { how: 'exited', code: 6 }, 'asked'],
  ['forever.mjs', { how: 'killed', signal: 'SIGTERM' }, ''],
] as const)('%s ends as it ends', async (file, ending, words) => {
  const history = await lab.runAlike(lab.labOf(file));
  expect(endingOf(history)).toEqual(ending);
  expect(said(history).join('\n')).toContain(words);
});

test.each([
  ['network.mjs', 'opens a connection (net.connect): what comes from a network is not of the run'],
  ['own-sqlite.mjs', 'uses node:sqlite, which has SQLite'],
] as const)('%s is refused in a sentence', async (file, words) => {
  await expect(lab.coordinator.run(lab.labOf(file), nodePlan())).rejects.toThrow(words);
});
