// A process of our own from which nothing can come any more is ended, and its end says why; one that is asked again and again does not
// start again and again.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DirectoryResult, dir } from 'tmp-promise';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AskedProcess } from './asked-process.ts';
import { OwnProcess } from './own-process.ts';

let folder: DirectoryResult;
beforeAll(async () => {
  folder = await dir({ unsafeCleanup: true });
});
afterAll(() => folder.cleanup());

function program(name: string, text: string): string {
  const path = join(folder.path, `${name}.mjs`);
  writeFileSync(path, text);
  return path;
}

/** What a Node does that waits for a thread in vain: nothing. */
const waits = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);';
const starts = "process.on('error', () => process.exit(0)); process.send({ started: true }, () => {});";
const goesWithItsChannel = "process.on('disconnect', () => process.exit(0));";

const opened: OwnProcess<unknown>[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

function open(path: string, limitMs?: number, onSaid: (said: unknown) => void = () => {}): OwnProcess<unknown> {
  const process = new OwnProcess(path, onSaid, limitMs);
  opened.push(process);
  return process;
}

describe('a process of our own', () => {
  test('that does not start is ended, and where it stands is said', async () => {
    const process = open(program('waits', waits), 300);
    expect(await process.over).toMatchObject({
      error: {
        kind: 'harness',
        code: 'NODE_DID_NOT_START',
        message: expect.stringMatching(/did not start: for [\d.]+ s it was asleep/) as string,
        remedy: expect.stringContaining('ulimit -u') as string,
      },
    });
    expect(process.pid).toBeUndefined();
  });

  test('that has started has all the time it takes, and what it says is heard but for its first word', async () => {
    const heard: unknown[] = [];
    const answers = "process.on('message', (asked) => setTimeout(() => process.send({ to: asked }), 1500));";
    const process = open(program('answers', `${starts} ${goesWithItsChannel} ${answers}`), 1000, (said) =>
      heard.push(said),
    );
    process.tell({ question: 1 });
    while (heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(heard).toEqual([{ to: { question: 1 } }]);
    expect(process.isStarted).toBe(true);
  });

  test('that has closed its channel and lives on is ended', async () => {
    const process = open(program('alone', `${starts} process.disconnect(); setInterval(() => {}, 1000);`));
    expect(await process.over).toEqual({ how: 'it has closed its channel' });
  });

  test('that ends by itself says how', async () => {
    expect(await open(program('exits', `${starts} process.exit(7);`)).over).toEqual({ how: 'exit code 7' });
  });

  test('goes when it is closed', async () => {
    const process = open(program('goes', `${starts} ${goesWithItsChannel}`));
    await process.close();
    expect(await process.over).toEqual({ how: 'exit code 0' });
  });
});

test('where one did not start no other is tried, whatever is asked', async () => {
  const counted = program(
    'counted',
    `import { appendFileSync } from 'node:fs'; appendFileSync(${JSON.stringify(join(folder.path, 'starts'))}, 'x'); ${waits}`,
  );
  const options = { program: counted, interrupted: () => false, died: (how: string) => new Error(how), startMs: 300 };
  const asked = new AskedProcess<{ readonly n: number }, unknown>(options);
  const refused = { code: 'NODE_DID_NOT_START' };
  await expect(asked.ask({ n: 1 })).rejects.toMatchObject(refused);
  await expect(asked.ask({ n: 2 })).rejects.toMatchObject(refused);
  expect(readFileSync(join(folder.path, 'starts'), 'utf8')).toBe('x');
  await asked.close();
});
