// lockstep list: what there is to run, and with what.
import { faultKinds } from '../../harness/run/faults/catalogue.ts';
import { listEngines } from '../../harness/engines/list.ts';
import { marks } from '../../harness/observe/marks/catalogue.ts';
import { scenarios } from '../../scenarios/catalogue.ts';
import { strategies } from '../../src/strategies/catalogue.ts';
import { policies } from '../../src/policies/catalogue.ts';
import type { AddCommand } from '../add-command.ts';
import { jsonOption, verboseOption } from '../options.ts';
import type { Output } from '../output.ts';

interface Row {
  readonly name: string;
  readonly says: string;
}

function catalogue() {
  const byName = new Map(
    scenarios.flatMap(({ invariants }) => invariants.map(({ name, says }) => [name, { name, says }] as const)),
  );
  return {
    scenarios: scenarios.map(({ name, says, source, engine, window, strategies: known }) => ({
      name,
      says,
      source,
      engine,
      window,
      strategies: known.map((strategy) => strategy.name),
    })),
    strategies: strategies.map(({ name, says }) => ({ name, says })),
    policies,
    engines: listEngines(),
    faults: Object.values(faultKinds).map(({ kind, says }) => ({ name: kind, says })),
    invariants: [...byName.values()],
    marks: [...marks, ...scenarios.flatMap(({ marks: own = [] }) => own)].map(({ name, says }) => ({ name, says })),
  };
}

function list(output: Output): number {
  const all = catalogue();
  output.result({ format: 1, ...all });
  if (output.json) return 0;
  for (const [title, rows] of Object.entries(all) as [string, readonly Row[]][]) {
    output.say(output.paint('bold', title));
    output.table(rows.map(({ name, says }) => [name, says]));
    output.say();
  }
  return 0;
}

export const listCommand: AddCommand = (program, act) => {
  program
    .command('list')
    .description('scenarios, strategies, policies, engines, faults, invariants and marks')
    .addOption(jsonOption())
    .addOption(verboseOption())
    .action(act('print', list));
};
