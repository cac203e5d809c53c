// The front door: the commands, their errors as sentences, their exit codes. One file a command in commands/. What
// stays out: everything that does something.
import { Command, CommanderError } from 'commander';
import { LockstepError } from '../harness/errors.ts';
import { benchCommand } from './commands/bench.ts';
import { bisectCommand } from './commands/bisect.ts';
import { compareCommand } from './commands/compare.ts';
import { doctorCommand } from './commands/doctor.ts';
import { enginesCommand } from './commands/engines.ts';
import { listCommand } from './commands/list.ts';
import { replayCommand } from './commands/replay.ts';
import { reportCommand } from './commands/report.ts';
import { reproduceCommand } from './commands/reproduce.ts';
import { runCommand } from './commands/run.ts';
import { shrinkCommand } from './commands/shrink.ts';
import { sweepCommand } from './commands/sweep.ts';
import { type Output, Output as Printer } from './output.ts';

/** A command: its arguments and options, and what it does. The number is the exit code. */
export type AddCommand = (
  program: Command,
  act: <A extends unknown[]>(
    body: (output: Output, ...args: A) => number | Promise<number>,
  ) => (...args: A) => Promise<void>,
) => void;

const commands: readonly AddCommand[] = [
  doctorCommand,
  listCommand,
  runCommand,
  reproduceCommand,
  replayCommand,
  shrinkCommand,
  bisectCommand,
  sweepCommand,
  enginesCommand,
  compareCommand,
  reportCommand,
  benchCommand,
];

const exitCodeOf = { usage: 2, harness: 4 } as const;

/**
 * Runs a command line.
 *
 * @param args without the program's name
 * @returns the exit code (design.md, command line)
 */
export async function main(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  // A reader that has had enough (`| head`) is no error.
  for (const stream of [process.stdout, process.stderr])
    if (stream.listenerCount('error') === 0) stream.on('error', () => process.exit(process.exitCode ?? 0));
  const program = new Command('lockstep')
    .description('A deterministic multi-process fault-injection harness for SQLite.')
    .showHelpAfterError('(`lockstep --help` lists the commands, `lockstep COMMAND --help` its options.)')
    .exitOverride();
  for (const add of commands) {
    add(program, (body) => async (...given) => {
      const used = given.at(-1) as Command;
      const { json = false, verbose = false } = used.optsWithGlobals<{ json?: boolean; verbose?: boolean }>();
      const output = new Printer({ json, verbose });
      try {
        exitCode = await body(output, ...given);
      } catch (error) {
        exitCode = report(error, output);
      }
    });
  }
  const all = [program, ...program.commands].flatMap((command) => [
    command,
    ...(command === program ? [] : command.commands),
  ]);
  for (const command of all) {
    command.exitOverride();
    if (command.commands.length === 0 || command.name() === 'engines') {
      command
        .option('--json', 'one JSON document on standard output, everything else on standard error')
        .option('--verbose', 'stack traces with errors');
    }
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    // Commander has said it on standard error; a script gets a document, as for every other error.
    if (args.includes('--json')) {
      const message = error.message.replace(/^error: /, '');
      const remedy = '`lockstep COMMAND --help` lists what a command takes.';
      new Printer({ json: true, verbose: false }).result({ format: 1, error: { code: 'USAGE', message, remedy } });
    }
    return 2;
  }
  return exitCode;
}

function report(error: unknown, output: Output): number {
  const known = error instanceof LockstepError ? error : undefined;
  const message = error instanceof Error ? error.message : String(error);
  const remedy =
    known?.remedy ?? 'This is a defect of Lockstep: run it again with --verbose and report what it prints.';
  output.clearStatus();
  process.stderr.write(`lockstep: ${message}\n${remedy}\n`);
  if (output.verbose && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  output.result({ format: 1, error: { code: known?.code ?? 'INTERNAL', message, remedy } });
  return known === undefined ? exitCodeOf.harness : exitCodeOf[known.kind];
}
