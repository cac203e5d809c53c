// Reads the compile options of SQLite that a better-sqlite3 release uses. What stays out: other gyp files.

/**
 * The defines in a better-sqlite3 `deps/defines.gypi`, such as `SQLITE_DQS=0`, in their order. The file is generated
 * (deps/download.sh): one single-quoted define a line.
 */
export function readDefines(gypi: string): readonly string[] {
  return Array.from(gypi.matchAll(/^\s*'([A-Z0-9_]+(?:=[^']*)?)',$/gm), (match) => match[1] ?? '');
}
