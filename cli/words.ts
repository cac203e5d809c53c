// Words and figures that several commands print alike.
import type { Verdict } from '../harness/model/verdict.ts';
import type { Output } from './output.ts';

const verdictColours = { pass: 'green', fail: 'red', inconclusive: 'yellow', error: 'red' } as const;

export function verdictWord(output: Output, verdict: Verdict): string {
  return output.paint(verdictColours[verdict], verdict.toUpperCase());
}
