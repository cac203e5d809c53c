// The time that a process had for itself. A limit on real time would be a limit on what else the machine does: beside
// ten busy programs a process gets a tenth of a processor, and does in ten seconds what takes it one. So time in which
// it could run and was given no processor does not count. What counts is the processor time that it used and the time that
// it slept: whatever computes for ever and whatever is stuck comes to an end, however loaded the machine is.
import { type ThreadTimes, threadTimes } from './process-state.ts';

export class OwnTime {
  readonly #pid: number | undefined;
  #lookedMs = performance.now();
  #times: ReadonlyMap<string, ThreadTimes> | undefined;
  /** Real milliseconds since it began. */
  totalMs = 0;
  /** Those that count. */
  ownMs = 0;
  /** Of those, on a processor. */
  cpuMs = 0;

  /** @param pid undefined where it is not known who is waited for: then all time counts */
  constructor(pid: number | undefined) {
    this.#pid = pid;
  }

  /** Looks at the process, and adds what has passed since the last look. */
  look(): void {
    const now = performance.now();
    const passedMs = now - this.#lookedMs;
    this.#lookedMs = now;
    this.totalMs += passedMs;
    const times = this.#pid === undefined ? new Map<string, ThreadTimes>() : threadTimes(this.#pid);
    const before = this.#times;
    this.#times = times;
    if (before === undefined) {
      this.ownMs += passedMs; // no look to compare with: a slice at most
      return;
    }
    let cpuMs = 0;
    let delayMs = 0;
    let runnable = false;
    for (const [thread, time] of times) {
      const then = before.get(thread);
      cpuMs += time.cpuMs - (then?.cpuMs ?? 0);
      delayMs += time.delayMs - (then?.delayMs ?? 0);
      runnable ||= time.runnable;
    }
    cpuMs = Math.min(cpuMs, passedMs);
    // A thread that waits for its turn since the last look has no delay yet: the kernel adds it when the turn comes.
    const starvedMs = runnable ? passedMs - cpuMs : Math.min(delayMs, passedMs - cpuMs);
    this.cpuMs += cpuMs;
    this.ownMs += passedMs - Math.max(0, starvedMs);
  }
}
