// What planted bugs ask of a history. Bundled with their programs, so it imports types only.
import type { History } from '../../harness/model/history.ts';
import type { Json } from '../../harness/model/values.ts';

/** Rows of a query; none where it could not be read. */
export function rowsOf({ autopsy }: History, query: string): readonly (readonly Json[])[] {
  const rows: { readonly [name: string]: unknown } = autopsy.queries;
  const found = rows[query];
  return Array.isArray(found) ? (found as readonly (readonly Json[])[]) : [];
}

/** The first observation of a kind: of which lane, and what it said, as text. */
export function firstSaid(
  { observations }: History,
  wanted: string,
): { readonly lane: string; readonly said: string } | undefined {
  const found = observations.find(({ kind }) => kind === wanted);
  if (found === undefined) return undefined;
  const { lane, data } = found;
  return { lane, said: typeof data === 'string' ? data : JSON.stringify(data) };
}

/** Of a number that each addition keeps one higher, the last must be as many as were kept (counted.program.ts). */
export function brokenCount({ observations }: History): string | undefined {
  const kept = observations.filter(({ kind }) => kind === 'kept');
  const last = Number(kept.at(-1)?.data ?? 0);
  return last === kept.length ? undefined : `the file says ${last} after ${kept.length} additions`;
}
