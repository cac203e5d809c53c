// What a command is to the front door. What stays out: which there are (main.ts), what they take (declared/), and what they
// do (commands/).
import type { Command } from '@commander-js/extra-typings';
import type { Interrupt } from './interrupt.ts';
import type { ScenariosGiven } from './options.ts';
import type { Output } from './output.ts';

/**
 * Where the result of a command is: in files or in the cache (what it prints is a summary, and the exit code the verdict), or
 * only in what it prints.
 */
export type ResultIn = 'files' | 'print';

/**
 * What a command does. The number is the exit code. An interrupt asks it to stop; one that has nothing to keep throws
 * ({@link Interrupt.check}).
 */
type Body<A extends unknown[]> = (output: Output, interrupt: Interrupt, ...args: A) => number | Promise<number>;

/**
 * A command: its arguments and options, and how to load what it does. That waits until the command is given: each
 * works with other parts of the house, and `list` or `--help` with few.
 */
export type AddCommand = (
  program: Command,
  act: <A extends unknown[]>(
    resultIn: ResultIn,
    load: () => Promise<Body<A>>,
  ) => (this: Given, ...args: A) => Promise<void>,
) => void;

/**
 * A command that was given: what all of them take (options.ts), before or behind the name of a subcommand.
 *
 * @property options those that it takes
 */
export interface Given {
  readonly options: readonly { readonly long?: string | undefined }[];
  optsWithGlobals(): {
    readonly json?: true | undefined;
    readonly verbose?: true | undefined;
    readonly scenarios?: ScenariosGiven | undefined;
  };
}
