// Runs the C and C++ compilers: which ones, and what is said when they are missing or fail. What stays out: flags.

import { constants } from 'node:os';
import { harnessError, type LockstepError } from '../errors/errors.ts';
import { machineLimit } from '../errors/machine-limits.ts';
import { cacheFullError } from './cache.ts';
import { runTool, type ToolEnd } from './run-tool.ts';
import { inSlot } from './slots.ts';

export type Language = 'c' | 'c++';

/** On the slowest machine tried, the longest run takes a minute alone. */
const LIMIT_MS = 10 * 60_000;
const SHOWN_LINES = 12;
const HOW_TO_INSTALL = [
  'Install a C and C++ compiler (Debian, Ubuntu: apt-get install build-essential; Fedora: dnf install gcc-c++;',
  'Alpine: apk add build-base; macOS: xcode-select --install), or name one with CC and CXX.',
].join(' ');

/** The compiler command of a language: `$CC` or `$CXX`, which may carry arguments, else `cc` or `c++`. */
export function compilerCommand(language: Language): readonly [string, ...string[]] {
  const [fallback, chosen] = language === 'c' ? ['cc', process.env['CC']] : ['c++', process.env['CXX']];
  const [program = fallback, ...args] = chosen?.trim() ? chosen.trim().split(/\s+/) : [];
  return [program, ...args];
}

/**
 * @property cwd where it runs
 * @property what names the work in an error, without an article, such as `engine 3.50.4`
 * @property without a sentence on what can be done where there is no compiler
 * @property signal ends it early, with all that it has started
 */
export interface CompilerRun {
  readonly cwd: string;
  readonly what: string;
  readonly without?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a compiler, when a processor is free for it.
 *
 * @throws a harness error when there is no such compiler, when it fails, is killed or does not end, or when the disk is full;
 *   the signal's reason
 */
export async function runCompiler(language: Language, args: readonly string[], run: CompilerRun): Promise<void> {
  const [program, ...ownArgs] = compilerCommand(language);
  const { cwd, signal } = run;
  const end = await inSlot(() => runTool(program, [...ownArgs, ...args], { cwd, signal, limitMs: LIMIT_MS }));
  if (end.how !== 'done') throw explain(end, program, run);
}

function explain(end: ToolEnd, program: string, run: CompilerRun): LockstepError {
  if (end.how === 'missing') return noCompilerError(program, run, end.stderr);
  const { stderr } = end;
  const signal = typeof end.how === 'object' ? end.how.signal : driverSaysKilled(stderr);
  if (/no space left on device|disk quota exceeded/i.test(stderr)) return cacheFullError(stderr);
  const limit = machineLimit(signal ?? stderr, `The ${run.what} could not be compiled`);
  if (limit !== undefined) return limit;
  if (signal === 'SIGKILL' || signal === 'SIGTERM') return killedError(signal, program, run);
  // Of its own crash gcc tells a whole stack, and asks for a report.
  const crash = /internal compiler error: .*/.exec(stderr)?.[0];
  const said = crash === undefined ? stderr.trim().split('\n').slice(-SHOWN_LINES).join('\n') : `${crash}.`;
  const reason = signal === undefined ? said : `it ended by ${signal}. ${said}`;
  return harnessError(
    'COMPILE_FAILED',
    `"${program}" could not compile the ${run.what}: ${
      end.how === 'late' ? `it did not end within ${LIMIT_MS / 60_000} minutes` : reason || 'it did not say why.'
    }`,
    'Name another compiler with CC and CXX (engines need C++20: gcc 10, clang 12, or newer); or reinstall with `npm ci`, if something changed the files in node_modules.',
    stderr,
  );
}

/** The signal that ended a program which the driver had started: in words (gcc, clang) or as a number (collect2). */
function driverSaysKilled(stderr: string): string | undefined {
  const number = /terminated with signal (\d+)/.exec(stderr)?.[1];
  if (number !== undefined) return Object.entries(constants.signals).find(([, value]) => value === Number(number))?.[0];
  const words = /(?:error: (.+) signal terminated program|unable to execute command: (.+))/.exec(stderr);
  const names: { readonly [words: string]: string } = { Killed: 'SIGKILL', Terminated: 'SIGTERM' };
  return names[words?.[1] ?? words?.[2] ?? ''];
}

/** The kernel's way out of too little memory is a SIGKILL for the largest. */
function killedError(signal: string, program: string, { what }: CompilerRun): LockstepError {
  const [guess, remedy] =
    signal === 'SIGKILL'
      ? [
          ': most likely this machine is out of memory',
          'Free some memory, or build one engine after another (`lockstep engines build NAME`), then try again.',
        ]
      : [', by another program or person', 'Run it again.'];
  return harnessError(
    'COMPILER_KILLED',
    `"${program}" was killed by ${signal} while it compiled the ${what}${guess}.`,
    remedy,
  );
}

function noCompilerError(program: string, { what, without }: CompilerRun, cause: unknown): LockstepError {
  return harnessError(
    'NO_COMPILER',
    `The ${what} has to be compiled once, and there is no compiler "${program}" here.`,
    without === undefined ? HOW_TO_INSTALL : `${HOW_TO_INSTALL} ${without}`,
    cause,
  );
}
