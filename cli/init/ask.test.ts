// Questions on a terminal: Enter takes what is usual, and where nothing is, they are asked again.
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { asking } from './ask.ts';

/** A person who answers each question as it is asked, with the next of these lines. */
function person(lines: readonly string[]) {
  const input = new PassThrough();
  const output = new PassThrough();
  const left = [...lines];
  let said = '';
  output.on('data', (text: Buffer) => {
    said += String(text);
    const next = left.shift();
    if (next !== undefined) setImmediate(() => input.write(`${next}\n`));
  });
  return { input, output, said: () => said };
}

test('an answer, the usual one, and one that is asked for again', async () => {
  const { said, ...on } = person([' python3 w.py ', '', '', 'id']);
  const answers = await asking(
    new AbortController().signal,
    async (ask) => [await ask('Command', 'node app.js'), await ask('Database', 'app.db'), await ask('Key', undefined)],
    on,
  );
  expect(answers).toEqual(['python3 w.py', 'app.db', 'id']);
  expect(said()).toBe('Command [node app.js]: Database [app.db]: Key: Key: ');
});

test('a signal ends it', async () => {
  const stop = new AbortController();
  const { said: _, ...on } = person([]);
  const asked = asking(stop.signal, (ask) => ask('Command', undefined), on);
  stop.abort(new Error('enough'));
  await expect(asked).rejects.toThrow();
});
