// What a run reached, as features that two runs can have in common: who read after whom, in each resource and page; errors by code; each
// a number. What stays out: what is made of them (search/feedback.ts), and what a history says (marks, verdicts).
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
}

/** Follows a run. */
export class CoverageRecorder implements StepSink {
  readonly #last = new Map<string, Last>();
  readonly #features = new Set<number>();

  see(_step: number, record: Readonly<RawRecord>, { name: lane, files }: StepLane): void {
    const { op: operation, rc } = record;
    if (rc !== 0) this.#features.add(featureOf('rc', lane, operation, rc));
    const file = files[record.file] ?? '';
    for (const [name, changed] of resourcesOf(record, file)) this.#touch(name, lane, operation, changed);
    if (operation !== op.read && operation !== op.write) return;
    const page = Math.floor(decode.read(record).offset / pageBytes);
    this.#touch(`page:${file}:${page}`, lane, operation, operation === op.write);
  }

  /** In ascending order. */
  features(): readonly number[] {
    return [...this.#features].toSorted((a, b) => a - b);
  }

  /** A pair counts where two lanes meet in it. */
  #touch(name: string, lane: string, operation: number, changes: boolean): void {
    let last = this.#last.get(name);
    if (last === undefined) this.#last.set(name, (last = {}));
    const { touched, changed } = last;
    if (changed !== undefined && changed.lane !== lane)
      this.#features.add(featureOf('from', name, changed.lane, changed.op, lane, operation));
    if (changes && touched !== undefined && touched.lane !== lane)
      this.#features.add(featureOf('after', name, touched.lane, touched.op, lane, operation));
    last.touched = { lane, op: operation };
    if (changes) last.changed = last.touched;
  }
}
