// Runs the C and C++ compilers: which ones, and what is said when they are missing or fail. What stays out: flags.

import { execa, ExecaError } from 'execa';
import { harnessError, type LockstepError } from '../errors.ts';
import { cacheFullError } from './cache.ts';
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
 * @property signal ends it early
 */
export interface CompilerRun {
  readonly cwd: string;
  readonly what: string;
  readonly without?: string;
  readonly signal?: AbortSignal;
}

/**
 * Runs a compiler, when a processor is free for it.
 *
 * @throws a harness error when there is no such compiler, when it fails or does not end, or when the disk is full
 */
export async function runCompiler(language: Language, args: readonly string[], run: CompilerRun): Promise<void> {
  const [program, ...ownArgs] = compilerCommand(language);
  const options = {
    cwd: run.cwd,
    stdin: 'ignore',
    timeout: LIMIT_MS,
    ...(run.signal && { cancelSignal: run.signal }),
  } as const;
  try {
    await inSlot(() => execa(program, [...ownArgs, ...args], options));
  } catch (error) {
    throw error instanceof ExecaError ? explain(error as ExecaError, program, run) : error;
  }
}

function explain(error: ExecaError, program: string, run: CompilerRun): LockstepError {
  if (error.code === 'ENOENT' || error.code === 'EACCES') return noCompilerError(program, run, error);
  const output = String(error.stderr ?? '');
  if (/no space left on device/i.test(output)) return cacheFullError(error);
  const lines = output.trim().split('\n');
  const reason = error.timedOut
    ? `it did not end within ${LIMIT_MS / 60_000} minutes`
    : lines.slice(-SHOWN_LINES).join('\n');
  return harnessError(
    'COMPILE_FAILED',
    `"${program}" could not compile the ${run.what}: ${reason || error.shortMessage}`,
    'Name another compiler with CC and CXX; engines need C++20 (gcc 10, clang 12, or newer).',
    error,
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
