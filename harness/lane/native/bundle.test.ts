// What makes a bundle, and what is said of a program that makes none.
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundlePrograms, Unbundled } from './bundle.ts';

let folder: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'bundle-')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function bundled(text: string): Promise<string> {
  const file = join(folder, 'program.ts');
  writeFileSync(file, text);
  const bundle = await bundlePrograms([pathToFileURL(file).href]);
  return bundle instanceof Unbundled ? `no: ${bundle.why.replaceAll(folder, '.')}` : bundle.script;
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
  ["export const p = () => Buffer.from('a').toString('hex');", 'uses Buffer, which only Node has'],
  ["export const p = () => new URL('file:///a').href;", 'uses URL, which only Node has'],
  ["export const p = () => 'a'.localeCompare('b');", 'uses localeCompare, which only Node has'],
  ['export const p = () => Math.sin(1);', 'uses Math.sin, which only Node has'],
  ['export const p = () => new Error().stack;', 'uses stack, which only Node has'],
  ['export const p = () => new Intl.NumberFormat().format(1);', 'uses Intl, which only Node has'],
])('a program that the native host cannot run is none of it, and why is said: %s', async (text, why) => {
  expect(await bundled(text)).toBe(`no: ./program.ts ${why}`);
});

test('what does not parse is said, too', async () => {
  expect(await bundled('export const = 1;')).toMatch(/^no: /);
});

test('names that a program has of its own are its own', async () => {
  const script = await bundled('export const p = (process: { pid: number }) => process.pid;');
  expect(script).not.toMatch(/^no: /);
});

test('a function keeps its name, whatever else is called so', async () => {
  writeFileSync(join(folder, 'other.ts'), 'export function retry() {} export const names = () => retry.name;');
  const script = await bundled(
    "import { names } from './other.ts'; function retry() {} export const p = () => names() + retry.name;",
  );
  expect(script).toMatch(/retry\$1, "retry"/);
});

test('what a module is called by is what it is told', async () => {
  expect(await bundled('export const p = () => import.meta.url;')).toContain(
    pathToFileURL(join(folder, 'program.ts')).href,
  );
});

test('is strict, as the modules are that it is made of', async () => {
  expect(await bundled('export function program() {}')).toMatch(/^'use strict';/);
});
