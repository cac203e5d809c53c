// What `lockstep bisect` takes. What stays out: what it does (commands/bisect.ts).
import type { Command } from '@commander-js/extra-typings';
import {
  boundOption,
  duration,
  hostOption,
  jsonOption,
  limitOption,
  scenariosOption,
  verboseOption,
  wholeNumber,
} from '../options.ts';

export function declareBisect(program: Command) {
  return program
    .command('bisect')
    .argument('<plan>', 'a plan file that fails')
    .description('on which SQLite versions a plan fails: the last bad and the first good one')
    .option(
      '--engines <names>',
      'engines with commas between; default: all whose source is here. A plan of `own` is tried on that alone',
    )
    .addOption(hostOption())
    .option('--only <names>', 'look for violations of these invariants only, with commas; default: harm')
    .option(
      '--time <time>',
      'all that it takes, such as 5m; shared out equally among the engines, what one leaves going to the others; default: as long as the runs of --searches take',
      duration,
    )
    .option('--searches <n>', 'runs near the plan at most, where replaying it finds nothing', wholeNumber(0), 2000)
    .addOption(boundOption())
    .addOption(limitOption())
    .addOption(scenariosOption())
    .addOption(jsonOption())
    .addOption(verboseOption());
}

export type BisectOptions = ReturnType<ReturnType<typeof declareBisect>['opts']>;
