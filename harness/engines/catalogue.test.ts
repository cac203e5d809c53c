import { expect, test } from 'vitest';
import { catalogue, DEFAULT_ENGINE, PREBUILT_ENGINE } from './catalogue.ts';
import { hasWalResetBug } from './wal-reset-bug.ts';

test('every entry says of the WAL-reset bug what the version numbers say', () => {
  for (const entry of catalogue)
    expect([entry.name, entry.walResetBug]).toEqual([entry.name, hasWalResetBug(entry.name)]);
});

test('names, releases and hashes are each unique', () => {
  for (const field of ['name', 'release', 'sha256'] as const) {
    expect(new Set(catalogue.map((entry) => entry[field])).size).toBe(catalogue.length);
  }
});

test('the default and the prebuilt engine are in the catalogue and come with the installation', () => {
  for (const name of [DEFAULT_ENGINE, PREBUILT_ENGINE]) {
    expect(catalogue.find((entry) => entry.name === name)?.installedAs).toBeDefined();
  }
});
