// A process of our own that is asked one thing after another, and answers each. One that dies is replaced and asked again: what it is
// asked depends on nothing that it knew. Where one did not even start, no other is tried. What stays out: what is asked, and when a
// process counts as dead (own-process.ts).
import { OwnProcess, type ProcessOver } from './own-process.ts';

/**
 * @property introduce what each process is told first; it has no answer
 * @property interrupted whether an answer says that the process was told to stop; when it was not told so by {@link stop}, somebody
 *   else's SIGTERM has ended it
 * @property died the error to throw when one process after the other has died, from how the last one did: a signal, or `exit code 7`
 * @property startMs milliseconds of its own time that it may take to start
 */
interface AskedProcessOptions<Question, Answer> {
  readonly program: string;
  readonly introduce?: Question;
  readonly interrupted: (answer: Answer) => boolean;
  readonly died: (how: string) => Error;
  readonly startMs?: number;
}

/** So many processes may die of one question. */
const deathsMax = 3;

export class AskedProcess<Question extends object, Answer> {
  readonly #options: AskedProcessOptions<Question, Answer>;
  #process: OwnProcess<Answer>;
  #stopped = false;
  #hear: (answer: Answer) => void = () => {};
  /** Set once one did not start. */
  #refused: { readonly error: unknown } | undefined;

  constructor(options: AskedProcessOptions<Question, Answer>) {
    this.#options = options;
    this.#process = this.#start();
  }

  /** Undefined where it could not be started, and when it has ended. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** It was told to stop. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /**
   * The answer; one question at a time.
   *
   * @throws what `died` makes, when every process that was asked has died; a harness error where one did not start
   */
  async ask(question: Question): Promise<Answer> {
    if (this.#refused !== undefined) throw this.#refused.error;
    for (let deaths = 1; ; deaths++) {
      if (this.#process.isOver) this.#process = this.#start();
      const got = await this.#askOnce(question);
      if ('answer' in got) {
        if (this.#stopped || !this.#options.interrupted(got.answer)) return got.answer;
        await this.close();
      }
      if ('error' in got) {
        this.#refused = got;
        throw got.error;
      }
      const how = 'how' in got ? got.how : 'SIGTERM';
      if (this.#stopped || deaths === deathsMax) throw this.#options.died(how);
    }
  }

  /** Asks it, by SIGTERM, to end what it does as soon as it can: that is heard in the middle of a run. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#process.signal('SIGTERM');
  }

  /** See {@link OwnProcess.close}. */
  close(): Promise<void> {
    return this.#process.close();
  }

  #start(): OwnProcess<Answer> {
    const { program, introduce, startMs } = this.#options;
    const hear = (answer: Answer): void => {
      if (process === this.#process) this.#hear(answer); // what one says that counts as dead comes too late
    };
    const process = new OwnProcess<Answer>(program, hear, startMs);
    if (introduce !== undefined) process.tell(introduce);
    return process;
  }

  async #askOnce(question: Question): Promise<ProcessOver | { readonly answer: Answer }> {
    const process = this.#process;
    const answered = new Promise<Answer>((resolve) => (this.#hear = resolve));
    process.tell(question);
    process.asked = true;
    const answer = answered.then((said) => ({ answer: said }));
    return Promise.race([answer, process.over]).finally(() => (process.asked = false));
  }
}
