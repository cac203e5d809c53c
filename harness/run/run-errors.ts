// Why a run has no outcome: the machine's fault, a program that does not come back, a process that nobody was to end, or
// the person at the keyboard. What stays out: errors that the machine gives to single system calls (host-errors.ts).
import { harnessError } from '../errors/errors.ts';
import { hostErrorIn } from '../errors/host-errors.ts';
import { operations, recordFlag } from '../gate/protocol.ts';
import type { ProcessEnd } from '../host/native.ts';
import { quoted, visible } from '../model/visible.ts';
import type { LaneEnd } from '../lane/end.ts';
import type { Ending } from '../model/process.ts';
import { listed, scenarioError } from '../errors/scenario-error.ts';
import type { LaneState } from './lanes.ts';
import type { RunOptions } from './run-options.ts';

/** The run was stopped by the person at the keyboard: it has no outcome. */
export class RunInterrupted extends Error {}

/** Lines of a log that a sentence may have: the first say what happened, the last where. */
const headLines = 8;
const tailLines = 16;

/** What a broken process printed, short enough for a sentence that begins with something else; begins with `before`. */
export function lastWords(log: string, before = '; it said:\n'): string {
  const lines = log.trim().split('\n');
  const gap = lines.length - headLines - tailLines;
  const kept =
    gap <= 1
      ? lines
      : [...lines.slice(0, headLines), `… ${gap} more lines …`, ...lines.slice(lines.length - tailLines)];
  return log.trim() === '' ? '.' : `${before}${kept.join('\n')}`;
}

/** Exit code of a process that cannot go on (lane/give-up.ts, and gate.c). */
const gaveUp = 70;

/** Signals by which a process ends itself: the kernel or the C library sends them for what it has done. */
const crashes: ReadonlySet<string> = new Set(['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGABRT', 'SIGTRAP', 'SIGSYS']);

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
    return harnessError(
      'PROCESS_EXITED',
      `The simulated process ${process} ended by itself with exit code ${end.exitCode}, ${so}${lastWords(said)}`,
      'A program ends its process by World.exit. If it did not try to, this is a defect of Lockstep or of the engine.',
    );
  }
  const { signal } = end;
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

/** @param who such as `gateway-1 starts worker-1 on it` */
export function noSuchProgram({ plan, programs }: Pick<RunOptions, 'plan' | 'programs'>, program: string, who: string) {
  return scenarioError(
    plan.scenario,
    `there is no program ${quoted(program)}, and ${who}. Its programs: ${listed(Object.keys(programs))}.`,
    'Correct the name, or add the program to `programs`.',
  );
}

/**
 * How a lane says that it has ended. A program that its process could not load says nothing about the simulated system.
 *
 * @throws an error of the scenario for such a program
 */
export function readEnd(
  text: string,
  { plan }: Pick<RunOptions, 'plan'>,
  lane: LaneState,
): Ending & { readonly open: number } {
  const said = JSON.parse(text) as LaneEnd;
  if (said.how !== 'unloadable') return said;
  throw scenarioError(
    plan.scenario,
    `the program of ${lane.name} does not load in a simulated process: ${visible(said.error)}.`,
    'Such a process has an environment of its own, and nothing but the program and its World.',
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

/** A process that does not die of a SIGKILL, or closed its FIFO and lives on. */
export function undying(stuck: { readonly says: string }): Error {
  return harnessError(
    'PROCESS_DOES_NOT_END',
    `A simulated process does not end: ${stuck.says}.`,
    'The kernel does not let go of it: look at the disk below the runs (`dmesg`).',
  );
}

/** A lane that did not come back; `steps` is the number of its step. */
export function lostLane(lane: LaneState, stuck: { readonly says: string }, steps: number): Error {
  const doing = operations[lane.pending.op] ?? 'unknown';
  return harnessError(
    'LANE_LOST',
    `The lane ${lane.name} did not come back: ${stuck.says}. It was last granted the step ` +
      `${steps} (${doing}${(lane.pending.flags & recordFlag.injected) === 0 ? '' : ', injected'}).`,
    'Its program loops without a step, or waits outside the World. Raise --limit if the machine is only slow.',
  );
}
