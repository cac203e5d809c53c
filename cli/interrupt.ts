// Ctrl-C, SIGTERM and SIGHUP: the first asks the work to stop and keep what it has, the second ends it at once; both are
// heard in the middle of a wait too (harness/signals.ts). What stays out: cleaning up, which coordinators do when the
// process exits.
import { hearSignals, onSignals } from '../harness/signals.ts';

/** By convention 128 and the number of the signal: Ctrl-C, a kill, a terminal that was closed. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Heard = keyof typeof exitCodes;

export interface Interrupt {
  readonly requested: boolean;
  /** 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP (the terminal was closed). */
  readonly exitCode: number;
  [Symbol.dispose](): void;
}

export function listenForInterrupt(): Interrupt {
  let exitCode = 0;
  const stop = onSignals(Object.keys(exitCodes) as readonly Heard[], (signal) => {
    const code = exitCodes[signal as Heard];
    if (exitCode !== 0) process.exit(code);
    exitCode = code;
  });
  return {
    get requested() {
      hearSignals();
      return exitCode !== 0;
    },
    get exitCode() {
      return exitCode;
    },
    [Symbol.dispose]: stop,
  };
}
