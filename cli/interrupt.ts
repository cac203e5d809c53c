// Ctrl-C, SIGTERM and SIGHUP: the first asks the work to stop and keep what it has, the second ends it at once. What stays out:
// cleaning up, which coordinators do when the process exits.

export interface Interrupt {
  readonly requested: boolean;
  /** 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP (the terminal was closed). */
  readonly exitCode: number;
  [Symbol.dispose](): void;
}

export function listenForInterrupt(): Interrupt {
  let exitCode = 0;
  const hear = (code: number) => () => {
    if (exitCode !== 0) process.exit(code);
    exitCode = code;
  };
  const onInt = hear(130);
  const onTerm = hear(143);
  const onHangup = hear(129);
  process.on('SIGINT', onInt);
  process.on('SIGTERM', onTerm);
  process.on('SIGHUP', onHangup);
  return {
    get requested() {
      return exitCode !== 0;
    },
    get exitCode() {
      return exitCode;
    },
    [Symbol.dispose]() {
      process.off('SIGINT', onInt);
      process.off('SIGTERM', onTerm);
      process.off('SIGHUP', onHangup);
    },
  };
}
