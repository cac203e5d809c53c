// A scenario's own marks, and the history as functions of a scenario read it. What stays out: what they find.
import { askScenario, listed, scenarioError } from '../errors/scenario-error.ts';
import type { History } from '../model/history.ts';
import { type Operation, operations } from '../model/operations.ts';
import type { RawRecord } from '../model/record.ts';
import type { HistoryMark, Scenario, ScenarioMark } from '../model/scenario.ts';
import type { StepLane, StepSink, TraceStep } from '../model/step.ts';
import { marks as generalMarks } from './marks/catalogue.ts';
import { traceStep } from './trace.ts';

function isHistoryMark(mark: ScenarioMark): mark is HistoryMark {
  return 'count' in mark;
}

/** A mark as it is looked for in one run. */
interface Sought {
  readonly name: string;
  readonly at: readonly Operation[];
  reached(step: TraceStep): boolean;
}

/** Counts how often a scenario's own marks are reached that steps show. */
export class StepMarkCounter implements StepSink {
  readonly #scenario: string;
  readonly #counts: Map<string, number>;
  /** By the number of each operation at which they can be reached. */
  readonly #byOperation: readonly (readonly Sought[])[];

  constructor({ name, marks = [] }: Scenario) {
    const own = marks.flatMap((mark): Sought[] => {
      if (isHistoryMark(mark)) return [];
      if ('reached' in mark) return [mark];
      const reached = askScenario(name, `its mark "${mark.name}"`, () => mark.watch());
      return [{ name: mark.name, at: mark.at, reached }];
    });
    this.#scenario = name;
    this.#counts = new Map(own.map((mark) => [mark.name, 0]));
    this.#byOperation = operations.map((operation) => own.filter(({ at }) => at.includes(operation)));
  }

  see(step: number, record: Readonly<RawRecord>, lane: StepLane, nowMs: number): void {
    const own = this.#byOperation[record.op] ?? [];
    if (own.length === 0) return;
    const told = traceStep(step, record, lane, nowMs);
    for (const mark of own) {
      const reached = askScenario(this.#scenario, `its mark "${mark.name}"`, () => mark.reached(told));
      if (reached) this.#counts.set(mark.name, (this.#counts.get(mark.name) ?? 0) + 1);
    }
  }

  counts(): { readonly [name: string]: number } {
    return Object.fromEntries(this.#counts);
  }
}

/** Beside the marks that steps have shown, the scenario's own that the history shows. */
export function withMarks(scenario: Scenario, history: History): History {
  const { marks = [], name } = scenario;
  const seen = readable(scenario, history);
  const counted = marks
    .filter((mark) => isHistoryMark(mark))
    .map((mark): [string, number] => [mark.name, countOf(name, mark, seen)]);
  return { ...history, marks: { ...history.marks, ...Object.fromEntries(counted) } };
}

function countOf(scenario: string, mark: HistoryMark, history: History): number {
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
