import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readDefines } from './defines.ts';
import { packageDir } from './package-dir.ts';

test.each(['better-sqlite3', 'better-sqlite3-3.50.4', 'better-sqlite3-3.51.2'])('finds every define of %s', (name) => {
  const text = readFileSync(path.join(packageDir(name), 'deps', 'defines.gypi'), 'utf8');
  const defines = readDefines(text);
  expect(defines).toHaveLength(
    text.split('\n').filter((line) => line.trim().startsWith("'") && line.trim().endsWith("',")).length,
  );
  expect(defines).toContain('SQLITE_THREADSAFE=2');
  expect(defines).toContain('SQLITE_DEFAULT_CACHE_SIZE=-16000');
  expect(defines).toContain('SQLITE_OMIT_SHARED_CACHE');
});
