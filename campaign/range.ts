// What the runs of a range came to: counts, marks, failing runs by group, and the two digests by which ranges are put together
// exactly. What stays out: making runs (runs.ts), and keeping it (ledger.ts).
import { createHash } from 'node:crypto';
import type { Violation } from '../harness/model/invariant.ts';
import type { Plan } from '../harness/model/plan.ts';
import type { Reached } from '../harness/search/feedback.ts';
import type { RunReport } from '../harness/search/runner.ts';

/** A failing run of which the plan is kept. */
export interface FailingRun {
  readonly group: string;
  readonly run: number;
  readonly hash: string;
  readonly violations: readonly Violation[];
  readonly plan: Plan;
}

/**
 * @property reached runs that were drawn at random and are in the window; repeats of earlier ones among them
 * @property marks runs that reached each mark
 * @property failed numbers of all failing runs, by how they failed
 * @property kept the first few of each group
 * @property fingerprints 8 bytes for each drawn run, in the order of numbers; the lowest bit says whether it was in the window
 * @property hashes exclusive or over SHA-256 of number and trace hash of each run: 32 bytes
 * @property coverage where later runs go by it (generations.ts): what each run reached, in the order of numbers
 */
export interface RangeResult {
  readonly first: number;
  readonly count: number;
  readonly reached: number;
  readonly steps: number;
  readonly seconds: number;
  readonly marks: { readonly [name: string]: number };
  readonly hazards: readonly string[];
  readonly failed: { readonly [group: string]: readonly number[] };
  readonly kept: readonly FailingRun[];
  readonly fingerprints: Buffer;
  readonly hashes: Buffer;
  readonly coverage: readonly Reached[];
}

/** So many failing runs of a group are kept with their plans. */
export const keptOfGroup = 3;

/** 63 bits of what a run did, and one for the window. */
export function fingerprintBytes(fingerprint: string, inWindow: boolean): Buffer {
  const bytes = createHash('sha256').update(fingerprint).digest().subarray(0, 8);
  const last = (bytes[7] ?? 0) & 0xfe;
  bytes[7] = inWindow ? last | 1 : last;
  return bytes;
}

/** Takes the runs of a range in the order of their numbers. */
export class RangeTally {
  readonly #first: number;
  readonly #window: string;
  readonly #keptOf: (report: RunReport) => Reached | undefined;
  readonly #marks = new Map<string, number>();
  readonly #hazards = new Set<string>();
  readonly #failed = new Map<string, number[]>();
  readonly #kept: FailingRun[] = [];
  readonly #fingerprints: Buffer[] = [];
  readonly #hashes = Buffer.alloc(32);
  readonly #coverage: Reached[] = [];
  #count = 0;
  #reached = 0;
  #steps = 0;

  /**
   * @param window the scenario's
   * @param keptOf what to keep of what a run has reached; default: nothing
   */
  constructor(first: number, window: string, keptOf: (report: RunReport) => Reached | undefined = () => undefined) {
    this.#first = first;
    this.#window = window;
    this.#keptOf = keptOf;
  }

  get count(): number {
    return this.#count;
  }

  add(report: RunReport): void {
    const { run, drawn, fingerprint, steps, hash, marks, violations, besides, plan, group } = report;
    this.#count++;
    this.#steps += steps;
    for (const name of marks) this.#marks.set(name, (this.#marks.get(name) ?? 0) + 1);
    for (const name of besides) this.#hazards.add(name);
    const inWindow = marks.includes(this.#window);
    if (drawn) {
      this.#fingerprints.push(fingerprintBytes(fingerprint, inWindow));
      if (inWindow) this.#reached++;
    }
    const digest = createHash('sha256').update(`${run} ${hash}`).digest();
    for (const [i, byte] of digest.entries()) this.#hashes[i] = (this.#hashes[i] ?? 0) ^ byte;
    const reached = this.#keptOf(report);
    if (reached !== undefined) this.#coverage.push(reached);
    if (plan === undefined || group === undefined) return;
    const numbers = this.#failed.get(group) ?? [];
    this.#failed.set(group, numbers);
    numbers.push(run);
    if (numbers.length <= keptOfGroup) this.#kept.push({ group, run, hash, violations, plan });
  }

  /** @param seconds real ones that it took */
  result(seconds: number): RangeResult {
    return {
      first: this.#first,
      count: this.#count,
      reached: this.#reached,
      steps: this.#steps,
      seconds,
      marks: Object.fromEntries(this.#marks),
      hazards: [...this.#hazards].toSorted(),
      failed: Object.fromEntries(this.#failed),
      kept: this.#kept,
      fingerprints: Buffer.concat(this.#fingerprints),
      hashes: this.#hashes,
      coverage: this.#coverage,
    };
  }
}
