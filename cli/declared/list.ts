// What `lockstep list` takes. What stays out: what it does (commands/list.ts).
import type { Command } from '@commander-js/extra-typings';
import { jsonOption, scenariosOption, verboseOption } from '../options.ts';

export function declareList(program: Command) {
  return program
    .command('list')
    .description('scenarios, strategies, policies, engines, faults, invariants and marks')
    .addOption(scenariosOption())
    .addOption(jsonOption())
    .addOption(verboseOption());
}
