// Words and figures that several commands print alike.
import type { Verdict } from '../harness/model/verdict.ts';
import type { Output } from './output.ts';

const verdictColours = { pass: 'green', fail: 'red', inconclusive: 'yellow', error: 'red' } as const;

export function verdictWord(output: Output, verdict: Verdict): string {
  return output.paint(verdictColours[verdict], verdict.toUpperCase());
}

/** A time as a person reads it: `58 s`, `2 min 5 s`. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`;
}
