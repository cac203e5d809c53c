// What else Node offers, in programs that know of no run: each works as in Node, or ends the run with a sentence that names the call and says what
// to do. Nothing of it runs free, and nothing does nothing.
import { expect, test } from 'vitest';
import { endingOf, NodeLab, nodePlan, said } from './node-lab.test-support.ts';

const programs = {
  'hears.mjs': `
    import { spawn } from 'node:child_process';
    import { createInterface } from 'node:readline';
    const began = Date.now();
    const child = spawn('sh', ['-c', 'echo one; sleep 1; echo two; sleep 1; echo three >&2; exit 3']);
    const closed = new Promise((closed) => child.once('close', closed));
    child.stderr.on('data', (part) => console.error(Date.now() - began, 'stderr', String(part).trim()));
    for await (const line of createInterface(child.stdout)) console.error(Date.now() - began, line);
    console.error(Date.now() - began, 'closed', await closed);
    const server = spawn(process.execPath, ['server.cjs'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((ready) => server.stdout.on('data', (part) => String(part).includes('ready') && ready()));
    console.error(Date.now() - began, 'is ready');
    server.kill();
    await new Promise((ended) => server.once('exit', (...how) => ended(console.error(...how))));`,
  'server.cjs': `
    setTimeout(() => console.log('ready'), 500);
    setInterval(() => {}, 1000);
    process.on('SIGTERM', () => { console.error('asked'); process.exit(0); });`,
  'files.mjs': `
    import fs from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    fs.mkdirSync('a/b', { recursive: true });
    fs.writeFileSync('a/one', '1');
    fs.writeFileSync('a/b/two', '22');
    fs.symlinkSync('one', 'a/link');
    fs.cpSync('a', 'copy', { recursive: true, filter: (from) => !from.endsWith('two') });
    await fs.promises.cp('a', 'all', { recursive: true, filter: async () => true });
    await fs.promises.cp('a', 'x').catch((error) => console.error(error.code));
    console.error(fs.readdirSync('.', { recursive: true }).filter((name) => !name.includes('lab')).join());
    const names = [];
    for await (const entry of await fs.promises.opendir('all')) names.push(entry.name + (entry.isDirectory() ? '/' : ''));
    const folder = fs.opendirSync('all');
    console.error(names.join(), folder.readSync().name);
    folder.closeSync();
    const began = Date.now();
    const seen = [];
    fs.watchFile('a/one', { interval: 100 }, (now, before) => seen.push([Date.now() - began, before.size, now.size].join()));
    await sleep(250);
    fs.appendFileSync('a/one', '23');
    await sleep(250);
    fs.unwatchFile('a/one');
    fs.appendFileSync('a/one', '4');
    await sleep(250);
    console.error(seen.join(';'));
    const out = fs.createWriteStream('corked');
    out.cork();
    out.write('abc');
    out.write('def');
    out.uncork();
    await new Promise((closed) => out.end(closed));
    const fd = fs.openSync('corked', 'r+');
    fs.fchmodSync(fd, 0o600);
    const [one, two] = [Buffer.alloc(2), Buffer.alloc(9)];
    console.error(fs.readvSync(fd, [one, two], 1), String(one), (fs.fstatSync(fd).mode & 0o777).toString(8));
    fs.closeSync(fd);`,
  'locks.mjs': `
    import { Worker } from 'node:worker_threads';
    const said = [];
    const one = navigator.locks.request('a', async () => {
      said.push('one');
      await new Promise((later) => setTimeout(later, 20));
      said.push('one is over');
    });
    const two = navigator.locks.request('a', { mode: 'shared' }, ({ mode }) => void said.push(mode));
    console.error(JSON.stringify(await navigator.locks.query()));
    await Promise.all([one, two]);
    console.error(said.join());
    const began = Date.now();
    const other = "navigator.locks.request('b', () => new Promise((later) => setTimeout(later, 800)))";
    const worker = new Worker(other, { eval: true });
    await new Promise((later) => setTimeout(later, 100));
    await navigator.locks.request('b', () => console.error('b', Date.now() - began));`,
  'watch.mjs': "import fs from 'node:fs'; fs.watch('lab.db', () => {});",
  'watches.mjs': "import fs from 'node:fs'; for await (const event of fs.promises.watch('.')) console.error(event);",
  'glob.mjs': "import fs from 'node:fs'; console.error(fs.globSync('*.db'));",
  'statfs.mjs': "import fs from 'node:fs'; console.error(fs.statfsSync('/lockstep'));",
  'serves.mjs': "import http from 'node:http'; http.createServer(() => {}).listen(0);",
  'asks.mjs': "import http from 'node:http'; http.get('http://127.0.0.1:1/');",
  'asks-https.mjs': "import { request } from 'node:https'; request('https://127.0.0.1:1/');",
  'http2.mjs': "import http2 from 'node:http2'; http2.connect('http://127.0.0.1:1/');",
  'fetches.mjs': "await fetch('http://127.0.0.1:1/');",
  'socket.mjs': "new WebSocket('ws://127.0.0.1:1/');",
  'unix.mjs': "import net from 'node:net'; net.createConnection('/tmp/socket');",
  'names.mjs': "import dns from 'node:dns/promises'; await dns.resolve4('localhost');",
  'datagram.mjs': "import { createSocket } from 'node:dgram'; createSocket('udp4');",
  'debugged.mjs': "import inspector from 'node:inspector'; inspector.open(0);",
  'becomes.mjs': "process.execve('/bin/true', ['true']);",
} as const;

