// What `lockstep bench` takes. What stays out: what it does (commands/bench.ts).
import type { Command } from '@commander-js/extra-typings';
import { defaultRestMsMax } from '../../harness/search/stress/rests.ts';
import { defaultChoosers, depths, parseChoosers } from '../bench/choices.ts';
import { duration, hostOption, jsonOption, oneOf, scenariosOption, verboseOption, wholeNumber } from '../options.ts';

/** Texts as a person would give them. */
export const defaults = { jobs: '1,2', timeLimit: '30s', stress: '10m' } as const;

export const jobsOf = listOf(wholeNumber(1, 64));

function listOf<T>(read: (text: string) => T): (text: string) => readonly T[] {
  return (text) => [...new Set(text.split(',').map(read))];
}

export function declareBench(program: Command) {
  return program
    .command('bench')
    .description(
      'time to a known bug, for each chooser, against free-running stress on the same machine; or costs of strategies',
    )
    .option('--scenario <name>', 'see `lockstep list`', 'wal-reset')
    .option('--strategy <name>', "candidate fix; default: the scenario's first, as reported")
    .option('--engine <version>', 'SQLite version; default: that of the report')
    .option('--engines <list>', `with commas; default: ${depths.join(',')}`, listOf(oneOf(depths)))
    .addOption(hostOption())
    .option(
      '--choosers <list>',
      `with commas; behind a colon how many preemptions, or the depth of pct; default: ${defaultChoosers}`,
      parseChoosers,
    )
    .option('--jobs <list>', `coordinators side by side, with commas; default: ${defaults.jobs}`, jobsOf)
    .option('--seeds <n>', 'searches for each line of the table', wholeNumber(1, 10_000), 20)
    .option('--first-seed <n>', 'seed of the first search; the others follow', wholeNumber(0, 2 ** 31 - 10_001), 1)
    .option(
      '--time-limit <time>',
      `of one search, confirming what it finds included; default: ${defaults.timeLimit}`,
      duration,
    )
    .option(
      '--stress <time>',
      `of free-running stress in all, shared by those of --rest-max, in stretches before the searches; default: ${defaults.stress}`,
      duration,
    )
    .option('--no-stress', 'searches only')
    .option('--costs <strategies>', 'instead of all that: what these strategies cost, with commas, or `all`')
    .option(
      '--bugs [names]',
      'instead of all that: schedules to each of many known bugs, for each chooser; names with commas, default all',
    )
    .option(
      '--runs <n>',
      'with --bugs: schedules of a search at most; a miss counts as so many',
      wholeNumber(1, 1_000_000),
      300,
    )
    .option('--shrink <time>', 'with --bugs: makes one hit of each bug minimal, in at most so long each', duration)
    .option('--baseline <file>', 'with --bugs: an earlier document of its, to compare schedules with')
    .option('--cost-time <time>', 'for all costs together; default: twice what is needed at least', duration)
    .option('--crews <n>', 'free-running rounds at once; default: four for each processor', wholeNumber(1, 64))
    .option(
      '--rest-max <list>',
      `real milliseconds that a free-running program sleeps at most; with commas, each is a stress of its own; default: 0,${defaultRestMsMax}`,
      listOf(wholeNumber(0, 60_000)),
    )
    .option('--only <names>', 'what makes a hit: these invariants, with commas; default: what the scenario claims')
    .addOption(scenariosOption())
    .addOption(jsonOption())
    .addOption(verboseOption());
}

export type BenchCommandOptions = ReturnType<ReturnType<typeof declareBench>['opts']>;
