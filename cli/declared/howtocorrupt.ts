// What `lockstep howtocorrupt` takes. What stays out: what it does (commands/howtocorrupt.ts).
import type { Command } from '@commander-js/extra-typings';
import { boundOption, hostOption, jsonOption, limitOption, verboseOption, wholeNumber } from '../options.ts';

export function declareHowToCorrupt(program: Command) {
  return program
    .command('howtocorrupt')
    .argument('[sections...]', 'such as 1.1 2.6; default: all')
    .description(
      'tries each section of SQLite’s "How To Corrupt An SQLite Database File": wrong ways fail, right ways pass',
    )
    .option(
      '--runs <n>',
      'random runs of a right way at most; it ends as soon as there are enough for a pass',
      wholeNumber(1),
      1000,
    )
    .addOption(boundOption())
    .option('--seed <n>', 'of the runs', wholeNumber(0), 1)
    .addOption(hostOption())
    .addOption(limitOption())
    .addOption(jsonOption())
    .addOption(verboseOption());
}

export type HowToCorruptOptions = ReturnType<ReturnType<typeof declareHowToCorrupt>['opts']>;
