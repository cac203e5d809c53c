// Do a scenario's database and queries mean something? Asked once, on the files that setup has made, before any run: a
// query that fails because it is misspelt must not become "acknowledged rows are gone". Programs may make the database or a
// table later, so what is missing there is looked for again at the end of a run without faults. What stays out: queries
// that fail later on, in a database that they once worked in: those are findings.
import type { Autopsy, History } from '../model/history.ts';
import { listed, scenarioError } from '../errors/scenario-error.ts';
import { lastSaid } from '../model/last-said.ts';
import type { Scenario } from '../model/scenario.ts';

/** What is missing in the files that setup has made, and may come in a run: a query's name, or the database itself. */
export type Missing = readonly string[] | 'database';

/** How the extended code says that there is no such file. */
const noFile = 'SQLITE_CANTOPEN';
/** What SQLite says of a name in a query that the schema does not have; it may have it later. */
const notYet = /^no such (table|column|index)\b/;

/**
 * @param autopsy of the files that setup has made
 * @throws an error of the scenario for a query that cannot be run on any database
 */
export function missingIn(scenario: Scenario, autopsy: Autopsy): Missing {
  if (autopsy.opened === noFile) return 'database';
  if (autopsy.opened !== 'ok') return [];
  return Object.entries(autopsy.queries).flatMap(([name, rows]) => {
    if (!('error' in rows)) return [];
    const { error, message = error } = rows;
    if (notYet.test(message)) return [name];
    throw queryError(scenario, name, `fails on the database that setup has made: ${message}`);
  });
}

/**
 * @param before the autopsy that `missing` is from
 * @param history of a run without faults
 * @throws an error of the scenario when what was missing has not come
 */
export function checkCame(scenario: Scenario, missing: Missing, before: Autopsy, history: History): void {
  const { autopsy, observations } = history;
  if (missing === 'database') {
    if (autopsy.opened !== noFile) return;
    throw scenarioError(
      scenario.name,
      `there is no file "${scenario.database}" after setup, and none at the end of a run without faults. Files there: ` +
        `${listed(autopsy.files.map(({ name }) => name))}.${wordsIn(history)}`,
      'Correct `database`, or let setup make it.',
    );
  }
  if (autopsy.opened !== 'ok') return;
  const rowsOf = new Set(
    observations.flatMap(({ kind, data }) => (kind === 'committed' ? [(data as { table?: unknown }).table] : [])),
  );
  for (const name of missing) {
    const rows = autopsy.queries[name];
    if (rows === undefined || !('error' in rows)) continue;
    // Where setup makes no table at all, a run may end before anybody has made one; but not with rows in it.
    if (before.tables.length === 0 && !rowsOf.has(name)) continue;
    const where = 'fails on the database that setup has made, and at the end of a run without faults';
    throw queryError(scenario, name, `${where}: ${rows.message ?? rows.error}`, wordsIn(history));
  }
}

/** What a program of the scenario's own printed on its standard error, which may say why it has made nothing. */
function wordsIn({ words: [first] = [] }: History): string {
  return first === undefined ? '' : ` Last on the standard error of ${first.process}: ${lastSaid(first.text)}.`;
}

function queryError(scenario: Scenario, name: string, says: string, more = ''): Error {
  const query = scenario.queries[name] ?? '';
  const what = typeof query === 'string' ? query : `keys of ${listed(query.map(({ table }) => table))}`;
  return scenarioError(
    scenario.name,
    `its query "${name}" (${what}) ${says}.${more}`,
    'Correct the query, or let setup make what it reads.',
  );
}
