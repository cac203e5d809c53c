// The front door for programs of this folder that want its documents. What stays out: blows at it (victim.ts).
import { execa } from 'execa';
import { type Document, root } from './commands.ts';

const lockstep = `${root}cli/lockstep.js`;

/** Signals that end what goes on, and the exit codes that tell so. */
const endings = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

/** What ends the work: `code` is the exit code then, 0 before. */
export interface Stopping {
  readonly signal: AbortSignal;
  readonly code: () => number;
}

/** From now on a Ctrl-C asks to stop, and does not end this process. */
export function stopBySignal(): Stopping {
  const controller = new AbortController();
  let by = 0;
  for (const [name, code] of endings) {
    process.on(name, () => {
      by = code;
      controller.abort();
    });
  }
  return { signal: controller.signal, code: () => by };
}

/** @property code -1 for one that did not exit */
export interface Answer {
  readonly code: number;
  readonly document: Document;
  readonly stderr: string;
}

/** Gives a command with --json. */
export async function ask(args: readonly string[], folder: string, stop: AbortSignal): Promise<Answer> {
  const got = await execa(process.execPath, [lockstep, ...args, '--json'], {
    cwd: folder,
    env: { LOCKSTEP_RUNS: undefined },
    reject: false,
    stdin: 'ignore',
    cancelSignal: stop,
    forceKillAfterDelay: 30_000,
  });
  let document: Document = {};
  try {
    document = JSON.parse(got.stdout) as Document;
  } catch {
    // it was ended, or failed before it had anything to say
  }
  return { code: got.exitCode ?? -1, document, stderr: got.stderr };
}
