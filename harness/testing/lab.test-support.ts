// A laboratory for tests of the machine: small scenarios out of the programs beside this file, on the SQLite that needs
// no compiling, unless a test asks for another. What stays out: the simulated system.
import { z } from 'zod';
import { PREBUILT_ENGINE } from '../engines/catalogue.ts';
import { Coordinator, type CoordinatorOptions } from '../run/coordinator.ts';
import type { Host } from '../run/hosts.ts';
import { machinesOf } from '../run/machines.ts';
import { type Plan, planFormat } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import type { RawRecord } from '../model/record.ts';
import type { History } from '../model/history.ts';
import type { StepLane, StepSink } from '../model/step.ts';
import { traceStep, type TraceStep } from '../observe/trace.ts';
import { generalInvariants } from '../judge/invariants/catalogue.ts';
import type { Json } from '../model/values.ts';
import type { ProgramRef, StartProcess } from '../model/process.ts';
import type { LaneBinaries } from '../run/pool.ts';

const module = new URL('./programs.test-support.ts', import.meta.url).href;

/** Every program of programs.test-support.ts, by its own name. */
const programs: { readonly [name: string]: ProgramRef } = new Proxy(
  {},
  { get: (_target, name) => (typeof name === 'string' ? { module, export: name } : undefined) },
);

/** @param host undefined: the native one, for programs that it can run */
export async function machineOf(engine: string = PREBUILT_ENGINE, host?: Host): Promise<LaneBinaries> {
  const found = (await machinesOf([engine], { host })).get(engine);
  if (found === undefined) throw new Error(`no engine ${engine}`);
  return found;
}

export async function coordinatorOf(
  options: Partial<CoordinatorOptions> & { engine?: string; host?: Host } = {},
): Promise<Coordinator> {
  const { engine, host, ...rest } = options;
  return new Coordinator({ machine: await machineOf(engine, host), ...rest });
}

/** A scenario that starts these processes on a database with a table t(k, v) in the given journal mode. */
export function scenarioOf(start: readonly StartProcess[], journal: 'wal' | 'delete' = 'wal'): Scenario {
  return {
    name: 'lab',
    says: 'a scenario of the tests',
    source: 'none',
    engine: PREBUILT_ENGINE,
    database: 'lab.db',
    strategies: [{ name: 'plain', says: 'nothing special' }],
    parameters: { gateways: 1, horizonMs: 600_000, stepsMax: 200_000 },
    programs,
    setup: () => ({ name: 'setup', program: 'setup', args: journal }),
    workload: z.json(),
    generate: () => null,
    start: () => start,
    queries: { t: 'SELECT k FROM t NOT INDEXED' },
    invariants: generalInvariants,
    window: 'close-beside-holder',
    symptoms: [],
    claims: [],
  };
}

export function planOf(more: Partial<Plan> = {}): Plan {
  return {
    format: planFormat,
    scenario: 'lab',
    strategy: 'plain',
    engine: PREBUILT_ENGINE,
    parameters: { gateways: 1, horizonMs: 600_000, stepsMax: 200_000 },
    workload: null,
    faults: [],
    preemptions: [],
    seed: 7,
    ...more,
  };
}

/** One process on one program. */
export function process(name: string, program: string, args: Json = null): StartProcess {
  return { name, program, args };
}

/** Keeps every step, in words. */
export class StepKeeper implements StepSink {
  readonly steps: TraceStep[] = [];

  see(step: number, record: Readonly<RawRecord>, lane: StepLane, nowMs: number): void {
    this.steps.push(traceStep(step, record, lane, nowMs));
  }
}

/** What a lane observed under a kind, in order. */
export function observed(history: History, kind: string): readonly Json[] {
  return history.observations.filter((one) => one.kind === kind).map(({ data }) => data);
}
