// What an earlier comparison left in its folder is kept, whatever it is.
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dir } from 'tmp-promise';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readResults } from '../reports/read-results.ts';
import { documentOf, failing } from '../reports/testing/cells.test-support.ts';
import { type Held, holdFolder } from './hold-folder.ts';
import { Store } from './store.ts';

const [plan, evidence] = ['plans/wal-reset-wal-3.50.4.json', 'evidence/wal-reset-wal-3.50.4.json'];
const document = documentOf([failing({ plan, evidence, full: null })]);
let folder: string;
let held: Held;
let store: Store;
let cleanup: () => Promise<void>;

beforeEach(async () => {
  ({ path: folder, cleanup } = await dir({ unsafeCleanup: true }));
  held = holdFolder(folder);
  store = new Store(folder, held);
});
afterEach(async () => {
  held[Symbol.dispose]();
  await cleanup();
});

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

function leave(): void {
  store.keepResults(document);
  for (const file of [plan, evidence, 'index.html']) write(file, file);
}

/** What stands in the folder, without its lock. */
const here = (): readonly string[] => readdirSync(folder).filter((name) => !name.startsWith('.'));

test('results, page, plans and evidence move together, under the time of the run', () => {
  leave();
  write('plans/mine.json', 'mine');
  const kept = store.setAside() ?? '';
  expect(kept).toBe(join(folder, 'earlier', document.about.at.replace('.000', '').replaceAll(':', '-')));
  for (const file of [plan, evidence, 'index.html']) expect(readFileSync(join(kept, file), 'utf8')).toBe(file);
  expect(readResults(readFileSync(join(kept, 'results.json'), 'utf8'), 'kept')).toEqual(document);
  expect(here()).toEqual(['earlier', 'plans']);
  expect(readFileSync(join(folder, 'plans/mine.json'), 'utf8')).toBe('mine');
  expect(store.setAside()).toBeUndefined();
});

test('another one of the same time has a folder of its own; one that was cut short is gone on with', () => {
  leave();
  const first = store.setAside() ?? '';
  leave();
  const second = store.setAside() ?? '';
  expect(second).toBe(`${first}-2`);
  expect(existsSync(join(second, evidence))).toBe(true);
  store.keepResults(document);
  write(join('earlier', `${second.split('/').at(-1)?.replace(/2$/, '3')}`, 'index.html'), 'moved before the blow');
  expect(store.setAside()).toBe(`${first}-3`);
  expect(readdirSync(`${first}-3`).toSorted()).toEqual(['index.html', 'results.json']);
});

test.each([
  ['results of nobody knows which version', 'results.json'],
  ["somebody's own page", 'index.html'],
])('%s are kept as well, under the time of the file', (_what, file) => {
  write(file, 'precious');
  utimesSync(join(folder, file), new Date(0), new Date(0));
  expect(store.setAside()).toBe(join(folder, 'earlier/1970-01-01T00-00-00Z'));
  expect(readFileSync(join(folder, 'earlier/1970-01-01T00-00-00Z', file), 'utf8')).toBe('precious');
});

test('a file that two cells name moves once', () => {
  const two = documentOf([
    failing({ plan, evidence: null, full: null }),
    failing({ strategy: 'delete', plan, evidence: null, full: null }),
  ]);
  store.keepResults(two);
  write(plan, 'of both');
  const kept = store.setAside() ?? '';
  expect(readFileSync(join(kept, plan), 'utf8')).toBe('of both');
  expect(existsSync(join(folder, 'results.json'))).toBe(false);
});

test('a comparison that found nothing leaves nothing to keep', () => {
  store.keepResults({ ...document, cells: [], costs: [] });
  expect(store.setAside()).toBeUndefined();
});

test('a link does not lead it out of the folder', async () => {
  const outside = await dir({ unsafeCleanup: true });
  symlinkSync(outside.path, join(folder, 'earlier'));
  leave();
  expect(() => store.setAside()).toThrow(expect.objectContaining({ code: 'OUT_LINKED' }));
  expect(readdirSync(outside.path)).toEqual([]);
  await outside.cleanup();
});
