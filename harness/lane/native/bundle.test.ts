// What makes a bundle, and what is said of a program that makes none.
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RunInterrupted } from '../../errors/interrupted.ts';
import { bundlePrograms, inTime, Unbundled } from './bundle.ts';

let folder: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'bundle-')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function bundled(text: string): Promise<string> {
  const file = join(folder, 'program.ts');
  writeFileSync(file, text);
  const script = await bundlePrograms([pathToFileURL(file).href]);
  return script instanceof Unbundled ? `no: ${script.why.replaceAll(folder, '.')}` : script;
}

test.each([
  [
    "import { readFileSync } from 'node:fs'; export const p = () => readFileSync('/');",
    'imports node:fs, which only Node has',
  ],
  ["import { join } from 'path'; export const p = () => join('a');", 'imports path, which only Node has'],
  ["import x from 'nowhere'; export const p = () => x;", 'imports nowhere, which is not to be found'],
  ["import x from './nowhere.ts'; export const p = () => x;", 'imports ./nowhere.ts, which is not to be found'],
  ["export const p = () => import('node:os');", 'imports node:os, which only Node has'],
  ['export const p = () => import.meta.dirname;', 'uses __dirname, which only Node has'],
  ['export const p = () => process.pid;', 'uses process, which only Node has'],
  ['export const p = () => setTimeout(() => {}, 1);', 'uses setTimeout, which only Node has'],
  ['export const p = () => new Intl.NumberFormat().format(1);', 'uses Intl, which only Node has'],
])('a program that the native host cannot run is none of it, and why is said: %s', async (text, why) => {
  expect(await bundled(text)).toBe(`no: ./program.ts ${why}`);
});

test('what does not parse is said, too', async () => {
  expect(await bundled('export const = 1;')).toMatch(/^no: /);
});

test('names that a program has of its own are its own, and a global is put in where it is named', async () => {
  const script = await bundled(
    'export const p = (process: { pid: number }) => process.pid + Buffer.byteLength("x") + new URL("file:///a").href;',
  );
  expect(script).not.toMatch(/^no: /);
  expect(script).toContain('URLSearchParams');
  expect(await bundled('export const p = () => 1;')).not.toContain('URLSearchParams');
});

test('what a module is called by is what it is told', async () => {
  expect(await bundled('export const p = () => import.meta.url;')).toContain(
    pathToFileURL(join(folder, 'program.ts')).href,
  );
});

test('is strict, as the modules are that it is made of', async () => {
  expect(await bundled('export function program() {}')).toMatch(/^'use strict';/);
});

describe('a bundle that never comes', () => {
  const never = new Promise<string>(() => {});

  test('is an error of the machine', async () => {
    await expect(inTime(never, () => false, 100)).rejects.toMatchObject({ kind: 'harness', code: 'NO_BUNDLE' });
  });

  test('is not waited for after a Ctrl-C', async () => {
    await expect(inTime(never, () => true)).rejects.toBeInstanceOf(RunInterrupted);
  });
});
