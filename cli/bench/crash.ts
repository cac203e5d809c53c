// `npm run bench:crash`: how many disks that a power loss leaves are opened and judged a second, and what one costs in processor time, of all
// that is done for it: making it, opening it, judging it. What stays out: what is found (`lockstep crash`).
import { parseArgs } from 'node:util';
import { crashSearch } from '../../harness/crash/crash-search.ts';
import { promisedBy } from '../../harness/disk/promised.ts';
import { modelNames } from '../../harness/model/file-systems.ts';
import { Coordinator } from '../../harness/run/coordinator.ts';
import { machinesOf } from '../../harness/run/machines.ts';
import { planOfRun } from '../../harness/search/runner.ts';
import { findScenario, findStrategy } from '../../scenarios/find.ts';

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'wal-reset' },
    strategy: { type: 'string' },
    engine: { type: 'string', default: '3.54.1' },
    states: { type: 'string', default: '5000' },
    rounds: { type: 'string', default: '3' },
  },
});

const scenario = findScenario(values.scenario);
const strategy = findStrategy(scenario, values.strategy);
const { engine } = values;
const machine = (await machinesOf([engine])).get(engine);
if (machine === undefined) throw new Error(`There is no machine for ${engine}.`);
const coordinator = new Coordinator({ machine });
try {
  const drawn = planOfRun(
    scenario,
    { strategy, engine, parameters: scenario.parameters, seed: 1, chooser: 'replay' },
    0,
  );
  const plan = { ...drawn, faults: [] };
  for (let round = 0; round < Number(values.rounds); round++) {
    const found = await crashSearch({
      coordinator,
      scenario,
      plan,
      system: { model: modelNames[0] },
      durability: promisedBy(scenario, strategy),
      statesMax: Number(values.states),
      recoveriesMax: 0,
      seed: 1,
      stop: () => false,
    });
    const { states, statesPerSecond, processorMs } = found;
    const each = processorMs / Math.max(1, states.images);
    process.stdout.write(
      `${scenario.name} ${strategy}: ${states.tried} states, ${states.images} disks; ${statesPerSecond.toFixed(0)} disks/s; ` +
        `${each.toFixed(2)} ms of processor time a disk, so ${(1000 / each).toFixed(0)} a second on one processor\n`,
    );
  }
} finally {
  coordinator.close();
}
