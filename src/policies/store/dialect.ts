// Statements of SQLite's dialect, as far as the board's operations use it, in PostgreSQL's. What stays out: the schema (programs/board).

/** Tables whose rows get their number from the server. */
const numbered = /^\s*INSERT INTO (task_runs|task_events|task_comments)\b/;

const translated = new Map<string, string>();

function translate(sql: string): string {
  let parameters = 0;
  const text = sql
    .replaceAll(/\bIS \?/g, 'IS NOT DISTINCT FROM ?')
    .replaceAll(/\? IS NULL/g, '?::text IS NULL') // else nobody says of which type it is
    .replaceAll('?', () => `$${++parameters}`)
    .replace(/^\s*INSERT OR IGNORE INTO (.*)$/s, 'INSERT INTO $1 ON CONFLICT DO NOTHING');
  return numbered.test(text) ? `${text} RETURNING id` : text;
}

/** @param sql with `?` for parameters */
export function onPostgres(sql: string): string {
  const known = translated.get(sql) ?? translate(sql);
  translated.set(sql, known);
  return known;
}
