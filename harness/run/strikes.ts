// The book of strikes: which fault of the plan struck when, and when it was over. What stays out: what faults do.
import type { Strike } from '../model/history.ts';
import type { AskedDamage, AskedPowerLoss, RunStrike } from './run-options.ts';

type OpenFields = Omit<Strike, 'liftedMs' | 'damage' | 'powerLoss'>;

/** A strike as long as the run goes on. All times are virtual ms from the run's start. */
export class OpenStrike {
  readonly strike: OpenFields;
  #note: string | undefined;
  #changed = false;
  #damage: AskedDamage | undefined;
  #powerLoss: AskedPowerLoss | undefined;
  /** Rules and processes that it lasts as long as. */
  #holding = 0;
  #liftedMs: number;
  /** A pause, or a machine that is off: it is over then, or at the plan's end. */
  #pausedUntilMs = 0;

  constructor(strike: OpenFields) {
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

  /** It changed bytes of a file, and of the run's database where `damage` is given. */
  changes(damage?: AskedDamage): void {
    this.#changed = true;
    this.#damage ??= damage;
  }

  losesPower(powerLoss: AskedPowerLoss): void {
    this.#powerLoss = powerLoss;
  }

  pauseUntil(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, ms);
  }

  /**
   * @param endMs the plan's end, which ends pauses
   * @param nowMs the run's end
   */
  close(endMs: number, nowMs: number): RunStrike {
    const pausedUntilMs = this.strike.nowMs <= endMs ? Math.min(this.#pausedUntilMs, endMs) : this.#pausedUntilMs;
    const liftedMs = Math.max(this.#liftedMs, pausedUntilMs);
    const over = this.#holding === 0 && liftedMs <= nowMs;
    return {
      ...this.strike,
      liftedMs: over ? liftedMs : null,
      ...(this.#changed ? { changed: true } : {}),
      ...(this.#damage === undefined ? {} : { damage: this.#damage }),
      ...(this.#powerLoss === undefined ? {} : { powerLoss: this.#powerLoss }),
      ...(this.#note === undefined ? {} : { note: this.#note }),
    };
  }
}
