// Virtual time in Node: clocks and timers by @sinonjs/fake-timers, driven by the gate. Where the event loop has nothing left but
// timers, and what other lanes bring, the lane stands still until the next. What stays out: what is waited for beside timers (waits.ts).
import { AsyncResource } from 'node:async_hooks';
import * as fakeTimers from '@sinonjs/fake-timers';
import { syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';
import { real, type ProcessOfRun } from './process-of-run.ts';
import type { Waits } from './waits.ts';

const faked = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'hrtime', 'performance'] as const;

/** So many turns of setImmediate in one moment take a millisecond: a program that polls so for a time would wait for ever. */
const turnsOfAMoment = 1000;

interface TimerObject {
  hasRef(): boolean;
}

interface PendingTimer {
  readonly id: number;
  readonly callAt: number;
}

/** @property timers by number, while there are any */
type Clock = ReturnType<typeof fakeTimers.install> & { readonly timers?: ReadonlyMap<number, PendingTimer> };

class Timers {
  readonly #clock: Clock;
  readonly #objects = new Map<number, TimerObject>();

  constructor(clock: Clock) {
    this.#clock = clock;
    for (const name of ['setTimeout', 'setInterval'] as const) {
      const set = clock[name].bind(clock) as (...given: unknown[]) => unknown;
      Object.assign(clock, {
        [name]: (callback: unknown, ...given: unknown[]) => {
          // what belongs to a caller (AsyncLocalStorage) belongs to what it has asked for
          const timer = set(
            typeof callback === 'function' ? AsyncResource.bind(callback as () => void) : callback,
            ...given,
          );
          this.#objects.set(Number(timer), timer as TimerObject);
          return timer;
        },
      });
    }
  }

  /** When the next is due, virtual ms; undefined where there is none. */
  next(): number | undefined {
    const pending = this.#pending();
    return pending.length === 0 ? undefined : Math.min(...pending.map(({ callAt }) => callAt));
  }

  /** Is there one that keeps the program alive? */
  keeps(): boolean {
    const pending = this.#pending();
    const ids = new Set(pending.map(({ id }) => id));
    for (const id of this.#objects.keys()) if (!ids.has(id)) this.#objects.delete(id);
    return pending.some(({ id }) => this.#objects.get(id)?.hasRef() ?? true);
  }

  #pending(): readonly PendingTimer[] {
    const { timers } = this.#clock as { readonly timers?: ReadonlyMap<number, PendingTimer> };
    return [...(timers?.values() ?? [])];
  }

  fire(): void {
    this.#clock.next();
  }

  /** Where the loop is not empty, what is due is due all the same. */
  fireDue(nowMs: number): void {
    const due = this.next();
    if (due !== undefined && due <= nowMs) this.fire();
  }
}

/** Time that the loop passes while it turns without a pause; what is due goes first, as in Node's own loop. */
function slowImmediates({ gate }: ProcessOfRun, timers: Timers, waits: Waits): void {
  let turns = 0;
  let moment = 0;
  const passes = (callback: (...given: unknown[]) => void, ...given: unknown[]) =>
    real.setImmediate(() => {
      if (moment !== gate.now()) turns = 0;
      moment = gate.now();
      if (++turns % turnsOfAMoment === 0) {
        if (waits.listens) waits.wait(1);
        else gate.sleep(1);
      }
      timers.fireDue(gate.now());
      callback(...given);
    });
  const promised = () => new Promise<void>((resolve) => passes(() => resolve()));
  Object.defineProperty(passes, promisify.custom, { value: promised });
  Object.assign(globalThis, { setImmediate: passes });
  Object.assign(real.require('node:timers') as object, { setImmediate: passes });
}

/** Node's own stands on timers that nobody can replace. */
function timeOutSignals(): void {
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    const late = () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    setTimeout(late, ms).unref();
    return controller.signal;
  };
}

/**
 * From here on time is the run's.
 *
 * @param waits what the program waits for beside timers
 * @param ends is called behind the program's own handlers of its end, or its thread's; `isLast`: none of them has thrown, or can change
 *   the code any more
 */
export function installClock(
  process_: ProcessOfRun,
  waits: Waits,
  ends: (code: unknown, isLast: boolean) => void,
): void {
  const { gate } = process_;
  const started = gate.now();
  const clock = fakeTimers.install({ now: started, toFake: [...faked], ignoreMissingTimers: true }) as Clock;
  Object.defineProperty(clock, 'now', { get: () => gate.now(), set: () => {} });
  const timers = new Timers(clock);
  slowImmediates(process_, timers, waits);
  timeOutSignals();
  Object.defineProperty(process, 'uptime', { value: () => (gate.now() - started) / 1000, configurable: true });
  /** The event loop is empty. Result: whether it goes on. */
  const goesOn = (): boolean => {
    if (!timers.keeps() && !waits.keeps) return false;
    const due = timers.next();
    const restMs = due === undefined ? undefined : due - gate.now();
    if (restMs !== undefined && restMs <= 0) real.setImmediate(() => timers.fire());
    else if (waits.hasNews) waits.turn();
    else if (waits.listens) waits.wait(restMs);
    else {
      gate.sleep(restMs ?? 0);
      real.setImmediate(() => undefined); // a turn of the loop: a signal may have come
    }
    return true;
  };
  const emit = ((event: string, ...given: unknown[]) => {
    if (event === 'beforeExit' && goesOn()) return true;
    let hasReturned = false;
    try {
      const heard = (real.emit as (event: string, ...given: unknown[]) => boolean)(event, ...given);
      hasReturned = true;
      return heard;
    } finally {
      if (event === 'exit') ends(process.exitCode, hasReturned && process.emit === emit);
    }
  }) as typeof process.emit;
  process.emit = emit;
  syncBuiltinESMExports();
}
