// What `lockstep sweep` takes. What stays out: what it does (commands/sweep.ts).
import { type Command, Option } from '@commander-js/extra-typings';
import {
  allOr,
  duration,
  hostOption,
  jsonOption,
  limitOption,
  scenariosOption,
  verboseOption,
  wholeNumber,
  engineOption,
} from '../options.ts';

export function declareSweep(program: Command) {
  return program
    .command('sweep')
    .argument('<plan-or-scenario>', 'a plan file, or a scenario (see `lockstep list`) in its default schedule')
    .description(
      'kills a process before each step of a run in turn, or lets that step fail: is there a place where it does harm?',
    )
    .option('--process <name>', 'kill this one, whoever takes the step; default: the process that takes it')
    .addOption(
      new Option(
        '--with <what>',
        'kill; or error: the step fails, with the code that SQLite has for EIO, and the process goes on; or a fault of a plan, as JSON without `at`',
      ).default('kill'),
    )
    .option('--strategy <name>', "another strategy than the plan's, or than the scenario's first")
    .addOption(engineOption("another SQLite version than the plan's, or than that of the report"))
    .addOption(hostOption())
    .option('--seed <n>', 'seed of the plan that a scenario makes, and of what --twice draws', wholeNumber(0), 1)
    .option('--from <step>', 'first step to kill before; default: the first', wholeNumber(0))
    .option('--to <step>', 'last step to kill before; default: the last', wholeNumber(0))
    .option(
      '--twice <n>',
      'kill once more in what follows each kill that does no harm: before so many of its steps, drawn by --seed, the process that takes the step; or `all`',
      allOr(wholeNumber(1)),
    )
    .option(
      '--within <steps>',
      'with --twice: the second kill comes so many steps after the first at most, where its recovery is; default: anywhere',
      wholeNumber(1),
    )
    .option(
      '--only <names>',
      'look for violations of these invariants only, with commas; `harm` is all but the hazards',
    )
    .option(
      '--time <time>',
      'all that it takes, such as 5m: kills are tried until what is left is what replaying each finding takes; default: until all are tried',
      duration,
    )
    .addOption(limitOption())
    .option('--out <folder>', 'where plans that fail go', 'lockstep-plans')
    .addOption(scenariosOption())
    .addOption(jsonOption())
    .addOption(verboseOption());
}

export type SweepOptions = ReturnType<ReturnType<typeof declareSweep>['opts']>;
