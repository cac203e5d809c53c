// What a run reached, as features that two runs can have in common: who read after whom, in each resource and page; errors by code; each
// a number. And the order of all that, in which runs are alike that differ in independent steps only. What stays out: what is made of them
// (search/feedback.ts, model/explored.ts), and what a history says (marks, verdicts).
import type { RunExplored } from '../../model/explored.ts';
import { op } from '../../model/operations.ts';
import { decode, type RawRecord } from '../../model/record.ts';
import type { StepLane, StepSink } from '../../model/step.ts';
import { resourcesOf } from './sites.ts';

/** Bytes of a page of a file, where two accesses meet. */
const pageBytes = 4096;

/** FNV-1a, 32 bits. */
export function featureOf(...words: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const word of words) {
    const text = String(word);
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ 0xff, 0x01000193);
  }
  return hash >>> 0;
}

/** Who touched a resource last, and who changed it last, each with the operation. */
interface Last {
  touched?: { readonly lane: string; readonly op: number };
  changed?: { readonly lane: string; readonly op: number };
  /** How often it was changed. */
  changes: number;
}

/** Follows a run. */
export class CoverageRecorder implements StepSink {
  readonly #last = new Map<string, Last>();
  /** Of meetings. */
  readonly #meetings = new Set<number>();
  readonly #errors = new Set<number>();
  readonly #pairs = new Set<string>();
  #high = 0;
  #low = 0;

  see(_step: number, record: Readonly<RawRecord>, { name: lane, files }: StepLane): void {
    const { op: operation, rc } = record;
    if (rc !== 0) this.#errors.add(featureOf('rc', lane, operation, rc));
    const file = files[record.file] ?? '';
    for (const [name, changed] of resourcesOf(record, file)) this.#touch(file, name, lane, operation, changed);
    if (operation !== op.read && operation !== op.write) return;
    const page = Math.floor(decode.read(record).offset / pageBytes);
    this.#touch(file, `page:${file}:${page}`, lane, operation, operation === op.write);
  }

  /** In ascending order. */
  features(): readonly number[] {
    return ascending([...this.#meetings, ...this.#errors]);
  }

  /** What it says of the space that runs explore. */
  explored(): RunExplored {
    const order = `${this.#high.toString(36)}.${this.#low.toString(36)}`;
    return { meetings: ascending([...this.#meetings]), order, pairs: [...this.#pairs].toSorted() };
  }

  /** A pair counts where two lanes meet in it. */
  #touch(file: string, name: string, lane: string, operation: number, changes: boolean): void {
    let last = this.#last.get(name);
    if (last === undefined) this.#last.set(name, (last = { changes: 0 }));
    const { touched, changed } = last;
    if (changed !== undefined && changed.lane !== lane)
      this.#met(
        featureOf('from', name, changed.lane, changed.op, lane, operation),
        last.changes,
        file,
        changed.lane,
        lane,
      );
    if (changes && touched !== undefined && touched.lane !== lane)
      this.#met(
        featureOf('after', name, touched.lane, touched.op, lane, operation),
        last.changes,
        file,
        touched.lane,
        lane,
      );
    last.touched = { lane, op: operation };
    if (!changes) return;
    last.changed = last.touched;
    last.changes++;
  }

  /** The order is a sum over meetings, each with how often the thing had been changed: independent ones may come in any order. */
  #met(meeting: number, changes: number, file: string, before: string, after: string): void {
    this.#meetings.add(meeting);
    this.#pairs.add(`${file}\t${before}\t${after}`);
    const one = Math.imul(meeting ^ Math.imul(changes + 1, 0x9e3779b1), 0x85ebca6b);
    this.#high = (this.#high + (one ^ (one >>> 13))) >>> 0;
    this.#low = (this.#low + Math.imul(one ^ (one >>> 16), 0xc2b2ae35)) >>> 0;
  }
}

function ascending(numbers: readonly number[]): readonly number[] {
  return numbers.toSorted((a, b) => a - b);
}
