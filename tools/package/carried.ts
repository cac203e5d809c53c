// What the published package carries of packages that are only sources to Lockstep: older SQLite versions and QuickJS. As
// dependencies they would compile themselves in everybody's project, three minutes in all, to no use. What stays out: where
// Lockstep looks for them (harness/engines/package-dir.ts).
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Of a better-sqlite3 release: SQLite, what it is compiled with, and the licence; SQLite itself is in the public domain. */
const sqliteFiles = ['LICENSE', 'deps/defines.gypi', 'deps/sqlite3/sqlite3.c', 'deps/sqlite3/sqlite3.h'] as const;

const quickjs = 'deps/quickjs_2021_03_27';

/** The engine, without its own programs and their library. */
const isQuickjsFile = (name: string): boolean => /^LICENSE$|^(?!qjs|quickjs-libc|run-test).*\.[ch]$/.test(name);

/** By package, as in node_modules: the files, from its folder. */
function carriedFiles(modules: string): ReadonlyMap<string, readonly string[]> {
  const releases = readdirSync(modules).filter((name) => /^better-sqlite3-\d/.test(name));
  const sources = readdirSync(join(modules, 'qjsc', quickjs)).filter(isQuickjsFile);
  return new Map([
    ...releases.map((name): [string, readonly string[]] => [name, sqliteFiles]),
    ['qjsc', sources.map((name) => `${quickjs}/${name}`)],
  ]);
}

/** @param modules the folder node_modules · @param to a folder, which gets one for each package */
export function carry(modules: string, to: string): void {
  for (const [name, files] of carriedFiles(modules)) {
    for (const file of files) {
      mkdirSync(dirname(join(to, name, file)), { recursive: true });
      copyFileSync(join(modules, name, file), join(to, name, file));
    }
  }
}
