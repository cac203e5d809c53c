// Questions on a terminal: Enter takes what is usual, and where nothing is, they are asked again.
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { asking } from './ask.ts';

test('an answer, the usual one, and one that is asked for again', async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const answers = asking(
    new AbortController().signal,
    async (ask) => {
      input.write(' python3 w.py \n');
      const command = await ask('Command', 'node app.js');
      input.write('\n');
      const database = await ask('Database', 'app.db');
      input.write('\nid\n');
      return [command, database, await ask('Key', undefined)];
    },
    { input, output },
  );
  expect(await answers).toEqual(['python3 w.py', 'app.db', 'id']);
  output.end();
  expect(await text(output)).toBe('Command [node app.js]: Database [app.db]: Key: Key: ');
});

test('a signal ends it', async () => {
  const stop = new AbortController();
  const asked = asking(stop.signal, (ask) => ask('Command', undefined), {
    input: new PassThrough(),
    output: new PassThrough(),
  });
  stop.abort(new Error('enough'));
  await expect(asked).rejects.toThrow();
});
