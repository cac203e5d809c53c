// An installation that something has damaged, tried on a copy: a sentence that ends in `npm ci`, and never another engine.
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { type DirectoryResult, dir } from 'tmp-promise';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { catalogue } from './catalogue.ts';
import { installedDigests } from './installed-digests.ts';
import { installedFile, packageDir } from './package-dir.ts';
import { prebuiltBinding } from './prebuilt.ts';
import { longButFirst } from '../testing/long.test-support.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let copy: DirectoryResult;
const at = (...names: string[]): string => path.join(copy.path, ...names);

/** The packages of our own dependencies are copied, since Node follows a link to where the whole ones are. */
beforeEach(async () => {
  copy = await dir({ unsafeCleanup: true });
  cpSync(path.join(root, 'harness'), at('harness'), { recursive: true, filter: (file) => !file.endsWith('.test.ts') });
  writeFileSync(at('package.json'), '{"type":"module"}');
  mkdirSync(at('node_modules'));
  for (const name of [
    'execa',
    'fastest-levenshtein',
    'zod',
    'koffi',
    'node-addon-api',
    'node-api-headers',
    'better-sqlite3-3.51.2',
  ])
    symlinkSync(path.join(root, 'node_modules', name), at('node_modules', name));
  for (const name of ['better-sqlite3', 'better-sqlite3-3.50.4'])
    cpSync(path.join(root, 'node_modules', name), at('node_modules', name), { recursive: true });
});

afterEach(async () => {
  await copy.cleanup();
});

/** Status of an engine, and the code and remedy of what goes wrong with it; or of what goes wrong with the gate. */
async function ask(what: string): Promise<unknown> {
  const href = (file: string): string => pathToFileURL(at('harness', file)).href;
  const script = `
    const { engineStatus, ensureEngines } = await import('${href('engines/ensure.ts')}');
    const { gatePath } = await import('${href('gate/build.ts')}');
    const answer = ${what === 'gate'} ? [] : [engineStatus('${what}')];
    await (${what === 'gate'} ? gatePath() : ensureEngines(['${what}'])).then(
      () => answer.push('works'),
      ({ code, remedy, stack }) => answer.push(code ?? stack, remedy));
    console.log(JSON.stringify(answer));`;
  const args = ['--no-warnings', '--input-type=module', '-e', script];
  const env = { LOCKSTEP_CACHE: at('cache'), CC: '/bin/false', CXX: '/bin/false' };
  return JSON.parse((await execa(process.execPath, args, { env })).stdout);
}

const reinstall = expect.stringContaining('npm ci');

test('the copy works as long as it is whole', async () => {
  expect(await ask('3.54.1')).toEqual(['ready', 'works']);
  expect(await ask('3.50.4')).toEqual(['needs-build', 'COMPILE_FAILED', expect.anything()]);
});

test('a shipped binding that was cut, emptied or changed', async () => {
  const file = at('node_modules', 'better-sqlite3', 'prebuilds', path.basename(prebuiltBinding() ?? ''));
  const bytes = readFileSync(file);
  bytes[1000] = (bytes[1000] ?? 0) ^ 1;
  for (const damage of [() => writeFileSync(file, bytes), () => truncateSync(file, 1000), () => truncateSync(file)]) {
    damage();
    expect(await ask('3.54.1')).toEqual(['needs-reinstall', 'INSTALLATION_DAMAGED', reinstall]);
  }
});

test.each([
  ['deps/sqlite3/sqlite3.c', 'SOURCE_MISMATCH'],
  ['deps/sqlite3/sqlite3.h', 'INSTALLATION_DAMAGED'],
  ['deps/defines.gypi', 'INSTALLATION_DAMAGED'],
])('%s that was emptied is not compiled', longButFirst, async (file, code) => {
  truncateSync(at('node_modules', 'better-sqlite3-3.50.4', file));
  expect(await ask('3.50.4')).toEqual(['needs-build', code, reinstall]);
});

test.each(['sqlite3.h', 'sqlite3ext.h'])(
  'the gate is not compiled with a %s that was cut',
  longButFirst,
  async (file) => {
    truncateSync(at('node_modules', 'better-sqlite3', 'deps', 'sqlite3', file), 1000);
    expect(await ask('gate')).toEqual(['INSTALLATION_DAMAGED', reinstall]);
  },
);

test.each([
  ['better-sqlite3-3.50.4', '3.50.4'],
  ['better-sqlite3-3.50.4/deps/sqlite3/sqlite3.c', '3.50.4', 'needs-build'],
  ['better-sqlite3-3.50.4/deps/defines.gypi', '3.50.4'],
  ['better-sqlite3/package.json', '3.54.1'],
  ['better-sqlite3/lib/binding.js', '3.54.1'],
  ['node-addon-api', '3.50.4'],
])('%s is missing', longButFirst, async (name, engine, status = 'needs-reinstall') => {
  rmSync(at('node_modules', name), { recursive: true });
  expect(await ask(engine)).toEqual([status, expect.stringMatching(/^INSTALLATION_DAMAGED$|^SOURCE_/), reinstall]);
});

test('what is installed here is what is pinned, and all that is used is pinned', () => {
  for (const pinned of Object.keys(installedDigests)) {
    const [name = '', ...file] = pinned.split('/');
    expect(installedFile(name, file.join('/'))).toBe(path.join(packageDir(name), ...file));
  }
  for (const { installedAs } of catalogue)
    if (installedAs !== undefined) expect(installedDigests).toHaveProperty([`${installedAs}/deps/defines.gypi`]);
});
