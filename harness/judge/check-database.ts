// Do the programs of a scenario work on its database, where they are commands or somebody's own? A program that opens another one, or none, could do no harm to it in any run, and a pass
// would rest on nothing. What stays out: a database that is not there (run/check-queries.ts).
import { listed, scenarioError } from '../errors/scenario-error.ts';
import { askedToEnd, type History } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';

/** Why a program may not have come so far as to open its database: what other invariants tell, or a fault has brought about. */
function mayBeEarly(history: History): boolean {
  const { deaths, endings, strikes } = history;
  const asked = askedToEnd(history);
  return (
    strikes.length > 0 ||
    deaths.some(({ step }) => step < asked) ||
    endings.some(({ ending }) => ending.how === 'threw')
  );
}

/** @throws an error of the scenario when all programs of a run ended well, and none has read or written its database */
export function checkDatabase({ name, database, own }: Scenario, history: History): void {
  const { commands, databases, end } = history;
  if ((commands.length === 0 && own === undefined) || databases.includes(database)) return;
  if (mayBeEarly(history) || end === 'cut off') return;
  throw scenarioError(
    name,
    `none of its programs read or wrote "${database}" in a run without faults. Databases that they worked on: ${listed(databases)}.`,
    'Correct `database`, or what the programs are told to open; one in memory, or outside of the folder of the run, is not followed.',
  );
}
