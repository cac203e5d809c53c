// The gate that is not there: what a lane's World calls in a process that runs free. Nothing stops here, so a program does
// its real system calls at full speed beside the others; only clock, chance and observations are made here. What stays
// out: whatever needs a coordinator (other processes, looks, and messages in rounds without mail), which is refused with a
// sentence.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { GateCalls } from '../../lane/gate-calls.ts';
import type { Json } from '../../model/values.ts';
import { type Observed, parseObserved } from '../../model/observation.ts';
import { type Answer, encodeStat, parseRequest, type Request } from '../../model/request.ts';
import { epochMs } from '../../run/epoch.ts';
import type { Random } from '../../model/random.ts';
import type { FreeServer } from './free-server.ts';
import type { Mail } from './mail.ts';

/** A program asked for something that only a coordinator can give. */
export class NotFree extends Error {}

/** @property nowMs of the lane's clock, from the start of the round */
export interface FreeObservation extends Observed {
  readonly nowMs: number;
}

/**
 * @property horizonMs after so long on the lane's clock it is asked to stop
 * @property restMsMax a sleep takes at most so many real milliseconds; the lane's clock gets all of it
 * @property keeps kinds of observations that are wanted; default: all
 * @property mail between the processes of the round, in rounds that have it
 * @property server of the round, in rounds that have one
 */
export interface FreeSetting {
  readonly root: string;
  readonly horizonMs: number;
  readonly restMsMax: number;
  readonly random: Random;
  readonly keeps?: readonly string[] | undefined;
  readonly mail?: Mail | undefined;
  readonly server?: FreeServer | undefined;
}

const stillness = new Int32Array(new SharedArrayBuffer(4));

export class FreeGate implements GateCalls {
  readonly observations: FreeObservation[] = [];
  /** The round's start on the clock that all processes of the machine share (CLOCK_MONOTONIC), milliseconds. */
  readonly beganMs = Number(process.hrtime.bigint()) / 1e6;
  /** The first thing that was refused: a program may have caught the error. */
  refused: string | undefined;
  readonly #setting: FreeSetting;
  readonly #shared = new Map<string, string>();
  readonly #beganMs = performance.now();
  /** What the lane's clock is ahead of the real one, by sleeps that were cut short. */
  #skippedMs = 0;
  #file = '';

  constructor(setting: FreeSetting) {
    this.#setting = setting;
  }

  step(_kind: string, file: string | null, _detail: string | null): number {
    this.#file = file ?? '';
    return 0;
  }
  on(): number {
    return 0;
  }
  opened(): void {
    // See done.
  }
  scan(): string {
    return this.#refuse('a scan of descriptors');
  }
  range(): number {
    return this.#refuse('a lock on a descriptor of SQLite’s');
  }
  opens(): number {
    return this.#refuse('a VFS, or a wal-index of its own');
  }
  poke(): number {
    return this.#refuse('a stray write into memory');
  }
  done(): void {
    // Nobody waits for the record.
  }
  refuse(): void {
    // The same: the operation itself fails.
  }
  /** After the step `stat`: the real inode, and when the file was last changed since the round began. */
  answer(): string {
    const { ino, mtimeMs } = statSync(join(this.#setting.root, this.#file));
    const mtimeNs = Math.max(0, Math.round((mtimeMs - performance.timeOrigin - this.#beganMs) * 1e6));
    return encodeStat({ inode: ino, mtimeNs });
  }

  now(): number {
    return epochMs + Math.floor(this.#elapsedMs());
  }
  sleep(ms: number): void {
    const rest = Math.min(ms, this.#setting.restMsMax, Math.max(0, this.#setting.horizonMs - this.#elapsedMs()));
    this.#skippedMs += ms - rest;
    if (rest > 0) Atomics.wait(stillness, 0, 0, rest);
  }
  stopping(): boolean {
    return this.#setting.mail?.ended === true || this.#elapsedMs() >= this.#setting.horizonMs;
  }
  random(): number {
    return this.#setting.random();
  }
  observe(text: string): void {
    const nowMs = this.#elapsedMs();
    const said = parseObserved(text);
    if (this.#setting.keeps?.includes(said.kind) ?? true) this.observations.push({ nowMs, ...said });
  }

  reseed(): void {
    // A thread was refused before (ask).
  }

  get(key: string): string | null {
    return this.#shared.get(key) ?? null;
  }
  set(key: string, value: string): void {
    this.#shared.set(key, value);
  }
  lock(): void {
    // A process that runs free has one thread.
  }
  unlock(): void {
    // See lock.
  }

  ask(text: string): string {
    const request = parseRequest(text);
    const leftMs = Math.max(0, this.#setting.horizonMs - this.#elapsedMs());
    const value = this.#posted(request) ?? this.#setting.server?.ask(request, leftMs);
    if (value !== undefined) return JSON.stringify({ value } satisfies Answer);
    return this.#refuse(`\`${request.kind}\``);
  }

  #refuse(what: string): never {
    const sentence = `A program asked for ${what}, which needs a coordinator: it cannot run free.`;
    this.refused ??= sentence;
    throw new NotFree(sentence);
  }

  /** What the mail can answer; undefined: nothing. */
  #posted(request: Request): Json | undefined {
    const { mail, horizonMs } = this.#setting;
    if (mail === undefined) return undefined;
    switch (request.kind) {
      case 'send':
        return mail.send(request.to, request.message);
      case 'receive': {
        const letter = mail.receive(request.timeoutMs ?? Math.max(0, horizonMs - this.#elapsedMs()));
        return letter === undefined ? null : { ...letter };
      }
      case 'poll':
        return mail.knows(request.name) ? null : undefined; // it lives: all do, as long as the round goes on
      default:
        return undefined;
    }
  }

  #elapsedMs(): number {
    return performance.now() - this.#beganMs + this.#skippedMs;
  }
}
