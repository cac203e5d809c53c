// `npm run bench:gateways`: what a step costs by how many gateways there are. The work of N gateways grows with their steps, and
// so shall its price; what grows faster is work of our own that somebody does for every lane at every step. Processor time, of the
// coordinator and of the lanes, in turns over the numbers of gateways, and the median of each. What stays out: how many steps
// N gateways take, which is theirs.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { stream } from '../../harness/model/random.ts';
import { turnsChooser } from '../../harness/run/choosers/preemptions.ts';
import { Coordinator } from '../../harness/run/coordinator.ts';
import { machinesOf } from '../../harness/run/machines.ts';
import type { Scenario } from '../../harness/model/scenario.ts';
import { planOfRun } from '../../harness/search/runner.ts';
import { findScenario, findStrategy } from '../../scenarios/find.ts';
import { median } from './statistics.ts';

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'checkpoint-race' },
    strategy: { type: 'string', default: 'lean' },
    gateways: { type: 'string', default: '2,4,8,16,32' },
    minutes: { type: 'string', default: '7' },
    rounds: { type: 'string', default: '3' },
  },
});

/** @property coordinatorUs processor time a step, microseconds; of `lanes`, their processes' together */
interface Cost {
  readonly steps: number;
  readonly lanes: number;
  readonly coordinatorUs: number;
  readonly lanesUs: number;
}

/** Processor time of children that have ended, in milliseconds (proc(5): cutime and cstime, in ticks of 10 ms). */
function childrenMs(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

function ownMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function costOf(scenario: Scenario, strategy: string, gateways: number, horizonMs: number): Promise<Cost> {
  const { engine, parameters: given } = scenario;
  const parameters = { ...given, gateways, horizonMs, stepsMax: 100_000_000 };
  const options = { strategy, engine, parameters, gatewaysFixed: true, seed: 1, chooser: 'replay' } as const;
  const plan = planOfRun(scenario, options, 0);
  const machine = (await machinesOf([engine])).get(engine);
  if (machine === undefined) throw new Error(`There is no machine for ${engine}.`);
  const coordinator = new Coordinator({ machine });
  try {
    await coordinator.run(scenario, { ...plan, parameters: { ...parameters, horizonMs: 1000 } }); // what is made once
    const before = [ownMs(), childrenMs()] as const;
    const turns = turnsChooser(stream('chooser', 1, 1)); // as in a search: lanes change often
    const { steps, endings } = await coordinator.run(scenario, plan, turns);
    const own = ownMs() - before[0];
    coordinator.close();
    const coordinatorUs = (own / steps) * 1000;
    return { steps, lanes: endings.length, coordinatorUs, lanesUs: ((childrenMs() - before[1]) / steps) * 1000 };
  } finally {
    coordinator.close();
  }
}

const scenario = findScenario(values.scenario);
const strategy = findStrategy(scenario, values.strategy);
const numbers = values.gateways.split(',').map(Number);
await costOf(scenario, strategy, Math.min(...numbers), Number(values.minutes) * 60_000); // until Node has compiled what is hot
const costs = new Map<number, Cost[]>(numbers.map((gateways) => [gateways, []]));
for (let round = 0; round < Number(values.rounds); round++)
  for (const [gateways, known] of costs)
    known.push(await costOf(scenario, strategy, gateways, Number(values.minutes) * 60_000));

process.stdout.write(`${scenario.name}, ${strategy}, ${values.minutes} virtual minutes; µs of processor time a step\n`);
process.stdout.write('gateways  lanes    steps  coordinator  ratio   lanes  ratio\n');
const medians = [...costs].map(([gateways, known]) => ({
  gateways,
  steps: known[0]?.steps ?? 0,
  lanes: known[0]?.lanes ?? 0,
  coordinator: median(known.map(({ coordinatorUs }) => coordinatorUs)),
  ofLanes: median(known.map(({ lanesUs }) => lanesUs)),
}));
for (const { gateways, lanes, steps, coordinator, ofLanes } of medians) {
  const ratio = (cost: number, first: number | undefined) => (cost / (first ?? NaN)).toFixed(2).padStart(7);
  process.stdout.write(
    `${String(gateways).padStart(8)}${String(lanes).padStart(7)}${String(steps).padStart(9)}` +
      `${coordinator.toFixed(1).padStart(13)}${ratio(coordinator, medians[0]?.coordinator)}` +
      `${ofLanes.toFixed(1).padStart(8)}${ratio(ofLanes, medians[0]?.ofLanes)}\n`,
  );
}
