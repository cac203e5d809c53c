// Where the native host's script comes from: it is bundled once, tried, kept, and never older than what it was made from.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, realpathSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PREBUILT_ENGINE } from '../engines/catalogue.ts';
import { useEmptyCache } from '../engines/empty-cache.test-support.ts';
import { nativeHost, nativeHostPossible } from '../lane/native/build.ts';
import { RunInterrupted } from '../errors/interrupted.ts';
import { Bundler, writeScript } from './script.ts';
import { long, longButFirst } from '../testing/long.test-support.ts';

let program: string;
beforeAll(async () => {
  program = nativeHostPossible ? await nativeHost(PREBUILT_ENGINE) : '';
});
const cache = useEmptyCache();
let folder: string;
beforeEach(() => {
  folder = join(realpathSync(cache()), 'programs');
  mkdirSync(folder);
});

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

/** The script for program.ts; or why there is none. */
async function script(): Promise<string> {
  const file = join(folder, 'script.js');
  const modules = [pathToFileURL(join(folder, 'program.ts')).href];
  const refused = await writeScript(modules, program, file, folder, () => false);
  return refused === undefined ? readFileSync(file, 'utf8') : `no: ${refused.why.replaceAll(folder, '.')}`;
}

function kept(): string {
  const place = join(cache(), 'bundle');
  return join(place, readdirSync(place)[0] ?? '');
}

const marker = '// the kept one';

/** Makes the kept script another one: who is given it has not been given one that was bundled now. */
function mark(): void {
  const [, ...lines] = readFileSync(kept(), 'utf8').split('\n');
  const body = `${lines.join('\n')}\n${marker}`;
  writeFileSync(kept(), `${createHash('sha256').update(body).digest('hex')}\n${body}`);
}

describe.runIf(nativeHostPossible)('a script', () => {
  beforeEach(async () => {
    write('program.ts', "import { word } from './other.ts'; export const p = () => word;");
    write('other.ts', "export const word: string = 'first';");
    expect(await script()).toMatch(/["']first["']/);
    mark();
  });

  test('that was bundled is found again', async () => {
    expect(await script()).toContain(marker);
  });

  test.each([
    ['a module that it imports', 'other.ts', "export const word = 'second';"],
    ['its own module', 'program.ts', "export const p = () => 'second';"],
    ['what says how modules are read', 'tsconfig.json', '{}'],
    ['what says how modules are found', 'package.json', '{}'],
  ])('is bundled again when this changes: %s', longButFirst, async (_, name, text) => {
    write(name, text);
    const again = await script();
    expect(again).not.toContain(marker);
    if (text.includes('second')) expect(again).toMatch(/["']second["']/);
  });

  test('is bundled again where the kept one is damaged', async () => {
    const bytes = readFileSync(kept());
    bytes[bytes.length - 1] = 0;
    writeFileSync(kept(), bytes);
    expect(await script()).toMatch(/["']first["']/);
  });

  test('that has not been used for long makes room', long, async () => {
    const place = join(cache(), 'bundle');
    for (let i = 0; i < 120; i++) {
      writeFileSync(join(place, `old-${i}`), '');
      utimesSync(join(place, `old-${i}`), i, i);
    }
    write('other.ts', "export const word = 'second';");
    await script();
    expect(readdirSync(place)).toHaveLength(100);
    expect(readdirSync(place)).not.toContain('old-20');
  });
});

test.runIf(nativeHostPossible)('is there also where nothing can be kept', async () => {
  write('program.ts', 'export const p = () => 1;');
  writeFileSync(join(cache(), 'bundle'), 'a file, where a folder should be');
  expect(await script()).toMatch(/^'use strict'/);
});

test.runIf(nativeHostPossible).each([
  ['class A { #x = 1; static has = (a: object) => #x in a; } export const p = () => A.has({});', /QuickJS|SyntaxError/],
  ['export const p = () => /[a--b]/v.test("a");', /has a regular expression with the flag d or v, which only Node has/],
  ['export const p = () => /(?<a>x)|(?<a>y)/.test("a");', /SyntaxError/],
  [
    "const m = ['si', 'n'].join(''); const f = Reflect.get(Math, m); export const p = () => f;",
    /one of them uses Math\.sin/,
  ],
])('that QuickJS cannot run is none, and why is said: %s', async (text, why) => {
  write('program.ts', text);
  const said = await script();
  expect(said).toMatch(/^no: /);
  expect(said).toMatch(why);
});

describe('a bundle that does not come', () => {
  const never = 'for (;;);';
  const bundler = (text: string, limitMs?: number): Bundler => {
    write('bundler.ts', text);
    return new Bundler(join(folder, 'bundler.ts'), limitMs);
  };
  const going = () => false;

  test('since its process ends: an error of the machine, with what the system said', async () => {
    const says = "process.stderr.write('a panic\\nno thread: again later (os error 11)\\n'); process.abort();";
    await expect(bundler(says).bundle([], folder, going)).rejects.toMatchObject({
      kind: 'harness',
      code: 'NO_BUNDLE',
      message: expect.stringMatching(/ended by SIGABRT \(no thread: again later \(os error 11\)\)\.$/) as string,
    });
  });

  test('since it never ends: an error of the machine', async () => {
    const late = { kind: 'harness', code: 'NO_BUNDLE', message: expect.stringContaining('more than 0.3 s') as string };
    const slow = bundler(never, 300);
    await expect(slow.bundle([], folder, going)).rejects.toMatchObject(late);
    write('bundler.ts', `process.stdout.write('{"why":"it was asked again"}')`);
    await expect(slow.bundle([], folder, going), 'is waited for once').rejects.toMatchObject(late);
  });

  test('since what its process prints is none', async () => {
    const says = `process.stdout.write('{"script":1}')`;
    await expect(bundler(says).bundle([], folder, going)).rejects.toMatchObject({
      code: 'NO_BUNDLE',
      message: expect.stringContaining('is no bundle') as string,
    });
  });

  test('and its process gets nothing of the person’s shell', async () => {
    process.env['LOCKSTEP_TEST_SECRET'] = 'of a person';
    try {
      const says = `process.stdout.write(JSON.stringify({ why: Object.keys(process.env).join(' ') }))`;
      const told = await bundler(says).bundle([], folder, going);
      expect(told).toMatchObject({ why: expect.not.stringContaining('LOCKSTEP_TEST_SECRET') as string });
    } finally {
      delete process.env['LOCKSTEP_TEST_SECRET'];
    }
  });

  test('is not waited for after a Ctrl-C', async () => {
    await expect(bundler(never).bundle([], folder, () => true)).rejects.toBeInstanceOf(RunInterrupted);
  });
});
