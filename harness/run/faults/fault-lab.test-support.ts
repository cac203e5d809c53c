// The laboratory of the fault tests: runs a few processes under faults, twice each time, and gives back all there is to
// see. What stays out: what any one fault should do.
import { afterAll, beforeAll, expect } from 'vitest';
import type { Coordinator } from '../coordinator.ts';
import { violationsOf } from '../../judge/judge-history.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { History } from '../../model/history.ts';
import type { TraceStep } from '../../observe/trace.ts';
import type { Violation } from '../../model/invariant.ts';
import type { StartProcess } from '../../model/process.ts';
import { coordinatorOf, planOf, scenarioOf, StepKeeper } from '../../testing/lab.test-support.ts';
import type { Fault } from '../../model/fault.ts';
import * as own from './fault-programs.test-support.ts';

const module = new URL('./fault-programs.test-support.ts', import.meta.url).href;

export interface Seen {
  readonly history: History;
  readonly steps: readonly TraceStep[];
  readonly violations: readonly Violation[];
  /** What the faults' strikes said of themselves. */
  readonly notes: readonly (string | undefined)[];
}

/** A scenario of the lab, with the programs of fault-programs.test-support.ts beside the usual ones. */
function scenarioWith(start: readonly StartProcess[], journal: 'wal' | 'delete'): Scenario {
  const base = scenarioOf(start, journal);
  const programs = new Proxy(base.programs, {
    get: (others, name) =>
      typeof name !== 'string' || !(name in own) ? others[String(name)] : { module, export: name },
  });
  return { ...base, programs };
}

/** Call it once a file: it opens a coordinator for all its tests. */
export function faultLab() {
  let coordinator: Coordinator;
  beforeAll(async () => {
    coordinator = await coordinatorOf();
  });
  afterAll(() => coordinator.close());

  async function once(scenario: Scenario, faults: readonly Fault[]): Promise<Seen> {
    const keeper = new StepKeeper();
    const history = await coordinator.run(scenario, planOf({ faults }), undefined, [keeper]);
    const notes = history.strikes.map(({ note }) => note);
    return { history, steps: keeper.steps, violations: violationsOf(scenario, history), notes };
  }

  /** Runs it twice: both must agree in every step. */
  return async function run(
    start: readonly StartProcess[],
    faults: readonly Fault[],
    journal: 'wal' | 'delete' = 'wal',
  ): Promise<Seen> {
    const scenario = scenarioWith(start, journal);
    const seen = await once(scenario, faults);
    const again = await once(scenario, faults);
    expect(again.history).toEqual(seen.history);
    return seen;
  };
}
