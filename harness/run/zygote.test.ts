// A zygote's answers stay with their requests, on one that answers late.
import { dir } from 'tmp-promise';
import { expect, test } from 'vitest';
import { RunInterrupted } from '../errors/interrupted.ts';
import { encodeHello } from '../gate/protocol.ts';
import { Zygote } from './zygote.ts';
import type { StartOrder } from './starter.ts';

/** Says hello, and answers each request with the next number, after more time than passes between two looks whether to stop. */
const late = `
const fs = require('node:fs');
const [input, output, ...answers] = process.argv.slice(1);
const [from, to] = [fs.openSync(input, 'r'), fs.openSync(output, 'w')];
const say = (answer) => fs.writeSync(to, Buffer.from(answer, 'base64'));
say(answers.shift());
for (const answer of answers) {
  fs.readSync(from, Buffer.alloc(4096));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
  say(answer);
}`;

test('who is stopped while a process is forked does not leave its number to the next one', async () => {
  const { path, cleanup } = await dir({ unsafeCleanup: true });
  const answers = [0, 101, 102].map((pid) => Buffer.from(encodeHello(pid, 0)).toString('base64'));
  const zygote = new Zygote({
    what: 'a zygote that answers late',
    command: (inPath, outPath) => [process.execPath, '-e', late, inPath, outPath, ...answers],
    env: () => ({}),
    folder: path,
    name: 'zygote',
  });
  const fork = (stop = false): number =>
    zygote.fork(Buffer.from('a request'), { worlds: path, stop: () => stop } as unknown as StartOrder);
  try {
    expect(fork()).toBe(101);
    // Another one takes its place, of which the next request is the first.
    expect(() => fork(true)).toThrow(RunInterrupted);
    expect(fork()).toBe(101);
    expect(fork()).toBe(102);
  } finally {
    zygote.close();
    await cleanup();
  }
});
