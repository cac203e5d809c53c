// A process of our own behind an IPC channel, from its start to its end. It says a word when it has started, and goes when its channel
// does. One from which nothing can come any more is killed, and its end says why: a Node that never starts (it waits for ever for
// a thread that the system does not give), one that stands still, has closed its channel, or does nothing of what it is asked. What
// stays out: what is said, and what becomes of a question (asked-process.ts, cli/bench/searchers.ts).
import { type ChildProcess, fork } from 'node:child_process';
import { harnessError } from '../errors/errors.ts';
import { asHostError } from '../errors/host-errors.ts';
import { coordinatorEnv } from '../host/child-env.ts';
import { Silence } from '../host/silence.ts';
import { Standstill } from '../host/standstill.ts';
import { Wait } from '../host/waiting.ts';
import { startMs } from '../run/starter.ts';
import { sweepWorkplaces } from '../run/workplace.ts';

/** How one ended: in words (a signal, `exit code 7`), or with the error that kept it from starting. */
export type ProcessOver = { readonly how: string } | { readonly error: unknown };

/** Real milliseconds between two looks at it. */
const lookMs = 1000;

/** Milliseconds of its own time that it may take to end, once its channel has: it closes a coordinator. */
const closeMs = 20_000;

/** The same for one that has not said its word yet: it has made nothing. */
const closeUnstartedMs = 5000;

export class OwnProcess<Said> {
  readonly #child: ChildProcess;
  /** Until when it must have started, then until when it must have ended. */
  #wait: Wait | undefined;
  #isStarted = false;
  #closing = false;
  #isOver = false;
  /** Why it was killed. */
  #killedSince: string | undefined;
  #notStarted: Error | undefined;
  /** Something is asked of it, so it must not fall silent. */
  asked = false;
  readonly over: Promise<ProcessOver>;

  /**
   * @param program a module that calls `followParent` (serve-parent.ts) first
   * @param onSaid hears what it says after its first word
   * @param limitMs milliseconds of its own time that it may take to start
   */
  constructor(program: string, onSaid: (said: Said) => void, limitMs: number = startMs) {
    // A process group of its own: a Ctrl-C is for the parent.
    const child = fork(program, [], { execArgv: ['--no-warnings'], detached: true, env: coordinatorEnv() });
    this.#child = child;
    child.once('message', () => {
      this.#isStarted = true;
      if (!this.#closing) this.#wait = undefined;
      child.on('message', (said) => onSaid(said as Said));
    });
    this.over = this.#untilOver();
    const { pid } = child;
    if (pid === undefined) return;
    this.#wait = waitFor(pid, limitMs);
    const look = this.#looks(pid);
    const timer = setInterval(() => {
      const why = look();
      if (why !== undefined) this.#kill(why);
    }, lookMs);
    child.once('exit', () => clearInterval(timer));
  }

  /** Undefined where it could not be started, and when it has ended. */
  get pid(): number | undefined {
    return this.#isOver ? undefined : this.#child.pid;
  }

  /** It has said its first word. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Says something; whether it arrives, what it says tells. */
  tell(message: object): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  signal(name: NodeJS.Signals): void {
    if (this.pid !== undefined) this.#child.kill(name);
  }

  /** Ends it, by ending its channel; it removes what it made. One that does not go is killed. */
  async close(): Promise<void> {
    const { pid } = this.#child;
    if (this.#isOver || pid === undefined) return;
    this.#closing = true;
    if (this.#child.connected) this.#child.disconnect();
    this.#wait = waitFor(pid, this.#isStarted ? closeMs : closeUnstartedMs);
    await this.over;
  }

  #untilOver(): Promise<ProcessOver> {
    return new Promise((resolve) => {
      const end = (over: ProcessOver): void => {
        this.#isOver = true;
        resolve(over);
      };
      this.#child.on('error', (error) => {
        // A channel that breaks is the end of the process, which `exit` tells.
        if (this.#child.pid === undefined) end({ error: asHostError(error) });
        else this.#kill('its channel broke');
      });
      this.#child.once('exit', (code, signal) => {
        if (signal !== null) sweepWorkplaces(); // it has not removed what it made, and may have no successor that would
        if (this.#notStarted !== undefined) end({ error: this.#notStarted });
        else end({ how: this.#killedSince ?? signal ?? `exit code ${code}` });
      });
    });
  }

  #kill(why: string): void {
    this.#killedSince ??= why;
    this.#child.kill('SIGKILL');
  }

  /** Result: looks at it; why nothing can come from it any more, if so. */
  #looks(pid: number): () => string | undefined {
    const standstill = new Standstill(pid);
    let silence: Silence | undefined;
    let alone = false;
    return () => {
      if (standstill.look() !== undefined) return 'stopped by a signal';
      silence = this.asked ? (silence ?? new Silence(pid)) : undefined;
      const silentMs = silence?.look();
      if (silentMs !== undefined) return `silent for ${Math.round(silentMs / 1000)} s`;
      const stuck = this.#wait?.look();
      if (stuck !== undefined && !this.#isStarted && !this.#closing) this.#notStarted = notStarted(stuck.says);
      if (stuck !== undefined) return stuck.says;
      // Its end is told a moment after that of its channel.
      const wasAlone = alone;
      alone = !this.#child.connected && !this.#closing;
      return wasAlone && alone ? 'it has closed its channel' : undefined;
    };
  }
}

function waitFor(pid: number, limitMs: number): Wait {
  return new Wait({ pid }, { limitMs, stop: () => false });
}

function notStarted(says: string): Error {
  return harnessError(
    'NODE_DID_NOT_START',
    `A Node that Lockstep runs in did not start: ${says}.`,
    'Most likely the system gives it no further thread: raise the limit on processes (`ulimit -u`, or that of the container).',
  );
}
