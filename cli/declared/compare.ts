// What `lockstep compare` takes. What stays out: what it does (commands/compare.ts).
import { availableParallelism } from 'node:os';
import type { Command } from '@commander-js/extra-typings';
import {
  boundOption,
  chooserOption,
  duration,
  durationOption,
  hostOption,
  jsonOption,
  placesAndNames,
  powerLossSays,
  powerModels,
  shardOf,
  verboseOption,
  wholeNumber,
  enginesOption,
} from '../options.ts';
import { withOutputs } from './outputs.ts';

export function declareCompare(program: Command) {
  const command = program
    .command('compare')
    .description('every scenario under every strategy on every engine, within a budget; writes a page that shows it')
    .option(
      '--scenarios <list>',
      'names, and files or folders (./tests) of your own scenarios, with commas; default: all of your own, or else all that come with Lockstep',
      placesAndNames,
    )
    .option('--strategies <names>', 'with commas; default: all of each scenario')
    .option(
      '--ablate <strategy>',
      'instead of --strategies: this one, without each of its parts in turn, and with each other value of each axis: what is each part needed for?',
    )
    .option('--parts', 'with --ablate: only without each of its parts, and with no other values', false)
    .addOption(enginesOption('those that come with Lockstep'))
    .addOption(hostOption())
    .option('--runs <n>', 'random runs of each cell at most; a cell that fails stops early', wholeNumber(1))
    .option(
      '--time <time>',
      'all that it takes, costs included, spread fairly over the cells, the last 5 % for making small what was found last: a run and what confirms it may go on past the share of its cell, but nothing past the whole; default 10m unless --runs is given',
      duration,
    )
    .option('--seed <n>', 'seed of every cell', wholeNumber(0), 1)
    .addOption(chooserOption())
    .addOption(boundOption())
    .option('--jobs <n>', 'cells side by side', wholeNumber(1, 64), Math.min(availableParallelism(), 8))
    .option('--short', 'only runs of minutes of virtual time, where a scenario takes hours: more of them', false)
    .option('--shard <i/n>', 'only the i-th of n parts; `lockstep report` merges them', shardOf)
    .option('--resume', 'go on with what is in the folder --out', false)
    .addOption(
      durationOption(
        '--shrink-time <time>',
        'at most this long for making one failure small; with --time no longer than twice the share of its cell, or 2s',
        '30s',
      ),
    )
    .option('--power-loss <models>', powerLossSays, powerModels)
    .option('--power-runs <n>', 'recorded runs of each cell that lose their power', wholeNumber(1, 10_000), 5)
    .option('--power-only', 'no random runs and no shipped plans: only what --power-loss asks for', false)
    .option('--no-costs', 'do not measure what each strategy costs')
    .option(
      '--cost-time <time>',
      'for all costs together; default: a fifth of --time, or less where that is plenty',
      duration,
    );
  return withOutputs(command).addOption(jsonOption()).addOption(verboseOption());
}

export type CompareOptions = ReturnType<ReturnType<typeof declareCompare>['opts']>;
