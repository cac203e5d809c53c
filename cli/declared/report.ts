// What `lockstep report` takes. What stays out: what it does (commands/report.ts).
import type { Command } from '@commander-js/extra-typings';
import { jsonOption, verboseOption } from '../options.ts';
import { withOutputs } from './outputs.ts';

export function declareReport(program: Command) {
  const command = program
    .command('report')
    .argument('<results...>', 'one or more results.json of `compare`')
    .description('merges results of several machines or shards, and writes the page and other outputs again');
  return withOutputs(command).addOption(jsonOption()).addOption(verboseOption());
}

export type ReportOptions = ReturnType<ReturnType<typeof declareReport>['opts']>;
