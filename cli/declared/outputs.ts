// Options that `compare` and `report` share: where their outputs go, and which. What stays out: writing them (compare/outputs.ts).
import type { Command, OptionValues } from '@commander-js/extra-typings';

/** Adds the options that `compare` and `report` share. */
export function withOutputs<A extends unknown[], O extends OptionValues, G extends OptionValues>(
  command: Command<A, O, G>,
) {
  return command
    .option('--out <folder>', 'where the page, the results, the plans and the evidence go', 'lockstep-report')
    .option('--baseline <file>', 'an earlier results.json: what changed since is marked')
    .option('--junit <file>', 'also write JUnit XML, for CI')
    .option('--markdown <file>', 'also write a summary to paste into an issue thread')
    .option('--github', 'also print annotations for GitHub Actions')
    .option('--report-only', 'exit code 0 although cells fail: the page is what counts', false);
}

export type OutputOptions = ReturnType<ReturnType<typeof withOutputs<[], {}, {}>>['opts']>;
