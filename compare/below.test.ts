// Files of a comparison's folder stay in it: a folder from elsewhere may hold links to anywhere, and nothing is read,
// moved or written through them.
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dir } from 'tmp-promise';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { documentOf, failing } from '../reports/testing/cells.test-support.ts';
import { holdFolder } from './hold-folder.ts';
import { leadsElsewhere } from './below.ts';
import { Store } from './store.ts';

const file = 'plans/wal-unlink-wedge-wal-3.50.4.json';
let outside: string;
let folder: string;
let cleanup: () => Promise<void>;

beforeEach(async () => {
  const made = await dir({ unsafeCleanup: true });
  cleanup = made.cleanup;
  [outside, folder] = [join(made.path, 'outside'), join(made.path, 'out')];
  for (const path of [join(outside, 'plans'), folder]) mkdirSync(path, { recursive: true });
  writeFileSync(join(outside, file), 'precious');
});
afterEach(() => cleanup());

test('a folder or a file that is a link leads elsewhere; what is not there yet does not', () => {
  expect(leadsElsewhere(folder, file)).toBe(false);
  mkdirSync(join(folder, 'plans'));
  expect(leadsElsewhere(folder, file)).toBe(false);
  symlinkSync(join(outside, file), join(folder, file));
  expect(leadsElsewhere(folder, file)).toBe(true);
  symlinkSync(join(outside, 'plans'), join(folder, 'evidence'));
  expect(leadsElsewhere(folder, 'evidence/new.json')).toBe(true);
  symlinkSync(join(outside, 'nothing'), join(folder, 'results.json'));
  expect(leadsElsewhere(folder, 'results.json')).toBe(true);
  expect(leadsElsewhere(join(folder, 'missing'), file)).toBe(false);
});

test('nothing is moved or written through a link', () => {
  symlinkSync(join(outside, 'plans'), join(folder, 'plans'));
  using held = holdFolder(folder);
  const store = new Store(folder, held);
  store.keepResults(documentOf([failing({ plan: file })]));
  const kept = store.setAside() ?? '';
  expect(existsSync(join(kept, 'results.json'))).toBe(true);
  expect(existsSync(join(kept, file))).toBe(false);
  expect(() => store.write(file, 'ours')).toThrow(expect.objectContaining({ code: 'OUT_LINKED', kind: 'usage' }));
  expect(readFileSync(join(outside, file), 'utf8')).toBe('precious');
  store.write('results.json', 'ours');
  expect(existsSync(join(folder, 'results.json'))).toBe(true);
});
