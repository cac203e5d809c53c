// Which Python a command means, and whether it will do.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PREBUILT_ENGINE } from '../engines/catalogue.ts';
import { sharedLibrary } from '../engines/shared-library.ts';
import { OWN_ENGINE } from '../model/process.ts';
import { debianPython } from '../testing/python-lab.test-support.ts';
import { interpreterOf } from './interpreter.ts';

let folder: string;
let library: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-interpreter-'));
  library = await sharedLibrary(PREBUILT_ENGINE);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function script(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

const found = (...command: [string, ...string[]]) => interpreterOf(command, library, PREBUILT_ENGINE);

test.each([
  [
    ['x.py', '-m'],
    [[], ['x.py', '-m']],
  ],
  [
    ['-u', '-W', 'error', 'x.py'],
    [['-u', '-W', 'error'], ['x.py']],
  ],
  [
    ['-um', 'app', '-x'],
    [['-u'], ['-m', 'app', '-x']],
  ],
  [
    ['-cprint(1)', 'a'],
    [[], ['-c', 'print(1)', 'a']],
  ],
  [[], [[], []]],
])('%j: its options, and what it runs', (words, [options, rest]) => {
  expect(found(debianPython, ...words)).toEqual({ executable: debianPython, options, words: rest });
});

test('a shim and the first line of a script lead to it', () => {
  const shim = script('shims/python3', `#!/bin/sh\nexec ${debianPython} "$@"\n`);
  expect(found(shim, 'x.py')?.executable).toBe(debianPython);
  const app = script('app', `#!${debianPython} -u\n`);
  expect(found(app, 'serve')).toEqual({ executable: debianPython, options: ['-u'], words: [app, 'serve'] });
});

test('what is no Python itself may start one', () => {
  expect(found(script('start.sh', '#!/bin/sh\n'))).toBeUndefined();
  expect(found(debianPython, '--version')).toBeUndefined();
});

const old = join(homedir(), '.pyenv/versions/3.8.18/bin/python3');
test.skipIf(!existsSync(old))('one that is too old is refused with what to do', () => {
  expect(() => found(old, 'x.py')).toThrow(
    expect.objectContaining({ code: 'OLD_PYTHON', kind: 'usage', message: expect.stringContaining('3.8') as string }),
  );
});

test('one in which another SQLite answers is refused', () => {
  expect(() => interpreterOf([debianPython, 'x.py'], '/nowhere', PREBUILT_ENGINE)).toThrow(
    expect.objectContaining({
      code: 'OTHER_SQLITE',
      kind: 'usage',
      remedy: expect.stringContaining('libsqlite3') as string,
    }),
  );
});

test('what does not answer as Python does is said', () => {
  const mute = script('mute/python3', '#!/bin/sh\necho no >&2; exit 1\n');
  expect(() => found(mute, 'x.py')).toThrow(expect.objectContaining({ code: 'NO_PYTHON', kind: 'usage' }));
});

test('one whose SQLite nobody can extend is refused, whichever engine is asked for', () => {
  const said = JSON.stringify(['/x/python3', [3, 12], '3.47.1', false]);
  const closed = script('closed/python3', `#!/bin/sh\necho '${said}'\n`);
  expect(() => interpreterOf([closed, 'x.py'], undefined, OWN_ENGINE)).toThrow(
    expect.objectContaining({
      code: 'CLOSED_SQLITE',
      kind: 'usage',
      message: expect.stringContaining('3.47.1') as string,
    }),
  );
});
