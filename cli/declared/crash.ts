// What `lockstep crash` takes. What stays out: what it does (commands/crash.ts).
import { type Command, Option } from '@commander-js/extra-typings';
import { durabilities, modelNames } from '../../harness/model/file-systems.ts';
import {
  duration,
  hostOption,
  jsonOption,
  limitOption,
  listOf,
  scenariosOption,
  verboseOption,
  wholeNumber,
  engineOption,
} from '../options.ts';

export function declareCrash(program: Command) {
  return program
    .command('crash')
    .argument('<plan-or-scenario>', 'a plan file, or a scenario (see `lockstep list`) in its default schedule')
    .description('has the power go at each moment of a run that matters: does what was promised outlive it?')
    .addOption(
      new Option('--model <name>', 'what the file system does; docs/reference.md says what each means')
        .choices(modelNames)
        .default(modelNames[0] ?? 'powersafe'),
    )
    .addOption(
      new Option(
        '--liars <names>',
        'with --model lying-sync: processes and files whose syncs lie, with commas; default: all',
      ).argParser(listOf),
    )
    .addOption(
      new Option(
        '--promise <promise>',
        'what is held against it: no acknowledged commit is lost, or only the last ones, or nothing is promised; default: what the strategy promises',
      ).choices(durabilities),
    )
    .option(
      '--states <n>',
      'states of the disk that are tried at most; of more, a sample by --seed',
      wholeNumber(1),
      5000,
    )
    .option('--recoveries <n>', 'states whose first opening is cut off by another power loss', wholeNumber(0), 20)
    .option('--strategy <name>', "another strategy than the plan's, or than the scenario's first")
    .addOption(engineOption("another SQLite version than the plan's, or than that of the report"))
    .addOption(hostOption())
    .option('--seed <n>', 'of the sample, and of the plan that a scenario makes', wholeNumber(0), 1)
    .option('--time <time>', 'all that it takes, such as 5m; default: until all are tried', duration)
    .addOption(limitOption())
    .option('--out <folder>', 'where plans that fail go', 'lockstep-plans')
    .addOption(scenariosOption())
    .addOption(jsonOption())
    .addOption(verboseOption());
}

export type CrashOptions = ReturnType<ReturnType<typeof declareCrash>['opts']>;
