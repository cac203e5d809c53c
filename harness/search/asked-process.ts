// A process of our own that is asked one thing after another over its IPC channel, and answers each. One that dies is replaced
// and asked again: what it is asked depends on nothing that it knew. What stays out: what is asked.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { asHostError } from '../errors/host-errors.ts';
import { coordinatorEnv } from '../host/child-env.ts';
import { Standstill } from '../host/standstill.ts';
import { Wait } from '../host/waiting.ts';
import { sweepWorkplaces } from '../run/workplace.ts';

/**
 * @property introduce what each process is told first; it has no answer
 * @property interrupted whether an answer says that the process was told to stop; when it was not told so by {@link stop}, somebody
 *   else's SIGTERM has ended it
 * @property died the error to throw when one process after the other has died, from how the last one did: a signal, or `exit code 7`
 */
interface AskedProcessOptions<Question, Answer> {
  readonly program: string;
  readonly introduce?: Question;
  readonly interrupted: (answer: Answer) => boolean;
  readonly died: (how: string) => Error;
}

/** So many processes may die of one question. */
const deathsMax = 3;

/** Real milliseconds between two looks at a process that is waited for. */
const lookMs = 1000;

/** Milliseconds of its own time that it may take to end, once its channel has: it closes a coordinator. */
const closeMs = 20_000;

/** The process died while it was asked. */
class Died extends Error {}

export class AskedProcess<Question, Answer> {
  readonly #options: AskedProcessOptions<Question, Answer>;
  #child: ChildProcess | undefined;
  #stopped = false;
  /** Why the child could not be started: Node tells that when its event loop turns. */
  #failed: Promise<unknown[]> | undefined;

  constructor(options: AskedProcessOptions<Question, Answer>) {
    this.#options = options;
    this.#child = this.#start();
  }

  /** Undefined where it could not be started. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** It was told to stop. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /**
   * The answer; one question at a time.
   *
   * @throws what `died` makes, when every process that was asked has died
   */
  async ask(question: Question): Promise<Answer> {
    for (let deaths = 1; ; deaths++) {
      this.#child ??= this.#start();
      try {
        const answer = await this.#askOnce(this.#child, question);
        if (this.#stopped || !this.#options.interrupted(answer)) return answer;
        await this.close();
        throw new Died('SIGTERM');
      } catch (error) {
        if (!(error instanceof Died)) throw error;
        this.#child = undefined;
        if (this.#stopped || deaths === deathsMax) throw this.#options.died(error.message);
      }
    }
  }

  /** Asks it, by SIGTERM, to end what it does as soon as it can: that is heard in the middle of a run. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#child?.kill('SIGTERM');
  }

  /** Ends it, by ending its channel; it removes what it made. One that does not go is killed. */
  async close(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    if (child.connected) child.disconnect();
    const wait = new Wait({ pid: child.pid }, { limitMs: closeMs, stop: () => false });
    const timer = setInterval(() => {
      if (wait.look() !== undefined) child.kill('SIGKILL');
    }, lookMs);
    await gone.finally(() => clearInterval(timer));
  }

  #start(): ChildProcess {
    const { program, introduce } = this.#options;
    // A process group of its own: a Ctrl-C is for the parent, which then stops asking.
    const child = fork(program, [], {
      execArgv: ['--no-warnings'],
      detached: true,
      env: coordinatorEnv(),
    });
    // A channel that breaks is the end of the process, which `exit` tells.
    child.on('error', () => child.kill('SIGKILL'));
    // One that was killed has not removed what it made, and it may have no successor that would.
    child.once('exit', (_, signal) => {
      if (signal !== null) sweepWorkplaces();
    });
    if (child.pid === undefined) this.#failed = once(child, 'error').catch((error: unknown) => [error]);
    if (introduce !== undefined) tell(child, introduce);
    return child;
  }

  async #askOnce(child: ChildProcess, question: Question): Promise<Answer> {
    const { exitCode, signalCode, pid } = child;
    if (exitCode !== null || signalCode !== null) throw new Died(signalCode ?? `exit code ${exitCode}`);
    if (pid === undefined) throw asHostError((await this.#failed)?.[0] ?? new Died('it could not be started'));
    if (!child.connected) throw new Died('it has closed its channel');
    tell(child, question);
    const over = new AbortController();
    const standstill = new Standstill(pid);
    let stopped = false;
    // One that is stopped counts as dead.
    const timer = setInterval(() => {
      if (standstill.look() !== undefined) stopped = child.kill('SIGKILL');
    }, lookMs);
    const lost = (how: string): never => {
      throw new Died(stopped ? 'stopped by a signal' : how);
    };
    const [answer] = (await Promise.race([
      once(child, 'message', over).catch((error: unknown) => lost(String(error))),
      once(child, 'exit', over).then(
        ([code, signal]) => lost(String(signal ?? `exit code ${String(code)}`)),
        (error: unknown) => lost(String(error)),
      ),
    ]).finally(() => {
      clearInterval(timer);
      over.abort();
    })) as unknown as readonly [Answer];
    return answer;
  }
}

/** Says something; whether it arrives, the answer tells. */
function tell(child: ChildProcess, message: unknown): void {
  if (child.connected) child.send(message as object, () => {});
}
