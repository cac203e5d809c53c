// Ctrl-C, SIGTERM and SIGHUP: the first asks the work to stop and keep what it has, the second ends it at once; both are
// heard in the middle of a wait too (harness/host/signals.ts). One listens for every command (main.ts), from its beginning. What
// stays out: cleaning up, which coordinators do when the process exits.
import { RunInterrupted } from '../harness/errors/interrupted.ts';
import { hearSignals, onSignals } from '../harness/host/signals.ts';

/** By convention 128 and the number of the signal: Ctrl-C, a kill, a terminal that was closed. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Heard = keyof typeof exitCodes;

export interface Interrupt {
  readonly requested: boolean;
  /** 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP (the terminal was closed). */
  readonly exitCode: number;
  /** Aborted with the first: for what waits. */
  readonly signal: AbortSignal;
  /** Throws where one has come: there is nothing yet that could be kept. */
  check(): void;
  [Symbol.dispose](): void;
}

/** A command was stopped before it had anything to keep. */
class Interrupted extends Error {}

/** Is this the end of work that was told to stop? */
export function isInterruption(error: unknown): boolean {
  return error instanceof Interrupted || error instanceof RunInterrupted;
}

/** @param onFirst called when it comes: work may take a moment to stop */
export function listenForInterrupt(onFirst: () => void = () => {}): Interrupt {
  const stopping = new AbortController();
  let exitCode = 0;
  const stop = onSignals(Object.keys(exitCodes) as readonly Heard[], (signal) => {
    const code = exitCodes[signal as Heard];
    if (exitCode !== 0) process.exit(code);
    exitCode = code;
    onFirst();
    stopping.abort(new Interrupted());
  });
  return {
    signal: stopping.signal,
    get requested() {
      hearSignals();
      return exitCode !== 0;
    },
    get exitCode() {
      return exitCode;
    },
    check() {
      hearSignals();
      stopping.signal.throwIfAborted();
    },
    [Symbol.dispose]: stop,
  };
}
