// The autopsy of a run's database on a server: the scenario's queries, and what amcheck says of tables and indexes, by the server itself
// after its own recovery, in a connection of ours. What stays out: the autopsy of a file of SQLite's (observe/).
import type { Autopsy, TableCount, Unread } from '../model/history.ts';
import type { Queries, QueryPart } from '../model/queries.ts';
import type { Json, Row } from '../model/values.ts';
import type { Client, Outcome } from './libpq.ts';

function sqlOf({ prefix, key, table }: QueryPart): string {
  return `SELECT '${prefix.replaceAll("'", "''")}' || (${key}) FROM "${table.replaceAll('"', '""')}"`;
}

function valuesOf(row: Row): readonly Json[] {
  return Object.values(row) as readonly Json[];
}

function queriesOf(client: Client, queries: Queries): Pick<Autopsy, 'queries' | 'unread'> {
  const found: { [name: string]: Autopsy['queries'][string] } = {};
  const unread: Unread[] = [];
  for (const [query, given] of Object.entries(queries)) {
    const parts =
      typeof given === 'string'
        ? [{ table: null, prefix: '', outcome: client.query(given) }]
        : given.map((part) => ({ ...part, outcome: client.query(sqlOf(part)) }));
    const rows = parts.flatMap(({ outcome }) => ('rows' in outcome ? outcome.rows.map(valuesOf) : []));
    const failed = parts.flatMap(({ table, prefix, outcome }) =>
      'rows' in outcome
        ? []
        : [{ query, table, prefix, error: `SQLSTATE_${outcome.sqlstate}`, message: outcome.message }],
    );
    const [first] = failed;
    found[query] = first === undefined ? rows : { error: first.error, message: first.message, rows };
    unread.push(...failed.map(({ query: name, table, prefix, error }) => ({ query: name, table, prefix, error })));
  }
  return { queries: found, unread };
}

function rowsOf(outcome: Outcome): readonly Row[] {
  return 'rows' in outcome ? outcome.rows : [];
}

/** What a check says that found something, or could not be done. */
function complaintsOf(outcome: Outcome): readonly string[] {
  if ('sqlstate' in outcome) return [`SQLSTATE_${outcome.sqlstate}: ${outcome.message}`];
  return outcome.rows.map((row) => valuesOf(row).map(String).join(' ')).filter((text) => text !== '');
}

/** amcheck: every index against its table, every table's rows. Nothing is said where the server has it not: it is an optional part (server.ts). */
function integrityOf(client: Client): readonly string[] {
  if (rowsOf(client.query("SELECT 1 FROM pg_extension WHERE extname = 'amcheck'")).length === 0) return [];
  const complaints = [
    `SELECT relname, v.blkno, v.offnum, v.attnum, v.msg FROM pg_class, verify_heapam(oid) AS v
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1, 2, 3`,
    `SELECT bt_index_check(indexrelid, true)::text FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
     WHERE relnamespace = 'public'::regnamespace AND amname = 'btree' ORDER BY relname`,
  ].flatMap((sql) => complaintsOf(client.query(sql)));
  return complaints.length === 0 ? ['ok'] : complaints;
}

function tablesOf(client: Client): readonly TableCount[] {
  const names = client.query(
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1",
  );
  return rowsOf(names).map(({ relname }) => {
    const table = String(relname);
    const counted = client.query(`SELECT count(*) AS n FROM "${table.replaceAll('"', '""')}"`);
    const rows = 'rows' in counted ? Number(counted.rows[0]?.['n'] ?? 0) : { error: `SQLSTATE_${counted.sqlstate}` };
    return { table, rows, indexes: [] };
  });
}

/** @param client of a user who may read all */
export function examine(client: Client, queries: Queries): Autopsy {
  const integrity = integrityOf(client);
  return {
    files: [],
    before: { hotJournal: false, walPages: 0, opened: 'ok', integrity },
    opened: 'ok',
    integrity,
    quick: [], // there is none on a server
    foreignKeys: 0, // the server holds them by itself
    tables: tablesOf(client),
    ...queriesOf(client, queries),
  };
}
