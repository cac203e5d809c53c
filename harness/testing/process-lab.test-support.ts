// A laboratory for tests of a simulated system: its processes on one coordinator, and what they left. What stays out: the
// system itself, which each test hands in.
import { expect } from 'vitest';
import type { Coordinator } from '../run/coordinator.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Fault } from '../model/fault.ts';
import type { History } from '../model/history.ts';
import type { Json } from '../model/values.ts';
import type { StartProcess } from '../model/process.ts';
import { coordinatorOf, planOf, scenarioOf, StepKeeper } from './lab.test-support.ts';

/** The parts of a scenario that all runs of a system share. */
export type System = Pick<Scenario, 'name' | 'database' | 'programs' | 'setup' | 'queries'>;

export interface LabOrder {
  readonly processes: readonly StartProcess[];
  readonly horizonMs: number;
  readonly faults?: readonly Fault[];
  readonly parameters?: Partial<Plan['parameters']>;
}

/** An observation: its data, with the virtual time and the lane it is from. */
export type Seen = { readonly nowMs: number; readonly from: string } & { readonly [field: string]: Json };

/** @property all what was observed under a kind, in order */
export interface LabRun {
  readonly history: History;
  readonly steps: StepKeeper['steps'];
  readonly all: (kind: string) => readonly Seen[];
}

/** One field of each. */
export function each(seen: readonly Seen[], field: string): readonly (Json | undefined)[] {
  return seen.map((one) => one[field]);
}

/** One field of each, where it is text. */
export function texts(seen: readonly Seen[], field: string): readonly string[] {
  return each(seen, field).filter((value) => typeof value === 'string');
}

export class ProcessLab {
  readonly #system: System;
  readonly #coordinator: Coordinator;

  private constructor(system: System, coordinator: Coordinator) {
    this.#system = system;
    this.#coordinator = coordinator;
  }

  static async open(system: System): Promise<ProcessLab> {
    return new ProcessLab(system, await coordinatorOf());
  }

  close(): void {
    this.#coordinator.close();
  }

  /** Runs processes to the plan's end. No lane may throw, and the run may not be cut off. */
  async run({ processes, horizonMs, faults = [], parameters = {} }: LabOrder): Promise<LabRun> {
    const keeper = new StepKeeper();
    const scenario = { ...scenarioOf(processes), ...this.#system };
    const plan = planOf({ parameters: { gateways: 1, horizonMs, stepsMax: 1_000_000, ...parameters }, faults });
    const history = await this.#coordinator.run(scenario, plan, undefined, [keeper]);
    expect(history.endings.filter(({ ending }) => ending.how === 'threw')).toEqual([]);
    expect(history.end).not.toBe('cut off');
    return {
      history,
      steps: keeper.steps,
      all: (kind) =>
        history.observations
          .filter((one) => one.kind === kind)
          .map(({ nowMs, lane, data }) => ({ ...(data as { readonly [field: string]: Json }), nowMs, from: lane })),
    };
  }
}
