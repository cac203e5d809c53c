// What the program waits for that other lanes bring: ends of processes and threads, messages of other processes, what other threads of its own
// have posted. What stays out: timers (clock.ts).
import type { Ending } from '../../model/process.ts';
import type { Events } from '../../model/request.ts';
import type { Json } from '../../model/values.ts';
import { asks, real, type ProcessOfRun } from './process-of-run.ts';

/** What may keep the program alive. */
interface Keeper {
  readonly keeps: () => boolean;
}

export class Waits {
  readonly #process: ProcessOfRun;
  readonly #keepers: Keeper[] = [];
  readonly #printed = new Map<string, () => void>();
  readonly #ended = new Map<string, (ending: Ending) => void>();
  readonly #mail = new Map<string, (message: Json) => void>();
  readonly #listeners: (() => boolean)[] = [];
  readonly #turns: (() => void)[] = [];
  readonly #standstills: (() => void)[] = [];
  #seen = 0;

  constructor(process: ProcessOfRun) {
    this.#process = process;
  }

  addKeeper(keeper: Keeper): void {
    this.#keepers.push(keeper);
  }

  /** @param listens can other lanes bring it anything, now? */
  addListener(listens: () => boolean): void {
    this.#listeners.push(listens);
  }

  /** Is there anything for which the program does not end? */
  get keeps(): boolean {
    return this.#keepers.some((keeper) => keeper.keeps());
  }

  /** Can other lanes bring it anything? */
  get listens(): boolean {
    const { memory, thread } = this.#process;
    if (this.#listeners.some((listens) => listens())) return true;
    return this.#ended.size > 0 || this.#mail.size > 0 || memory.threads > 0 || thread !== undefined;
  }

  /** Has anything been posted since the loop last turned for that? */
  get hasNews(): boolean {
    return this.#process.memory.posted !== this.#seen;
  }

  /** @param tell is called once, when the loop turns */
  onEnd(name: string, tell: (ending: Ending) => void): void {
    this.#ended.set(name, tell);
  }

  /** @param tell is called whenever it has printed something, until it has ended */
  onPrint(name: string, tell: () => void): void {
    this.#printed.set(name, tell);
  }

  /** @param from a lane; undefined: no longer */
  onMail(from: string, tell: ((message: Json) => void) | undefined): void {
    if (tell === undefined) this.#mail.delete(from);
    else this.#mail.set(from, tell);
  }

  /** @param act is called whenever something may have come from another thread */
  onTurn(act: () => void): void {
    this.#turns.push(act);
  }

  /** @param act is called before the program stands still */
  beforeStandstill(act: () => void): void {
    this.#standstills.push(act);
  }

  /** A turn of the loop, in which Node itself takes what other threads have posted. */
  turn(): void {
    this.#seen = this.#process.memory.posted;
    real.setImmediate(() => {
      for (const act of this.#turns) act();
    });
  }

  /**
   * Stands still until something has come.
   *
   * @param ms virtual; undefined: as long as it takes
   */
  wait(ms: number | undefined): void {
    for (const act of this.#standstills.splice(0)) act();
    const names = [...this.#ended.keys()];
    const key = threadsKey(this.#process);
    const asked = { kind: 'events', key, names, timeoutMs: ms } as const;
    const { mail, ended, printed } = asks(this.#process, asked) as unknown as Events;
    for (const name of printed) this.#printed.get(name)?.();
    for (const { from, message } of mail) this.#mail.get(from)?.(message);
    for (const [name, ending] of Object.entries(ended)) {
      const tell = this.#ended.get(name);
      this.#ended.delete(name);
      this.#printed.delete(name);
      tell?.(ending);
    }
    this.turn();
  }
}

/** What the threads of a process notify each other by. */
export function threadsKey({ setting }: ProcessOfRun): string {
  return `threads/${setting.process}`;
}

/** Something is there for another thread of the process, if there is one: it looks. */
export function posts(process_: ProcessOfRun): void {
  const { memory } = process_;
  memory.countPost();
  if (memory.threads > 0) asks(process_, { kind: 'notify', key: threadsKey(process_) });
}
