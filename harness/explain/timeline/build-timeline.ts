// Makes the timeline of a run from its steps and its history: one pass over the steps, and then over what it found. Pure:
// the same steps give the same timeline. What stays out: running anything (witness.ts), and drawing (reports/).
import type { History } from '../../model/history.ts';
import { type Timeline, timelineFormat } from '../../model/timeline.ts';
import type { TraceStep } from '../../observe/trace.ts';
import type { Violation } from '../../model/invariant.ts';
import { FileTable } from '../../observe/file-table.ts';
import type { ExplainedFact } from '../fact.ts';
import { Lives } from '../../observe/lives.ts';
import { LockTable } from '../../observe/lock-table.ts';
import { eventsOf } from './events-of.ts';
import { FileBook } from './file-book.ts';
import { type Drafts, listed } from './listed.ts';
import { LockBook } from './lock-book.ts';
import { MessageBook } from './message-book.ts';
import { anchorsOf, windowOf } from './window.ts';

/**
 * @property violations what the run violates; those with a step become events. Default: none
 * @property stepsMax so many steps are kept at most, at least 1. Default 20,000
 */
export interface TimelineOptions {
  readonly violations?: readonly Violation[];
  readonly stepsMax?: number;
}

const defaultStepsMax = 20_000;

const untold = () => undefined;

/**
 * Makes the timeline of a run.
 *
 * @param steps all of them, in order: a step's place is its number
 * @param history of the same run
 * @param facts of its explanation (explain/explain-steps.ts)
 * @returns at most `stepsMax` steps, those round the facts, and what touches them. Logical names only
 */
export function buildTimeline(
  steps: readonly TraceStep[],
  history: History,
  facts: readonly ExplainedFact[],
  { violations = [], stepsMax = defaultStepsMax }: TimelineOptions = {},
): Timeline {
  const kept = windowOf(steps.length, stepsMax, anchorsOf(history, facts, violations));
  const drafts = { steps, ...lasting(steps), events: eventsOf(steps, history, facts, violations) };
  return {
    format: timelineFormat,
    hash: history.hash,
    virtualMs: history.virtualMs,
    total: steps.length,
    kept,
    ...listed(drafts, kept),
  };
}

/** What lasted from one step to another. */
function lasting(steps: readonly TraceStep[]): Omit<Drafts, 'steps' | 'events'> {
  const disk = new FileTable(untold);
  const held = new LockTable(disk, untold);
  const files = new FileBook(disk);
  const locks = new LockBook(disk, held, files);
  const messages = new MessageBook();
  const lives = new Lives();
  for (const step of steps) {
    const ended = lives.see(step);
    files.before(step);
    held.see(step);
    disk.see(step);
    files.after(step);
    locks.see(step, ended);
    messages.see(step, ended);
  }
  return { inodes: files.inodes, opens: files.opens, locks: locks.locks, messages: messages.messages() };
}
