// The board's statements in PostgreSQL's dialect.
import { expect, test } from 'vitest';
import { onPostgres } from './dialect.ts';

test.each([
  ['SELECT a FROM t WHERE b = ? AND c > ?', 'SELECT a FROM t WHERE b = $1 AND c > $2 ORDER BY 1'],
  ['SELECT a FROM t ORDER BY b DESC', 'SELECT a FROM t ORDER BY b DESC, 1'],
  [
    'SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u ORDER BY b)',
    'SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u ORDER BY b) ORDER BY 1',
  ],
  ['WITH x AS (SELECT ?) SELECT a FROM x', 'WITH x AS (SELECT $1) SELECT a FROM x'],
  ['UPDATE t SET a = ? WHERE b IS ?', 'UPDATE t SET a = $1 WHERE b IS NOT DISTINCT FROM $2'],
  ['DELETE FROM t WHERE (? IS NULL OR a = ?)', 'DELETE FROM t WHERE ($1::text IS NULL OR a = $2)'],
  ['INSERT OR IGNORE INTO t(a) VALUES(?)', 'INSERT INTO t(a) VALUES($1) ON CONFLICT DO NOTHING'],
  ['INSERT INTO task_runs(a) VALUES(?)', 'INSERT INTO task_runs(a) VALUES($1) RETURNING id'],
  ['INSERT INTO tasks(a) VALUES(?)', 'INSERT INTO tasks(a) VALUES($1)'],
])('%s', (sql, expected) => {
  expect(onPostgres(sql)).toBe(expected);
  expect(onPostgres(sql)).toBe(expected); // it is kept
});
