// Histories judged by what a scenario declares. Its invariants and symptoms must read what there is, throw nothing and answer as
// they must, and its programs observe rows of a query that there is: else it is an error of the scenario. What stays out:
// what they find.
import type { History, Observation } from '../model/history.ts';
import { acknowledgedCommits } from './invariants/acknowledged-commits.ts';
import type { Invariant, Violation } from '../model/invariant.ts';
import { wholeTransactions } from './invariants/whole-transactions.ts';
import { askScenario, listed, scenarioError } from '../errors/scenario-error.ts';
import { quoted } from '../model/visible.ts';
import { type SymptomSeen, symptomsSeen } from './symptoms.ts';
import type { Symptom } from '../model/symptom.ts';
import type { Scenario } from '../model/scenario.ts';
import { checkDatabase } from './check-database.ts';
import { readable } from '../observe/scenario-marks.ts';

/** Kinds of observations that these invariants read (invariants/rows-present.ts). */
const rowKinds = ['committed', 'committing'] as const;
const readers: readonly Invariant[] = [acknowledgedCommits, wholeTransactions];

/** In small letters, none of them double: how a misspelt kind is told from one that means something else. */
const squeezed = (kind: string): string => kind.toLowerCase().replace(/(.)\1+/g, '$1');
const squeezedKinds: readonly string[] = rowKinds.map(squeezed);

/** Throws an error of the scenario when a program has observed rows in a way that no invariant can read. */
function checkObservations(scenario: Scenario, observations: readonly Observation[]): void {
  if (!scenario.invariants.some((one) => readers.includes(one))) return;
  for (const observation of observations) {
    const complaint = complaintOf(scenario, observation);
    if (complaint === undefined) continue;
    const { lane, step, kind } = observation;
    const where = `${lane} observed "${kind}" at step ${step}`;
    const remedy =
      "Correct the program's `observe`, or add the query: harness/judge/invariants/rows-present.ts has the shape.";
    throw scenarioError(scenario.name, `${where}, and ${complaint}.`, remedy);
  }
}

function complaintOf({ queries }: Scenario, { kind, data }: Observation): string | undefined {
  if (!(rowKinds as readonly string[]).includes(kind))
    return squeezedKinds.includes(squeezed(kind)) ? `what is read is ${rowKinds.join(' and ')}` : undefined;
  const { table, keys } = (typeof data === 'object' && data !== null ? data : {}) as {
    table?: unknown;
    keys?: unknown;
  };
  if (typeof table !== 'string' || !Array.isArray(keys))
    return `its data are ${quoted(JSON.stringify(data) ?? 'missing')}, not {table, keys: [...]}`;
  if (Object.hasOwn(queries, table)) return undefined;
  return `there is no query ${quoted(table)} to look the rows up with. Queries: ${listed(Object.keys(queries))}`;
}

/**
 * What a history violates of some of the scenario's invariants.
 *
 * @throws an error of the scenario when one of them cannot judge it
 */
export function judgedBy(scenario: Scenario, invariants: readonly Invariant[], history: History): readonly Violation[] {
  checkObservations(scenario, history.observations);
  checkDatabase(scenario, history);
  const seen = readable(scenario, history);
  return invariants.flatMap((invariant) => {
    const what = `its invariant "${invariant.name}"`;
    const found: unknown = askScenario(scenario.name, what, () => invariant.check(seen));
    if (isFindingOf(invariant, found)) return found;
    const remedy = `\`check\` gives a list of {invariant: "${invariant.name}", message, step}; \`invariant()\` makes one.`;
    throw scenarioError(scenario.name, `${what} answers ${quoted(JSON.stringify(found) ?? 'nothing')}.`, remedy);
  });
}

/** All that a history violates. @throws an error of the scenario when an invariant cannot judge it */
export function violationsOf(scenario: Scenario, history: History): readonly Violation[] {
  return judgedBy(scenario, scenario.invariants, history);
}

function isFindingOf({ name }: Invariant, found: unknown): found is readonly Violation[] {
  if (!Array.isArray(found)) return false;
  return (found as readonly (Partial<Violation> | null)[]).every(
    (one) => one?.invariant === name && typeof one.message === 'string',
  );
}

/** What the report saw, and whether a run saw it too. @throws as {@link seenBy} */
export function symptomsIn(scenario: Scenario, history: History): readonly SymptomSeen[] {
  const asked = scenario.symptoms.map((symptom): Symptom => {
    return { ...symptom, see: (seen) => seenBy(scenario, symptom, seen) };
  });
  return symptomsSeen(asked, history);
}

/** The evidence of a symptom, or undefined when it was not seen. */
export function seenBy(scenario: Scenario, symptom: Symptom, history: History): string | undefined {
  const what = `its symptom "${symptom.reported}"`;
  const evidence: unknown = askScenario(scenario.name, what, () => symptom.see(readable(scenario, history)));
  if (evidence === undefined || typeof evidence === 'string') return evidence;
  const remedy = '`see` gives the evidence as a sentence, or undefined.';
  throw scenarioError(scenario.name, `${what} answers ${quoted(JSON.stringify(evidence) ?? typeof evidence)}.`, remedy);
}