const lab = new NodeLab(programs);

test('what a child prints is heard while it runs', async () => {
  const history = await lab.runAlike(lab.labOf('hears.mjs'));
  expect(said(history)).toEqual([
    '0 one',
    '1000 two',
    '2000 stderr three',
    '2000 closed 3',
    '2500 is ready',
    'asked',
    '0 null',
  ]);
});

test('trees are copied, folders opened, files watched', async () => {
  const history = await lab.runAlike(lab.labOf('files.mjs'));
  expect(said(history)).toEqual([
    'ERR_FS_EISDIR',
    'a,a/b,a/b/two,a/link,a/one,all,all/b,all/b/two,all/link,all/one,copy,copy/b,copy/link,copy/one',
    'b/,link,one b',
    '300,1,3',
    '5 bc 600',
  ]);
  expect(endingOf(history)).toEqual({ how: 'returned' });
});

test('locks by name, between threads too', async () => {
  const history = await lab.runAlike(lab.labOf('locks.mjs'));
  expect(said(history)).toEqual([
    '{"held":[{"name":"a","mode":"exclusive","clientId":"node-100-0"}],"pending":[{"name":"a","mode":"shared","clientId":"node-100-0"}]}',
    'one,one is over,shared',
    'b 800',
  ]);
});

const speak = 'Let processes of the run speak by files, messages (fork) or the database';

test.each([
  ['watch.mjs', 'calls fs.watch on lab.db, which is a file of the run: who is told of a change'],
  ['watches.mjs', 'calls fs.promises.watch on ., which is a file of the run'],
  ['glob.mjs', 'calls fs.globSync on ., which is a file of the run: let it read the folder'],
  ['statfs.mjs', 'calls fs.statfsSync on /lockstep, which is a file of the run: nobody would see it.'],
  ['serves.mjs', `listens for connections (server.listen): what comes from a network is not of the run. ${speak}`],
  ['asks.mjs', 'asks a server (http.get): what comes from a network is not of the run'],
  ['asks-https.mjs', 'asks a server (https.request): what comes from a network is not of the run'],
  ['http2.mjs', 'opens a connection (net.connect)'],
  ['fetches.mjs', 'asks a server (fetch)'],
  ['socket.mjs', 'asks a server (WebSocket)'],
  ['unix.mjs', 'opens a connection (net.connect)'],
  ['names.mjs', 'looks up a name (dns.promises.resolve4)'],
  ['datagram.mjs', 'opens a socket (dgram.createSocket)'],
  ['debugged.mjs', 'opens a port for a debugger (inspector.open): a debugger would stop it whenever it likes'],
  ['becomes.mjs', 'calls process.execve: let it start a process and end'],
] as const)('%s is refused in a sentence', async (file, words) => {
  await expect(lab.coordinator.run(lab.labOf(file), nodePlan())).rejects.toThrow(words);
});
