// Statements of SQLite's dialect, as far as the board's operations use it, in PostgreSQL's. What stays out: the schema (programs/board).

/** Tables whose rows get their number from the server. */
const numbered = /^\s*INSERT INTO (task_runs|task_events|task_comments)\b/;

/**
 * The order of rows is total: of those that no ORDER BY tells apart the server gives first what lies first, and where a row lies depends on which
 * of its processes wrote it. The first column is a key wherever several rows can come.
 */
function ordered(sql: string): string {
  if (!/^\s*SELECT\b/.test(sql)) return sql;
  return /\bORDER BY\b[^()]*$/.test(sql) ? `${sql}, 1` : `${sql} ORDER BY 1`;
}

const translated = new Map<string, string>();

function translate(sql: string): string {
  let parameters = 0;
  const text = sql
    .replaceAll(/\bIS \?/g, 'IS NOT DISTINCT FROM ?')
    .replaceAll(/\? IS NULL/g, '?::text IS NULL') // else nobody says of which type it is
    .replaceAll('?', () => `$${++parameters}`)
    .replace(/^\s*INSERT OR IGNORE INTO (.*)$/s, 'INSERT INTO $1 ON CONFLICT DO NOTHING');
  return numbered.test(text) ? `${text} RETURNING id` : ordered(text);
}

/** @param sql with `?` for parameters */
export function onPostgres(sql: string): string {
  const known = translated.get(sql) ?? translate(sql);
  translated.set(sql, known);
  return known;
}
