// Every step of a run, kept to be set beside those of another run: compressed as it goes, since a run may have a million. What
// stays out: what a difference means (difference.ts).
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { RawRecord } from '../model/record.ts';
import type { StepLane, StepSink } from '../model/step.ts';
import { traceStep, type TraceStep } from '../observe/trace.ts';

/** Steps compressed together: what has to be unpacked to see one. */
const chunkSteps = 2000;
/** Of compressed steps. Past it nothing more is kept. */
const bytesMax = 64 << 20;

/**
 * A step with all that the trace hash is taken over.
 *
 * @property record the numbers of its record that `step` has no names for: a, b, sum, flags
 */
export interface KeptStep {
  readonly step: TraceStep;
  readonly record: readonly number[];
}

export class StepLog implements StepSink {
  readonly #chunks: Buffer[] = [];
  #lines: string[] = [];
  #bytes = 0;

  see(step: number, record: Readonly<RawRecord>, lane: StepLane, nowMs: number): void {
    if (this.#bytes > bytesMax) return;
    const { a, b, sum, flags } = record;
    const kept: KeptStep = { step: traceStep(step, record, lane, nowMs), record: [a, b, sum, flags] };
    this.#lines.push(JSON.stringify(kept));
    if (this.#lines.length === chunkSteps) this.#pack();
  }

  /** The steps from number `from` on. */
  *from(from: number): Generator<KeptStep> {
    for (let chunk = Math.floor(from / chunkSteps); chunk <= this.#chunks.length; chunk++)
      for (const line of this.#linesOf(chunk).slice(chunk * chunkSteps < from ? from % chunkSteps : 0))
        yield JSON.parse(line) as KeptStep;
  }

  /** Number of the first step that is not the same in the other; undefined when there is none. */
  firstDifference(other: StepLog): number | undefined {
    for (let chunk = 0; chunk <= Math.max(this.#chunks.length, other.#chunks.length); chunk++) {
      const [mine, its] = [this.#chunks[chunk], other.#chunks[chunk]];
      if (mine !== undefined && its !== undefined && mine.equals(its)) continue;
      const [one, two] = [this.#linesOf(chunk), other.#linesOf(chunk)];
      for (let i = 0; i < Math.max(one.length, two.length); i++) if (one[i] !== two[i]) return chunk * chunkSteps + i;
    }
    return undefined;
  }

  /** The last chunk is not packed yet. */
  #linesOf(chunk: number): readonly string[] {
    const packed = this.#chunks[chunk];
    if (packed === undefined) return chunk === this.#chunks.length ? this.#lines : [];
    return inflateRawSync(packed).toString('utf8').split('\n');
  }

  #pack(): void {
    const packed = deflateRawSync(this.#lines.join('\n'), { level: 1 });
    this.#chunks.push(packed);
    this.#bytes += packed.length;
    this.#lines = [];
  }
}
