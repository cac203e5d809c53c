// Memory that the threads of one process share: how much has been posted between them, how many there are, and who waits where in memory
// (Atomics.wait). Only one lane runs at a time, so that nothing here is a race. What stays out: how a lane stands still (waits.ts).

const waitersMost = 1024;

/** Of `numbers`: where each count lies. Behind them the tickets of waiters, and then their threads. */
const at = { posted: 0, threads: 1, tickets: 2, last: 3, waiters: 4, owners: 4 + waitersMost } as const;

/** In place of a ticket: that of a waiter that has been notified. */
const notified = -1;

export class SharedMemory {
  readonly buffer: SharedArrayBuffer;
  readonly #numbers: Int32Array;
  /** Of each waiter: where in memory. */
  readonly #addresses: Float64Array;

  /** @param buffer of another thread; default: a process's first */
  constructor(buffer = new SharedArrayBuffer(waitersMost * 8 + (at.owners + waitersMost) * 4)) {
    this.buffer = buffer;
    this.#addresses = new Float64Array(buffer, 0, waitersMost);
    this.#numbers = new Int32Array(buffer, waitersMost * 8);
  }

  /** So many messages and the like have been posted, from one thread of the process to another or to itself. */
  get posted(): number {
    return this.#get(at.posted);
  }

  countPost(): void {
    this.#set(at.posted, (this.posted + 1) | 0);
  }

  /** Threads beside the main one. */
  get threads(): number {
    return this.#get(at.threads);
  }

  countThreads(by: 1 | -1): void {
    this.#set(at.threads, this.threads + by);
  }

  /**
   * @param thread who waits, as Node numbers threads
   * @returns its number, for {@link isNotified} and {@link leave}
   */
  enter(address: number, thread: number): number {
    const ticket = this.#get(at.tickets) + 1;
    for (let i = 0; i < waitersMost; i++) {
      if (this.#get(at.waiters + i) !== 0) continue;
      this.#set(at.tickets, ticket);
      this.#set(at.last, Math.max(this.#get(at.last), i + 1));
      this.#set(at.waiters + i, ticket);
      this.#set(at.owners + i, thread);
      this.#addresses[i] = address;
      return i;
    }
    throw new RangeError(`More than ${waitersMost} wait in Atomics.wait at once.`);
  }

  isNotified(waiter: number): boolean {
    return this.#get(at.waiters + waiter) === notified;
  }

  leave(waiter: number): void {
    this.#set(at.waiters + waiter, 0);
  }

  /** A thread has ended, in the middle of a wait perhaps. */
  forget(thread: number): void {
    for (let i = 0; i < this.#get(at.last); i++) if (this.#get(at.owners + i) === thread) this.leave(i);
  }

  /** Those that came first go first. Result: how many there were. */
  notify(address: number, most: number): number {
    const waiting = Array.from({ length: this.#get(at.last) }, (_, i) => i)
      .filter((i) => this.#addresses[i] === address && this.#get(at.waiters + i) > 0)
      .toSorted((a, b) => this.#get(at.waiters + a) - this.#get(at.waiters + b))
      .slice(0, most);
    for (const i of waiting) this.#set(at.waiters + i, notified);
    return waiting.length;
  }

  #get(place: number): number {
    return this.#numbers[place] ?? 0;
  }

  #set(place: number, value: number): void {
    this.#numbers[place] = value;
  }
}
