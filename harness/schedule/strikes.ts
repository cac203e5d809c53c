// The book of strikes: which fault of the plan struck when, and when it was over. What stays out: what faults do.
import type { Strike } from '../history/history.ts';

/** A strike as long as the run goes on. All times are virtual ms from the run's start. */
export class OpenStrike {
  readonly strike: Omit<Strike, 'liftedMs'>;
  #note: string | undefined;
  #changed = false;
  /** Rules and processes that it lasts as long as. */
  #holding = 0;
  #liftedMs: number;
  /** A pause: it is over then, or at the plan's end. */
  #pausedUntilMs = 0;

  constructor(strike: Omit<Strike, 'liftedMs'>) {
    this.strike = strike;
    this.#liftedMs = strike.nowMs;
  }

  note(sentence: string): void {
    this.#note = this.#note === undefined ? sentence : `${this.#note}; ${sentence}`;
  }

  hold(): void {
    this.#holding++;
  }

  release(nowMs: number): void {
    this.liftedAt(nowMs);
    this.#holding--;
  }

  /** What does not hold the strike open was used up. */
  liftedAt(nowMs: number): void {
    this.#liftedMs = nowMs;
  }

  /** It changed bytes of a file. */
  changes(): void {
    this.#changed = true;
  }

  pauseUntil(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, ms);
  }

  /**
   * @param endMs the plan's end, which ends pauses
   * @param nowMs the run's end
   */
  close(endMs: number, nowMs: number): Strike {
    const pausedUntilMs = this.strike.nowMs <= endMs ? Math.min(this.#pausedUntilMs, endMs) : this.#pausedUntilMs;
    const liftedMs = Math.max(this.#liftedMs, pausedUntilMs);
    const over = this.#holding === 0 && liftedMs <= nowMs;
    return {
      ...this.strike,
      liftedMs: over ? liftedMs : null,
      ...(this.#changed ? { changed: true } : {}),
      ...(this.#note === undefined ? {} : { note: this.#note }),
    };
  }
}
