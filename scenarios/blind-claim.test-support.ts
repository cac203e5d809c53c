// Incidents of the comparison in which a strategy of a server claims wrongly, as scenarios of somebody's own: a worker process that loads this
// file knows the mutant. What stays out: what is wrong with it (src/testing/mutants/server.test-support.ts).
import type { Scenario } from '../harness/model/scenario.ts';
import { addedStrategies, strategies } from '../src/strategies/catalogue.ts';
import { registerMutants } from '../src/testing/mutants/register.test-support.ts';
import { checkpointRace } from './checkpoint-race.ts';
import { initInodeSwap } from './init-inode-swap.ts';
import { underMutants } from './mutants.test-support.ts';

registerMutants();

/** A strategy of a scenario is one word, and the mutant's own name is none. */
const blind = ['postgres', 'postgres-serializable'].map((fix) => {
  const mutant = addedStrategies.get(`${fix}!blind-claim`);
  if (mutant === undefined) throw new Error(`There is no mutant of ${fix} that claims blindly.`);
  return { ...mutant, name: `${fix}-blind` };
});
for (const one of blind) addedStrategies.set(one.name, one);

const fixes = strategies.filter(({ name }) => name.startsWith('postgres'));

export const [race, swap] = [checkpointRace, initInodeSwap].map(
  (scenario): Scenario => ({
    ...underMutants(scenario),
    invariants: scenario.invariants,
    name: `${scenario.name}-blind`,
    strategies: [...fixes, ...blind].map(({ name, says }) => ({ name, says })),
    symptoms: [],
    claims: [],
  }),
);
