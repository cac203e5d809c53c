// What `lockstep shrink` takes. What stays out: what it does (commands/shrink.ts).
import type { Command } from '@commander-js/extra-typings';
import { durationOption, hostOption, jsonOption, limitOption, scenariosOption, verboseOption } from '../options.ts';

export function declareShrink(program: Command) {
  return program
    .command('shrink')
    .argument('<plan>', 'a plan file that fails')
    .description('a smaller plan that fails in the same way, and why, in sentences')
    .addOption(hostOption())
    .option('--out <file>', 'where the smaller plan goes; default: beside the plan, as NAME.min.json')
    .addOption(
      durationOption(
        '--time <time>',
        'all that it takes, replays, explanation and (of a plan of a deep engine, half of it) trying it on the plain one included',
        '60s',
      ),
    )
    .option(
      '--only <names>',
      'the failure that must stay: invariants with commas between, hazards among them or not; default: all the harm that the plan does, or where it does none the hazards',
    )
    .addOption(limitOption())
    .addOption(scenariosOption())
    .addOption(jsonOption())
    .addOption(verboseOption());
}

export type ShrinkCommandOptions = ReturnType<ReturnType<typeof declareShrink>['opts']>;
