// What tells one run from another when runs are counted: the operations of all lanes in their order, on which file, with
// what arguments and results. Not the bytes, and no text: two runs that differ only in their seed's salts, ids and
// payloads have done the same, though their trace hashes differ (and a plan that differs in what never came to bear gives
// the same run). Coarser than the trace hash on purpose: what counts as one run too many would flatter a bound.
import type { RawRecord } from '../model/record.ts';
import type { StepSink } from '../model/step.ts';

export class Fingerprint implements StepSink {
  #high = 0x9e3779b9;
  #low = 0x85ebca6b;

  see(_step: number, { op, role, lane, file, rc, a, b }: Readonly<RawRecord>): void {
    this.#add((op << 24) ^ (role << 16) ^ lane);
    this.#add((file << 16) ^ rc);
    this.#add(a | 0);
    this.#add(b | 0);
    this.#add(Math.floor(b / 2 ** 32));
  }

  /** 64 bits in base 36. */
  get text(): string {
    return `${(this.#high >>> 0).toString(36)}.${(this.#low >>> 0).toString(36)}`;
  }

  /** Two accumulators that mix differently (the multipliers are those of murmur3). */
  #add(word: number): void {
    this.#high = Math.imul(this.#high ^ word ^ ((this.#high ^ word) >>> 15), 0xcc9e2d51) + 0x6b43a9b5;
    this.#low = Math.imul(((this.#low << 13) | (this.#low >>> 19)) ^ word, 0x1b873593) + 0x52dce729;
  }
}
