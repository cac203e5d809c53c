// Atomics.wait and notify between threads that are lanes: who waits stands still at the coordinator, and in virtual time. What stays out: the
// memory in which waiters are listed (shared-memory.ts).
import { threadId } from 'node:worker_threads';
import { asks, type ProcessOfRun } from './process-of-run.ts';
import { posts, threadsKey, type Waits } from './waits.ts';

type Shared = Int32Array<SharedArrayBuffer> | BigInt64Array<SharedArrayBuffer>;
type Wait = (array: Shared, index: number, value: number | bigint, ms?: number) => 'ok' | 'not-equal' | 'timed-out';
type Outcome = { readonly async: boolean; readonly value: unknown };
type WaitAsync = (array: Shared, index: number, value: number | bigint, ms?: number) => Outcome;

const msOf = (given: unknown): number => {
  const ms = given === undefined ? Infinity : Number(given);
  return Number.isNaN(ms) ? Infinity : Math.max(0, Math.ceil(ms));
};

interface Waiter {
  readonly number: number;
  readonly resolve: (outcome: 'ok' | 'timed-out') => void;
  readonly timer: NodeJS.Timeout | undefined;
}

export function replaceAtomics(process_: ProcessOfRun, waits: Waits): void {
  const { gate, memory } = process_;
  const wait = Atomics.wait.bind(Atomics) as Wait;
  const notify = Atomics.notify.bind(Atomics) as (array: Shared, index: number, count?: number) => number;
  const addressOf = (array: Shared, index: number) => process_.native.address(array) + index * array.BYTES_PER_ELEMENT;

  const standStill: Wait = (array, index, value, ms) => {
    const now = wait(array, index, value, 0); // Node's own look, and its own errors
    const untilMs = gate.now() + msOf(ms);
    if (now === 'not-equal' || untilMs <= gate.now()) return now;
    if (memory.threads === 0 && Number.isFinite(untilMs)) {
      gate.sleep(untilMs - gate.now()); // nobody can notify it
      return 'timed-out';
    }
    const waiter = memory.enter(addressOf(array, index), threadId);
    try {
      while (!memory.isNotified(waiter)) {
        const left = untilMs - gate.now();
        if (left <= 0) return 'timed-out';
        const timeoutMs = Number.isFinite(left) ? left : undefined;
        asks(process_, { kind: 'await', key: threadsKey(process_), timeoutMs });
      }
      return 'ok';
    } finally {
      memory.leave(waiter);
    }
  };

  const waiting = new Set<Waiter>();
  waits.onTurn(() => {
    for (const waiter of waiting) {
      if (!memory.isNotified(waiter.number)) continue;
      clearTimeout(waiter.timer);
      waiting.delete(waiter);
      memory.leave(waiter.number);
      waiter.resolve('ok');
    }
  });
  const waitAsync: WaitAsync = (array, index, value, ms) => {
    if (Atomics.load(array as Int32Array, index) !== value) return { async: false, value: 'not-equal' };
    const afterMs = msOf(ms);
    if (afterMs === 0) return { async: false, value: 'timed-out' };
    const outcome = new Promise((resolve) => {
      const number = memory.enter(addressOf(array, index), threadId);
      const late = () => {
        waiting.delete(waiter);
        memory.leave(number);
        resolve('timed-out');
      };
      const timer = Number.isFinite(afterMs) ? setTimeout(late, afterMs).unref() : undefined;
      const waiter = { number, resolve, timer };
      waiting.add(waiter);
    });
    return { async: true, value: outcome };
  };

  const wake = (array: Shared, index: number, count?: number): number => {
    notify(array, index, 0); // Node's own errors
    if (!(array.buffer instanceof SharedArrayBuffer)) return 0;
    const woken = memory.notify(addressOf(array, index), count === undefined ? Infinity : Math.max(0, count));
    if (woken > 0) posts(process_);
    return woken;
  };
  Object.assign(Atomics, { wait: standStill, waitAsync, notify: wake });
}
