// The errors that Lockstep shows to a person. Each has a stable code, a sentence that says what happened, and
// one that says what to do; the front door prints those two and turns the kind into an exit code. What stays
// out: errors inside a simulated process, which are observations of a run and never thrown out of it.

import { visibleLines } from '../model/visible.ts';

/** Whose turn it is when a {@link LockstepError} is thrown: `usage` is exit code 2, `harness` is exit code 4. */
export type LockstepErrorKind = 'usage' | 'harness';

/**
 * An error with a stable code and two sentences for the person at the keyboard. What they quote may come from anywhere:
 * nothing in them moves a cursor, or is not seen.
 *
 * @property code stable, upper-case, underscores: what scripts match on
 * @property remedy what to do about it, as a sentence
 * @property kind `usage` when the input is at fault (exit code 2), `harness` when the machine is (exit code 4)
 */
export class LockstepError extends Error {
  readonly code: string;
  readonly remedy: string;
  readonly kind: LockstepErrorKind;

  constructor(kind: LockstepErrorKind, code: string, message: string, remedy: string, options?: ErrorOptions) {
    super(visibleLines(message), options);
    this.name = 'LockstepError';
    this.kind = kind;
    this.code = code;
    this.remedy = visibleLines(remedy);
  }

  static from({ kind, code, message, remedy, stack }: ErrorSaid): LockstepError {
    const error = new LockstepError(kind, code, message, remedy);
    if (stack !== undefined) error.stack = stack;
    return error;
  }
}

/**
 * An error as one process tells another: {@link LockstepError.from} makes it one again.
 *
 * @property stack of a defect: where it was thrown
 */
export interface ErrorSaid {
  readonly kind: LockstepErrorKind;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly stack?: string;
}

/** @param code for what is no LockstepError: a defect of the process that says it */
export function sayError(error: unknown, code: string): ErrorSaid {
  if (error instanceof LockstepError) {
    const { kind, message, remedy } = error;
    return { kind, code: error.code, message, remedy };
  }
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {};
  return { kind: 'harness', code, message, remedy: 'Report this with the command that led to it.', ...stack };
}

/** The input is at fault: an unknown name, a broken file, an impossible option. Exit code 2. */
export function usageError(code: string, message: string, remedy: string, cause?: unknown): LockstepError {
  return new LockstepError('usage', code, message, remedy, cause === undefined ? undefined : { cause });
}

/** The machine under Lockstep is at fault: no compiler, no space, a lane that never came back. Exit code 4. */
export function harnessError(code: string, message: string, remedy: string, cause?: unknown): LockstepError {
  return new LockstepError('harness', code, message, remedy, cause === undefined ? undefined : { cause });
}
