// Busy gateways as a scenario: what both ways of measuring costs run, in lock step and free. It is no incident, and no list
// has it. What stays out: what a gateway does (scenarios/kanban/costs.program.ts), and measuring.
import { z } from 'zod';
import { type Plan, planFormat } from '../../harness/model/plan.ts';
import type { Scenario } from '../../harness/model/scenario.ts';
import type { Json } from '../../harness/model/values.ts';
import type { StartProcess } from '../../harness/model/process.ts';
import type { Busy, BusySettings } from '../../scenarios/kanban/costs.program.ts';
import { isOnServer } from '../../scenarios/kanban/on-server.ts';
import { boardOf, database, ownBoardOf } from '../../scenarios/kanban/processes.ts';
import { programs } from '../../src/programs/catalogue.ts';
import { strategies } from '../../src/strategies/catalogue.ts';

/** A strategy with so many gateways on an engine. */
export interface Crowd {
  readonly strategy: string;
  readonly engine: string;
  readonly gateways: number;
}

/** How a run keeps them busy: in lock step so many tasks, running free so many milliseconds. */
export type Load = { readonly tasks: number } | { readonly forMs: number };

const loadSchema = z.union([z.strictObject({ tasks: z.int().min(1) }), z.strictObject({ forMs: z.number().min(0) })]);

/** Virtual: longer than any counted run takes, so that everybody is idle then. */
const lookAtMs = 6 * 3_600_000;
const pauseMs = 1000;
/** Virtual in lock step, real where they run free: there the gateways end long before. */
const horizonMs = 2 * lookAtMs;

const busyModule = new URL('../../scenarios/kanban/costs.program.ts', import.meta.url).href;

/** Each gateway creates its share of the tasks; the first ones have one more where they cannot be shared evenly. */
function shareOf(tasks: number, gateways: number, index: number): number {
  return Math.floor(tasks / gateways) + (index < tasks % gateways ? 1 : 0);
}

function busyOf(load: Load, gateways: number, index: number): Busy {
  if ('forMs' in load) return { ...load, gateways };
  const { tasks } = load;
  return { tasks: shareOf(tasks, gateways, index), tasksOfAll: tasks, pauseMs, lookAtMs, looks: index === 0 };
}

function processesOf(plan: Plan): readonly StartProcess[] {
  const board = boardOf(plan);
  const { gateways } = plan.parameters;
  const load = plan.workload as Load;
  const busy = Array.from({ length: gateways }, (_, index): StartProcess => {
    const args: BusySettings = { board, profile: `profile-${index + 1}`, busy: busyOf(load, gateways, index) };
    return { name: `gateway-${index + 1}`, program: 'busy-gateway', args: args as unknown as Json };
  });
  const { server } = board;
  if (server === undefined) return busy;
  return [{ name: server, program: 'board-server', args: board as unknown as Json }, ...busy];
}

/** Processes that the gateways ask: the board's server, under a strategy that has one. */
export function servicesOf(plan: Plan): readonly string[] {
  const { server } = boardOf(plan);
  return server === undefined ? [] : [server];
}

export const busyScenario: Scenario = {
  name: 'costs',
  says: 'busy gateways of a healthy system',
  source: 'none: what a fix costs where nothing is broken',
  engine: '3.50.4',
  database,
  strategies,
  parameters: { gateways: 1, horizonMs, stepsMax: 50_000_000 },
  programs: { ...programs, 'busy-gateway': { module: busyModule, export: 'busyGateway' } },
  setup: (plan) => ({ name: 'init', program: 'init', args: ownBoardOf(plan) as unknown as Json }),
  workload: loadSchema,
  generate: () => ({ tasks: 1 }),
  start: processesOf,
  server: { needed: isOnServer, queries: {} },
  queries: {},
  invariants: [],
  window: 'close-beside-holder',
  symptoms: [],
  claims: [],
};

/** @throws StrategyError for a strategy that does not exist, or contradicts itself */
export function planOf({ strategy, engine, gateways }: Crowd, load: Load, seed: number): Plan {
  return {
    format: planFormat,
    scenario: busyScenario.name,
    strategy,
    engine,
    parameters: { ...busyScenario.parameters, gateways },
    workload: { ...load },
    faults: [],
    preemptions: [],
    seed,
  };
}
