// What is heard while something is compiled: nothing where nothing is; else that it is, what, that it goes on, and how long it took.
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Building } from './building.ts';
import { Output } from './output.ts';
import { StandardStream } from './standard-stream.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function listening() {
  const said: string[] = [];
  const stream = () =>
    new StandardStream(new Writable({ write: (text, _encoding, done) => (said.push(String(text)), done()) }));
  return { output: new Output({ json: false, verbose: false }, { out: stream(), err: stream() }), said };
}

test('nothing is built, nothing is said', () => {
  const { output, said } = listening();
  {
    using _ = new Building(output);
    vi.advanceTimersByTime(60_000);
  }
  expect(said).toEqual([]);
});

test('where no terminal is, silence is broken now and then', () => {
  const { output, said } = listening();
  {
    using building = new Building(output);
    building.says('engine 3.50.4: compiling SQLite');
    vi.advanceTimersByTime(45_000);
  }
  vi.advanceTimersByTime(60_000);
  expect(said).toHaveLength(5);
  expect(said[0]).toMatch(/compiled once, which can take a minute or two, and kept in \//);
  expect(said.slice(1)).toEqual([
    'engine 3.50.4: compiling SQLite\n',
    expect.stringMatching(/^compiling for 2\d s; last begun: engine 3\.50\.4: compiling SQLite\n$/),
    expect.stringMatching(/^compiling for 4\d s; last begun/),
    'that took 45 s\n',
  ]);
});
