// Starts a program of ours, or says in one sentence why it cannot be: Node tells that only when its event loop turns. What
// stays out: what the program is.
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { hostErrnoOf, hostError, asHostError } from '../errors/host-errors.ts';
import { harnessError } from '../errors/errors.ts';

/** Descriptors that a spawn takes for itself, and some to spare: the pipe by which the child tells that exec(2) failed. */
const descriptorsNeeded = 6;

/** What the machine lacked a moment ago; it is asked again, since Node has kept the answer for later. */
function lacking(): 'EMFILE' | 'EAGAIN' | undefined {
  const opened: number[] = [];
  try {
    for (let i = 0; i < descriptorsNeeded; i++) opened.push(openSync('/dev/null', 'r'));
    return 'EAGAIN';
  } catch (error) {
    const name = hostErrnoOf(error);
    return name === 'EMFILE' || name === 'ENFILE' ? 'EMFILE' : undefined;
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

/**
 * Starts a program.
 *
 * @param what it is, for the sentence: `a simulated process`
 * @throws a harness error when the system makes no process of it
 */
export function spawnOwn(
  what: string,
  [file, ...args]: readonly [string, ...string[]],
  options: SpawnOptions,
): ChildProcess & { readonly pid: number } {
  let child: ChildProcess;
  try {
    child = spawn(file, args, options);
  } catch (error) {
    throw asHostError(error);
  }
  child.on('error', () => {}); // of one that did not start, which is said below; of one that did, its end tells
  if (child.pid !== undefined) return child as ChildProcess & { readonly pid: number };
  const name = lacking();
  if (name !== undefined) throw hostError(name, `the start of ${what}`);
  throw harnessError('SPAWN_FAILED', `${what} could not be started (${file}).`, 'Run `npx lockstep doctor`.');
}
