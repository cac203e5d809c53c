// lanes-end: no lane threw or was cut off, no command failed, and no process died of a signal that nobody sent to end it.
import { askedToEnd, type History } from '../../model/history.ts';
import { invariant } from '../../model/invariant.ts';

/**
 * Commands that ended with an exit code other than 0, by which programs in most languages say that they have failed. Not those that a
 * fault may have hindered, or that the plan's end has asked to end: how they leave then is theirs.
 */
function* failed(history: History) {
  const { commands, deaths, strikes } = history;
  const asked = askedToEnd(history);
  for (const { process, ending, step } of deaths) {
    if (ending.how !== 'exited' || ending.code === 0 || !commands.includes(process) || step > asked) continue;
    if (strikes.some((strike) => strike.step < step)) continue;
    yield { message: `${process} ended with exit code ${ending.code}` };
  }
}

/** Signals by which somebody has a process end: the plan at its end or by a fault, or a program of the run. Nobody else can. */
const asking: ReadonlySet<string> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP']);

/** Signals by which the system ends a process for what it did. */
const crashes: ReadonlySet<string> = new Set(['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGABRT', 'SIGTRAP', 'SIGSYS']);

/** Of what a command has started, how it ends is for the command to judge (SIGPIPE, SIGALRM), unless it crashed. */
function* crashed({ commands, deaths }: History) {
  for (const { process, ending } of deaths) {
    if (ending.how !== 'killed') continue;
    const { signal } = ending;
    if (crashes.has(signal) || (commands.includes(process) && !asking.has(signal)))
      yield { message: `${process} died of ${signal}` };
  }
}

export const lanesEnd = invariant(
  'lanes-end',
  'harm',
  'every lane returns by itself, a command with exit code 0, and no process dies of a signal that nobody sent to end it',
  function* (history) {
    const { end, steps, endings } = history;
    if (end === 'cut off') yield { message: `the run did not end: it was cut off after ${steps} steps` };
    for (const { lane, ending } of endings) {
      if (ending.how === 'threw')
        yield { message: `${lane} ended by an error that it did not handle: ${ending.error}` };
    }
    yield* crashed(history);
    yield* failed(history);
  },
);
