// Errors of result documents that a person handed in: unreadable, or not fit to be merged. Each has a stable code, a sentence
// that says what happened, and one that says what to do, like the errors of the machine; all of them are wrong input, exit
// code 2. What stays out: printing them.

import { visibleLines } from '../harness/model/visible.ts';

/**
 * @property code stable, upper-case, underscores: what scripts match on
 * @property remedy what to do about it, as a sentence
 */
export class ReportError extends Error {
  readonly code: string;
  readonly remedy: string;

  constructor(code: string, message: string, remedy: string, cause?: unknown) {
    super(visibleLines(message), cause === undefined ? undefined : { cause });
    this.name = 'ReportError';
    this.code = code;
    this.remedy = remedy;
  }
}
