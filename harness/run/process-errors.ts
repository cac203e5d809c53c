// Why a simulated process is not there: it did not start, ended by itself, or does not end. What stays out: what only a run
// knows of it (run-errors.ts).
import { harnessError, LockstepError, usageError } from '../errors/errors.ts';
import { hostErrorIn } from '../errors/host-errors.ts';
import { lastWords } from '../errors/last-words.ts';
import type { ProcessEnd } from '../host/native.ts';
import { visible } from '../model/visible.ts';

/** Exit code of a process that cannot go on (lane/give-up.ts, and gate.c). */
export const gaveUp = 70;

/** Exit code of one whose program does what only Node does (lane/native/host.c). */
export const needsNode = 69;

/** Exit code of one whose program does what no trace would show (gate/gate.c). */
const notFollowed = 76;

/** Whether a host ended its process, and no program: a program may know the same numbers (sysexits.h). */
export function isGivenUp(exitCode: number, said: string): boolean {
  return (exitCode === gaveUp || exitCode === notFollowed) && said.includes('lockstep: ');
}

/** What a forked child says that ends its parent (gate/gate.c). */
const byForkedChild = 'lockstep: forked a process';

/** What a host says last of why its process ends: the predicate of a sentence. */
function predicateIn(said: string): string {
  return said
    .slice(said.lastIndexOf('lockstep: '))
    .trim()
    .replace(/^lockstep: /, '');
}

/** Whether a run came to nothing since its program does what only Node does: in the Node host it would not. */
export function isNeedOfNode(error: unknown): boolean {
  return error instanceof LockstepError && error.code === 'NEEDS_NODE';
}

/** Signals by which a process ends itself: the kernel or the C library sends them for what it has done. */
const crashes: ReadonlySet<string> = new Set([
  'SIGSEGV',
  'SIGBUS',
  'SIGILL',
  'SIGFPE',
  'SIGABRT',
  'SIGTRAP',
  'SIGSYS',
  'SIGPIPE',
]);

/** The signal by which a process ended itself; undefined where it ended otherwise. */
export function crashedOf(end: ProcessEnd): string | undefined {
  return 'signal' in end && crashes.has(end.signal) ? end.signal : undefined;
}

/** Signals of a limit that was passed (setrlimit(2)), and how a shell sets it. */
const limits: { readonly [signal: string]: string } = { SIGXCPU: 'ulimit -t', SIGXFSZ: 'ulimit -f' };

/**
 * A simulated process ended, and neither the plan nor its program had asked for it: the run says nothing.
 *
 * @param said what it printed
 */
export function endedByItself(process: string, end: ProcessEnd, said: string): Error {
  const so = 'so this run says nothing';
  if ('exitCode' in end) {
    if (end.exitCode === gaveUp) {
      const limit = hostErrorIn(said, `what the simulated process ${process} needs`);
      if (limit !== undefined) return limit;
      return harnessError(
        'PROCESS_GAVE_UP',
        `The simulated process ${process} could not go on, ${so}${lastWords(said)}`,
        'Run `npx lockstep doctor`, and look at the limits of this machine (`ulimit -a`).',
      );
    }
    if (end.exitCode === needsNode) {
      return harnessError(
        'NEEDS_NODE',
        `The program of the simulated process ${process} ${predicateIn(said)}. Node answers that in its ` +
          `own way, and the native host cannot, ${so}.`,
        'Take --host node.',
      );
    }
    if (end.exitCode === notFollowed) return wentUnseen(process, said);
    return harnessError(
      'PROCESS_EXITED',
      `The simulated process ${process} ended by itself with exit code ${end.exitCode}, ${so}${lastWords(said)}`,
      'A program ends its process by World.exit. If it did not try to, this is a defect of Lockstep or of the engine.',
    );
  }
  const { signal } = end;
  if (signal === 'SIGKILL' && said.includes(byForkedChild)) return wentUnseen(process, said);
  if (crashes.has(signal)) {
    return harnessError(
      'PROCESS_CRASHED',
      `The simulated process ${process} crashed (${signal}), ${so}${lastWords(said)}`,
      'This is a defect of the engine, of Node, of Lockstep or of native code in the program: report it with the plan.',
    );
  }
  const limit = limits[signal];
  if (limit !== undefined) {
    return harnessError(
      'PROCESS_LIMITED',
      `The simulated process ${process} was ended by ${signal}: it passed a limit of this machine, ${so}.`,
      `Raise the limit (\`${limit}\`).`,
    );
  }
  return harnessError(
    'KILLED_FROM_OUTSIDE',
    `The simulated process ${process} was killed by a ${signal} that no plan sent, ${so}.`,
    signal === 'SIGKILL'
      ? 'Most likely the machine is out of memory: run fewer jobs, or give it more.'
      : 'Somebody on this machine sent it; run it again.',
  );
}

function wentUnseen(process: string, said: string): Error {
  return harnessError(
    'NOT_FOLLOWED',
    `The program of the simulated process ${process} ${predicateIn(said)}, so this run says nothing.`,
    'docs/limits.md says what is followed.',
  );
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * @param who `a simulated process`
 * @param stuck undefined: it died
 */
export function notStarted(who: string, stuck: { readonly says: string } | undefined, said: string): Error {
  const limit = hostErrorIn(said, `what ${who} needs`);
  if (limit !== undefined) return limit;
  const why = stuck === undefined ? '' : ` (${stuck.says})`;
  return harnessError(
    'PROCESS_DID_NOT_START',
    `${sentence(who)} did not start${why}${lastWords(said)}`,
    'Run `npx lockstep doctor` to see what this machine lacks.',
  );
}

/**
 * A command that ended, or goes on, without a word from the gate: whatever it did was no part of a run.
 *
 * @param stuck undefined: it ended
 * @param said what it printed on its standard error
 */
export function notGated(command: string, stuck: { readonly says: string } | undefined, said: string): Error {
  const limit = hostErrorIn(said, `what the command \`${command}\` needs`);
  if (limit !== undefined) return limit;
  const how = stuck === undefined ? 'ended without having come' : `has not come (${stuck.says})`;
  return usageError(
    'COMMAND_NOT_GATED',
    `The command \`${visible(command)}\` ${how} under the gate, so nothing that it did was part of a run${lastWords(said)}`,
    'Give the command itself and no wrapper that clears the environment (sudo, env -i), Python without -I, -E and -S, and a program that ' +
      'is linked dynamically.',
  );
}

/** A process that does not die of a SIGKILL, or closed its FIFO and lives on. */
export function undying(stuck: { readonly says: string }): Error {
  return harnessError(
    'PROCESS_DOES_NOT_END',
    `A simulated process does not end: ${stuck.says}.`,
    'The kernel does not let go of it: look at the disk below the runs (`dmesg`).',
  );
}
