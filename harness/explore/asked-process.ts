// A process of our own that is asked one thing after another over its IPC channel, and answers each. What stays out: what
// is asked.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { compileCache } from '../schedule/child-env.ts';

/** @property died the error to throw when the process dies, from how it did: a signal, or `exit code 7` */
interface AskedProcessOptions {
  readonly program: string;
  readonly died: (how: string) => Error;
}

export class AskedProcess<Question, Answer> {
  readonly #child: ChildProcess;
  readonly #died: (how: string) => Error;

  constructor({ program, died }: AskedProcessOptions) {
    this.#died = died;
    // A process group of its own: a Ctrl-C is for the parent, which then stops asking.
    this.#child = fork(program, [], {
      execArgv: ['--no-warnings'],
      detached: true,
      env: { ...process.env, ...compileCache() },
    });
    // A channel that breaks is the end of the process, which `exit` tells; one that could not be started has none.
    this.#child.on('error', () => this.#child.kill('SIGKILL'));
  }

  /** Says something that has no answer. */
  tell(message: Question): void {
    if (this.#child.connected) this.#child.send(message as object, () => {});
  }

  /** The answer; one question at a time. Throws what `died` makes when the process dies before. */
  async ask(question: Question): Promise<Answer> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) throw this.#died(signalCode ?? `exit code ${exitCode}`);
    if (this.#child.pid === undefined || !this.#child.connected) throw this.#died('no channel to it');
    this.tell(question);
    const over = new AbortController();
    const lost = (how: string): never => {
      throw this.#died(how);
    };
    const [answer] = (await Promise.race([
      once(this.#child, 'message', over).catch((error: unknown) => lost(String(error))),
      once(this.#child, 'exit', over).then(
        ([code, signal]) => lost(String(signal ?? `exit code ${String(code)}`)),
        (error: unknown) => lost(String(error)),
      ),
    ]).finally(() => over.abort())) as unknown as readonly [Answer];
    return answer;
  }

  /** Ends it, by ending its channel; it removes what it made. */
  async close(): Promise<void> {
    if (this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.disconnect();
    await gone;
  }
}
