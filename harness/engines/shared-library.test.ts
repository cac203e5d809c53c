// The engines as shared libraries: what they were compiled with. What stays out: what runs on them.
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { sharedLibrary } from './shared-library.ts';

const options = `
import sqlite3
print("\\n".join(row[0] for row in sqlite3.connect(":memory:").execute("PRAGMA compile_options")))`;

/** What Debian's Python says its SQLite was compiled with, but for limits whose default changes with versions; that of a folder, or the system's. */
function compiledWith(folder?: string): readonly string[] {
  const env = folder === undefined ? {} : { LD_LIBRARY_PATH: folder };
  const said = execFileSync('/usr/bin/python3', ['-I', '-c', options], { env, encoding: 'utf8' });
  return said
    .trim()
    .split('\n')
    .filter((option) => !/^(COMPILER|MAX_(?!VARIABLE))/.test(option));
}

test('a program finds what it finds in the libsqlite3 of Debian, and what `.recover` needs', async () => {
  const [debian, ours] = [compiledWith(), compiledWith(await sharedLibrary('3.54.1'))];
  expect(debian).toContain('ENABLE_PREUPDATE_HOOK');
  expect(debian.filter((option) => !ours.includes(option))).toEqual([]);
  const sinceDebian = ['DIRECT_OVERFLOW_READ']; // a default of later versions
  expect(ours.filter((option) => !debian.includes(option))).toEqual([...sinceDebian, 'ENABLE_DBPAGE_VTAB']);
}, 300_000);
