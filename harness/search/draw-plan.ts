// A plan by chance: parameters, workload and faults as the scenario draws them, some features switched off. The same for
// `lockstep run` and for properties (plan-arbitrary.ts). What stays out: preemptions, which choosers make.
import { askScenario } from '../errors/scenario-error.ts';
import { checkDrawn } from './check-draws.ts';
import { type Parameters, type Plan, planFormat } from '../model/plan.ts';
import { below, type Random, type StreamName } from '../model/random.ts';
import type { Scenario } from '../model/scenario.ts';
import { drawPowerLoss } from './draw-power-loss.ts';
import { swarm } from './swarm.ts';

/**
 * What stays the same in all plans that are drawn.
 *
 * @property parameters from which each run varies its own
 * @property gatewaysFixed as many gateways as `parameters` say, in every run
 * @property io time passes in I/O, and reads are switch points, in a part of the runs. Default: true
 * @property whole nothing is switched off: a plan that stands for others. Default: false
 */
export interface DrawOptions {
  readonly strategy: string;
  readonly engine: string;
  readonly parameters: Parameters;
  readonly gatewaysFixed?: boolean;
  readonly io?: boolean;
  readonly whole?: boolean;
}

/** The streams of one run. */
export type Streams = (name: StreamName) => Random;

/** How dense costs of I/O lie, and how high: half a virtual ms an operation at most on the average, whatever the grain. */
const grains = [
  { every: 2, ms: 1 },
  { every: 16, ms: 8 },
  { every: 128, ms: 64 },
] as const;

/**
 * Time passes in I/O in a quarter of the runs, so that sleepers wake inside of what takes no time otherwise; not where quiet
 * hours are skipped, of which none would be quiet then. In half of them reads and writes are switch points where locks
 * protect nobody.
 */
function withIo(parameters: Parameters, random: Random): Parameters {
  const [costs, fine] = [random() < 0.25, random() < 0.5];
  const grain = grains[below(random, grains.length)] ?? grains[0];
  const seed = below(random, 2 ** 31);
  return {
    ...parameters,
    ...(costs && parameters.quiet !== 'skip' ? { ioCost: { seed, ...grain } } : {}),
    ...(fine ? { switchPoints: 'unguarded' as const } : {}),
  };
}

function parametersOf(scenario: Scenario, options: DrawOptions, random: Random): Parameters {
  const { parameters, gatewaysFixed = false } = options;
  const varied = askScenario(scenario.name, '`vary`', () => scenario.vary?.(random, parameters)) ?? parameters;
  return gatewaysFixed ? { ...varied, gateways: parameters.gateways } : varied;
}

/** @throws an error of the scenario when what it draws is no plan of the format, or not of its own schema */
export function drawPlan(scenario: Scenario, options: DrawOptions, streams: Streams): Plan {
  const parameters = parametersOf(scenario, options, streams('parameters'));
  const { strategy } = options;
  const random = streams('workload');
  const drawnFaults =
    askScenario(scenario.name, '`faults`', () => scenario.faults?.(streams('faults'), parameters, strategy)) ?? [];
  // What a power loss leaves of a server's disk is not modelled.
  const powerLoss = scenario.server?.needed(strategy) === true ? [] : (scenario.powerLoss ?? []);
  const plan: Plan = {
    format: planFormat,
    scenario: scenario.name,
    strategy,
    engine: options.engine,
    parameters: options.io === false ? parameters : withIo(parameters, streams('io')),
    workload: askScenario(scenario.name, '`generate`', () => scenario.generate(random, parameters, strategy)),
    faults: [...drawnFaults, ...drawPowerLoss(streams('powerLoss'), powerLoss, parameters)],
    preemptions: [],
    seed: Math.floor(random() * 2 ** 32),
  };
  const drawn = options.whole === true ? plan : swarm(scenario, plan, streams('swarm'));
  checkDrawn(scenario, drawn);
  return drawn;
}
