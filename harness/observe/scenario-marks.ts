// A scenario's own marks, and the history as functions of a scenario read it. What stays out: what they find.
import { askScenario, listed, scenarioError } from '../errors/scenario-error.ts';
import type { History } from '../model/history.ts';
import type { Scenario, ScenarioMark } from '../model/scenario.ts';
import { marks as generalMarks } from './marks/catalogue.ts';

/** The general marks and the scenario's own. */
export function withMarks(scenario: Scenario, history: History): History {
  const { marks = [], name } = scenario;
  const seen = readable(scenario, history);
  const counted = marks.map((mark): [string, number] => [mark.name, countOf(name, mark, seen)]);
  return { ...history, marks: { ...history.marks, ...Object.fromEntries(counted) } };
}

function countOf(scenario: string, mark: ScenarioMark, history: History): number {
  const what = `its mark "${mark.name}"`;
  const count: unknown = askScenario(scenario, what, () => mark.count(history));
  if (typeof count === 'number' && count >= 0) return count;
  throw scenarioError(
    scenario,
    `${what} counts ${String(count)}.`,
    '`count` says how often it was reached, 0 for never.',
  );
}

/** The history as functions of a scenario read it: the name of a query or a mark that there is none of is an error. */
export function readable(scenario: Scenario, history: History): History {
  const { autopsy, marks } = history;
  const markNames = [...generalMarks, ...(scenario.marks ?? [])].map(({ name }) => name);
  return {
    ...history,
    marks: strict(marks, markNames, scenario, 'mark'),
    autopsy: { ...autopsy, queries: strict(autopsy.queries, Object.keys(scenario.queries), scenario, 'query') },
  };
}

function strict<T extends object>(given: T, names: readonly string[], { name: scenario }: Scenario, kind: string): T {
  return new Proxy(given, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (value !== undefined || typeof name !== 'string' || names.includes(name) || name === 'toJSON') return value;
      throw scenarioError(
        scenario,
        `a function of it reads the ${kind} "${name}", which there is not. Known are ${listed(names)}.`,
        `Correct the name, or add the ${kind}.`,
      );
    },
  });
}
