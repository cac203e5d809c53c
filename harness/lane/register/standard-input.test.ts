// A program that talks to a child line by line, over its standard streams, as real programs do: what it writes when the child has begun
// reaches it, whatever the child is. What stays out: what is written at once and ended (node-host.test.ts).
import { expect, test } from 'vitest';
import { NodeLab, said } from './node-lab.test-support.ts';

/** Asks what is on the command line, one after the other, each when the last was answered, and then ends the talk. */
const talk = (child: string, ...asked: readonly string[]) => `
  import { spawn } from 'node:child_process';
  import { createInterface } from 'node:readline';
  const child = ${child};
  const asked = ${JSON.stringify(asked)};
  const next = () => asked.length > 0 ? child.stdin.write(asked.shift() + '\\n') : child.stdin.end();
  createInterface({ input: child.stdout }).on('line', (line) => { console.error('heard', line); setTimeout(next, 10); });
  child.on('close', (code) => console.error('closed', code));
  setTimeout(next, 10);`;

const programs = {
  'node.mjs': talk("spawn('node', ['count.mjs'])", '1', '2', '3'),
  'count.mjs': `
    import Database from 'better-sqlite3';
    import { createInterface } from 'node:readline';
    const db = new Database('lab.db');
    for await (const line of createInterface({ input: process.stdin })) {
      db.prepare('INSERT INTO t(k, v) VALUES(?, 1)').run(10 + Number(line));
      console.log(line, db.prepare('SELECT count(*) c FROM t').get().c);
    }
    console.log('end');`,
  'sync.mjs': talk("spawn('node', ['read.mjs'])", 'a', 'bb'),
  'read.mjs': `
    import fs from 'node:fs';
    const bytes = Buffer.alloc(10);
    for (let n; (n = fs.readSync(0, bytes)) > 0; ) console.log('read', n);
    console.log('all', fs.readFileSync(0, 'utf8').length);`,
  'shell.mjs': talk(
    "spawn('sqlite3', ['lab.db'])",
    'INSERT INTO t(k, v) VALUES (11, 1) RETURNING k;',
    'SELECT count(*) FROM t;',
  ),
  'script.mjs': talk("spawn('sh', ['-c', 'while read x; do echo got $x; done; echo end'])", 'x', 'y'),
  'cat.mjs': talk(
    "spawn('sh', ['-c', 'cat; echo a | cut -c1; cut -c1-4 < /etc/hosts | wc -l > /dev/null; echo end'])",
    'x',
    'y',
  ),
  'bash.mjs': talk("spawn('bash', ['-c', 'cat; echo a | cut -c1'])", 'x', 'y'),
  'python.mjs': talk("spawn('python3', ['-u', 'ask.py'])", '1', '2'),
  'ask.py': `
import os, sys
for line in sys.stdin:
    print("got", line.strip())
print("end", os.read(0, 5))
`,
  'gone.mjs': `
    import { spawn } from 'node:child_process';
    const child = spawn('true');
    child.stdin.on('error', ({ code }) => console.error(code));
    child.on('exit', () => console.error('exit', child.stdin.destroyed));
    setTimeout(() => child.stdin.write('late', ({ code }) => console.error(code)), 100);`,
  'leaves.mjs':
    "import { spawn } from 'node:child_process'; spawn('node', ['waits.mjs'], { stdio: ['pipe', 'inherit', 'inherit'] }); setTimeout(() => process.exit(), 20);",
  'waits.mjs': "process.stdin.on('end', () => console.error('alone')).resume();",
  'never.mjs': "process.stdin.on('data', () => {}); process.stdin.pause(); console.error('paused');",
  'pauses.mjs': `
    import { spawn } from 'node:child_process';
    const child = spawn('node', ['never.mjs'], { stdio: ['pipe', 'inherit', 'inherit'] });
    child.on('close', (code) => console.error('closed', code));`,
} as const;

const lab = new NodeLab(programs);

test.each([
  [
    'a Node, by the events of process.stdin',
    'node.mjs',
    ['heard 1 1', 'heard 2 2', 'heard 3 3', 'heard end', 'closed 0'],
  ],
  ['a Node that reads by fs.readSync', 'sync.mjs', ['heard read 2', 'heard read 3', 'heard all 0', 'closed 0']],
  ["SQLite's shell", 'shell.mjs', ['heard 11', 'heard 1', 'closed 0']],
  ['a shell', 'script.mjs', ['heard got x', 'heard got y', 'heard end', 'closed 0']],
  ['what a shell starts, which inherits it', 'cat.mjs', ['heard x', 'heard y', 'heard a', 'heard end', 'closed 0']],
  ['what a bash starts, with other inputs', 'bash.mjs', ['heard x', 'heard y', 'heard a', 'closed 0']],
  ['a Python', 'python.mjs', ['heard got 1', 'heard got 2', "heard end b''", 'closed 0']],
] as const)('line by line with %s', async (_, file, words) => {
  expect(said(await lab.runAlike(lab.labOf(file)))).toEqual(words);
});

test('who writes to a child that has ended is told so', async () => {
  expect(said(await lab.runAlike(lab.labOf('gone.mjs')))).toEqual(['exit true', 'ERR_STREAM_DESTROYED']);
});

test('where the parent has gone, nothing more comes', async () => {
  expect(said(await lab.runAlike(lab.labOf('leaves.mjs')), 'one.1')).toEqual(['alone']);
});

test('a child that has paused its input ends', async () => {
  expect(said(await lab.runAlike(lab.labOf('pauses.mjs')))).toEqual(['paused', 'closed 0']);
});
