// The last resort of the front door: an error that nobody caught, thrown by whatever and whenever, is a sentence and exit
// code 4 (Node's own answer is a stack and exit code 1, which means that an invariant was violated). What stays out: errors
// of a command, which main.ts catches.
import { setTimeout as sleep } from 'node:timers/promises';
import { standardStreams } from './standard-stream.ts';

/** Says the error, as the command would that is at work; gives the exit code. */
type Tell = (error: unknown) => number;

let tell: Tell = (error) => {
  standardStreams().err.write(`lockstep: ${JSON.stringify(error instanceof Error ? error.message : String(error))}\n`);
  return 4;
};

/** From now on, this is how it is said. */
export function tellUncaughtBy(how: Tell): void {
  tell = how;
}

/** Longest wait for a reader, in real milliseconds, before the process ends. */
const flushMs = 1000;

async function leave(code: number): Promise<never> {
  const { out, err } = standardStreams();
  await Promise.race([Promise.all([out.flushed(), err.flushed()]), sleep(flushMs)]);
  process.exit(code);
}

/** Hears of every error that nobody caught, unhandled rejections among them. */
export function catchTheUncaught(): void {
  process.on('uncaughtException', (error) => void leave(tell(error)));
}
