// From a workload to the processes that a run begins with. What stays out: what each of them does (src/).
import type { Plan } from '../../harness/model/plan.ts';
import type { Json } from '../../harness/model/values.ts';
import type { StartProcess } from '../../harness/model/process.ts';
import type { BoardSettings } from '../../src/programs/board/settings.ts';
import type { InitSettings } from '../../src/programs/operator/init.ts';
import type { GatewaySettings } from '../../src/programs/gateway/settings.ts';
import { behaviourOf, toldPolicies } from '../../src/policies/catalogue.ts';
import { parseStrategy } from '../../src/strategies/parse.ts';
import { bootedName, workloadFrom } from './booted.ts';
import type { Workload } from './workload.ts';

export const database = 'kanban.db';
const server = 'board-server';

/** The board under the plan's strategy. */
export function boardOf(plan: Plan): BoardSettings {
  const policies = toldPolicies(parseStrategy(plan.strategy));
  const viaServer = behaviourOf(policies, 'dispatch').viaServer;
  return { file: database, policies, ...(viaServer ? { server } : {}) };
}

/** The same for who opens it directly, whatever the strategy: before the run there is no server to ask. */
export function ownBoardOf(plan: Plan): BoardSettings {
  const { file, policies } = boardOf(plan);
  return { file, policies: { ...policies, dispatch: 'every-gateway' } };
}

/** Who makes the board before the run; where there is to be none, somebody who does nothing. */
export function setupOf(plan: Plan): StartProcess {
  const { boardKiB } = plan.workload as unknown as Workload;
  if (boardKiB === 0) return process('nobody', 'operator', { file: database, gateways: {}, steps: [] });
  const board: InitSettings = { ...ownBoardOf(plan), ...(boardKiB === undefined ? {} : { bulkKiB: boardKiB }) };
  return process('init', 'init', board);
}

function process(name: string, program: string, args: object): StartProcess {
  return { name, program, args: args as Json };
}

/** What each gateway is told, by the name of its process or unit. */
function gatewaysOf(workload: Workload, board: BoardSettings): readonly (readonly [string, GatewaySettings])[] {
  return workload.gateways.map((gateway, i) => {
    // The schema's optional fields are absent, never undefined: they come out of JSON.
    const settings = { board, profile: `profile-${i + 1}`, ...gateway } as GatewaySettings;
    return [`gateway-${i + 1}`, settings] as const;
  });
}

/** The processes of a run: the board's server if there is one, gateways or their supervisor, readers, checker, people. */
export function processesOf(plan: Plan): readonly StartProcess[] {
  return processesOn(boardOf(plan), plan.workload as unknown as Workload);
}

/** What starts when the machine is on again: services, and people who do what they have not done yet. */
export function bootedOf(
  plan: Plan,
  { nowMs, boot }: { readonly nowMs: number; readonly boot: number },
): readonly StartProcess[] {
  return processesOn(boardOf(plan), workloadFrom(plan.workload as unknown as Workload, nowMs, boot), boot);
}

/** @param boot of the machine, from 2 on; absent at the first */
function processesOn(board: BoardSettings, workload: Workload, boot?: number): readonly StartProcess[] {
  const gateways = gatewaysOf(workload, board).map(([name, settings]) => {
    return [workload.units === undefined ? bootedName(name, boot) : name, settings] as const;
  });
  const { units, dashboards = [], holders = [] } = workload;
  const services = [
    ...(board.server === undefined ? [] : [process(board.server, 'board-server', board)]),
    ...gateways.map(([name, settings]) => process(name, 'gateway', settings)),
  ];
  const checked = { board, units: units === undefined ? [] : services.map(({ name }) => name) };
  return [
    ...(units === undefined
      ? services
      : [
          process('supervisor', 'supervisor', {
            units: services.map((service) => ({ ...service, ...units })),
            ...(boot === undefined ? {} : { boot }),
          }),
        ]),
    ...dashboards.map(({ everyMs }, i) => process(`dashboard-${i + 1}`, 'dashboard', { board, everyMs })),
    ...holders.map((holder, i) => process(`holder-${i + 1}`, 'holder', { board, ...holder })),
    ...(behaviourOf(board.policies, 'health').everyMs === undefined
      ? []
      : [process('health-checker', 'health-checker', checked)]),
    process('operator', 'operator', {
      file: database,
      board,
      gateways: Object.fromEntries(gateways),
      steps: workload.operator,
    }),
  ];
}
