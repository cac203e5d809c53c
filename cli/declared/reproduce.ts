// What `lockstep reproduce` takes. What stays out: what it does (commands/reproduce.ts).
import { availableParallelism } from 'node:os';
import type { Command } from '@commander-js/extra-typings';
import { boundOption, hostOption, jsonOption, scenariosOption, verboseOption, wholeNumber } from '../options.ts';

export function declareReproduce(program: Command) {
  return program
    .command('reproduce')
    .argument('<scenario>', 'see `lockstep list`')
    .description(
      'replays the shipped plan of a reported incident, symptom by symptom; tests the claims about it with --claim-runs',
    )
    .option('--engine <version>', "another SQLite version than the report's")
    .addOption(hostOption())
    .option('--strategy <name>', 'another strategy than the reported system')
    .option(
      '--claim-runs <n>',
      'random runs to test each claim with, after the shipped plans; 0 tests only what the reproduction itself shows',
      wholeNumber(0),
      0,
    )
    .addOption(boundOption())
    .option('--jobs <n>', 'coordinators side by side', wholeNumber(1, 64), Math.min(availableParallelism(), 8))
    .addOption(scenariosOption())
    .addOption(jsonOption())
    .addOption(verboseOption());
}

export type ReproduceOptions = ReturnType<ReturnType<typeof declareReproduce>['opts']>;
