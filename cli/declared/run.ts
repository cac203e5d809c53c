// What `lockstep run` takes, which is what a cell to explore is told. What stays out: the exploring (commands/run.ts).
import { type Command, Option } from '@commander-js/extra-typings';
import { gatewaysMax } from '../../harness/model/gateways.ts';
import {
  baseChooserNames,
  chooserNames,
  defaultChooser,
  defaultDepth,
  defaultOver,
} from '../../harness/run/choosers/names.ts';
import {
  boundOption,
  duration,
  durationOption,
  hostOption,
  jsonOption,
  limitOption,
  powerLossSays,
  powerModels,
  scenariosOption,
  verboseOption,
  wholeNumber,
  engineOption,
} from '../options.ts';

/** Where neither runs nor time are given. */
export const defaultRuns = 1000;

export function declareRun(program: Command) {
  return program
    .command('run')
    .argument('<scenario>', 'see `lockstep list`')
    .description('explores a scenario until something breaks or the budget is spent; a failure is shrunk and explained')
    .option('--strategy <name>', "candidate fix; default: the scenario's first, as reported")
    .addOption(engineOption('SQLite version; default: that of the report'))
    .addOption(hostOption())
    .option('--deep', "the engine's deep variant (ENGINE+shm): wal-index accesses are switch points too", false)
    .option(
      '--gateways <n>',
      'how many gateways; default: as reported, one more or less now and then',
      wholeNumber(1, gatewaysMax),
    )
    .option('--plan <file>', "this plan's workload and faults in every run; only the schedule differs")
    .option('--runs <n>', `at most this many runs; default ${defaultRuns} unless --time is given`, wholeNumber(1))
    .option(
      '--time <time>',
      'all that it takes, such as 30s: searching has it while nothing is found, but for what confirming takes; once something is found, looking at the other invariants ends at half; making it smaller has the rest',
      duration,
    )
    .addOption(boundOption())
    .option('--seed <n>', 'seed of the search', wholeNumber(0), 1)
    .addOption(new Option('--chooser <name>', 'who chooses the schedule').choices(chooserNames).default(defaultChooser))
    .addOption(
      new Option(
        '--preemptions <n>',
        'so many preemptions in each run: implies `--chooser preemptions`, whose turns are of random, heavy-tailed length without it; exhaustive: up to so many (2)',
      )
        .argParser(wholeNumber(0, 10_000))
        .implies({ chooser: 'preemptions' }),
    )
    .addOption(
      new Option(
        '--reduction <how>',
        'of schedules that only reorder independent steps `exhaustive` runs one (causes), or all (none); states: of those too that end in the same state; races: one of each class, with any number of preemptions',
      )
        .choices(['causes', 'states', 'races', 'none'] as const)
        .default('causes' as const),
    )
    .addOption(
      new Option('--over <chooser>', `whose draws \`feedback\` replaces; default: ${defaultOver}`).choices(
        baseChooserNames,
      ),
    )
    .option('--depth <n>', 'bug depth that `pct` aims at', wholeNumber(1, 20), defaultDepth)
    .option(
      '--only <names>',
      'look for violations of these invariants only, with commas; `harm` is all but the hazards',
    )
    .option('--jobs <n>', 'coordinators side by side', wholeNumber(1, 64), 1)
    .addOption(limitOption())
    .option('--power-loss <models>', powerLossSays, powerModels)
    .option('--no-shrink', 'leave a plan that fails as it was found')
    .addOption(
      durationOption(
        '--shrink-time <time>',
        'at most this long for making it smaller and explaining it; with --time, of what is left',
        '60s',
      ),
    )
    .option('--out <folder>', 'where a plan that fails goes', 'lockstep-plans')
    .addOption(scenariosOption())
    .addOption(jsonOption())
    .addOption(verboseOption());
}

export type RunCommandOptions = ReturnType<ReturnType<typeof declareRun>['opts']>;
