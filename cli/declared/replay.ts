// What `lockstep replay` takes. What stays out: what it does (commands/replay.ts).
import type { Command } from '@commander-js/extra-typings';
import {
  duration,
  engineOption,
  hostOption,
  jsonOption,
  limitOption,
  scenariosOption,
  verboseOption,
  wholeNumber,
} from '../options.ts';

export function declareReplay(program: Command) {
  return program
    .command('replay')
    .argument('<plan>', 'a plan file')
    .description('runs a plan again; fails when two replays differ')
    .option('--times <n>', 'how often', wholeNumber(1), 1)
    .addOption(engineOption("another SQLite version than the plan's"))
    .addOption(hostOption())
    .option('--strategy <name>', "another strategy than the plan's")
    .option('--fresh', 'fresh processes for every replay', false)
    .option('--trace <file>', 'writes the steps of the first replay as NDJSON')
    .option('--history <file>', 'writes the history of the last replay as JSON: observations, looks, autopsy')
    .option('--perfetto <file>', 'writes the first replay as a trace for ui.perfetto.dev')
    .option(
      '--inevitable <time>',
      'for so long, such as 20s: follows a failing run up to its steps and goes on at random, to see from which on it must fail',
      duration,
    )
    .addOption(limitOption())
    .addOption(scenariosOption())
    .addOption(jsonOption())
    .addOption(verboseOption());
}

export type ReplayOptions = ReturnType<ReturnType<typeof declareReplay>['opts']>;
