// The gate that is not there: what a lane's World calls in a process that runs free. Nothing stops here, so a program does
// its real system calls at full speed beside the others; only clock, chance and observations are made here. What stays
// out: whatever needs a coordinator (other processes, messages, looks), which is refused with a sentence.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { Gate } from '../../lane/gate-calls.ts';
import type { Json } from '../../lane/world.ts';
import { epochMs } from '../../schedule/epoch.ts';
import type { Random } from '../random.ts';

/** A program asked for something that only a coordinator can give. */
export class NotFree extends Error {}

/** @property nowMs of the lane's clock, from the start of the round */
export interface FreeObservation {
  readonly nowMs: number;
  readonly kind: string;
  readonly data: Json;
}

/**
 * @property horizonMs after so long on the lane's clock it is asked to stop
 * @property restMsMax a sleep takes at most so many real milliseconds; the lane's clock gets all of it
 */
export interface FreeSetting {
  readonly root: string;
  readonly horizonMs: number;
  readonly restMsMax: number;
  readonly random: Random;
}

const stillness = new Int32Array(new SharedArrayBuffer(4));

export class FreeGate extends Gate {
  readonly observations: FreeObservation[] = [];
  /** The first thing that was refused: a program may have caught the error. */
  refused: string | undefined;
  readonly #setting: FreeSetting;
  readonly #shared = new Map<string, string>();
  readonly #beganMs = performance.now();
  /** What the lane's clock is ahead of the real one, by sleeps that were cut short. */
  #skippedMs = 0;
  #file = '';

  /** @param control knows none of the gate's functions: a call that is not made free here fails in it */
  constructor(control: Database.Database, setting: FreeSetting) {
    super(control);
    this.#setting = setting;
  }

  override step(_kind: string, file: string | null, _detail: string | null): number {
    this.#file = file ?? '';
    return 0;
  }
  override done(): void {
    // Nobody waits for the record.
  }
  /** After the step `stat`: the real inode, and when the file was last changed since the round began. */
  override answer(): string {
    const { ino, mtimeMs } = statSync(join(this.#setting.root, this.#file));
    return `${ino} ${Math.max(0, Math.round((mtimeMs - performance.timeOrigin - this.#beganMs) * 1e6))}`;
  }

  override now(): number {
    return epochMs + Math.floor(this.#elapsedMs());
  }
  override sleep(ms: number): void {
    const rest = Math.min(ms, this.#setting.restMsMax, Math.max(0, this.#setting.horizonMs - this.#elapsedMs()));
    this.#skippedMs += ms - rest;
    if (rest > 0) Atomics.wait(stillness, 0, 0, rest);
  }
  override stopping(): boolean {
    return this.#elapsedMs() >= this.#setting.horizonMs;
  }
  override random(): number {
    return this.#setting.random();
  }
  override observe(text: string): void {
    this.observations.push({ nowMs: this.#elapsedMs(), ...(JSON.parse(text) as { kind: string; data: Json }) });
  }

  override get(key: string): string | null {
    return this.#shared.get(key) ?? null;
  }
  override set(key: string, value: string): void {
    this.#shared.set(key, value);
  }
  override lock(): void {
    // A process that runs free has one thread.
  }
  override unlock(): void {
    // See lock.
  }

  /** @param text as in harness/schedule/requests.ts: its first word says what is wanted */
  override ask(text: string): string {
    const sentence = `A program asked for \`${text.split(' ')[0]}\`, which needs a coordinator: it cannot run free.`;
    this.refused ??= sentence;
    throw new NotFree(sentence);
  }

  #elapsedMs(): number {
    return performance.now() - this.#beganMs + this.#skippedMs;
  }
}
