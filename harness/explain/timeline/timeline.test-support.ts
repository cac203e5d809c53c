// Timelines of steps made by hand, put into words. What stays out: running anything.
import type { History } from '../../model/history.ts';
import type { Timeline } from '../../model/timeline.ts';
import { historyOf } from '../../testing/history.test-support.ts';
import { stepsOf } from '../steps.test-support.ts';
import type { ExplainedFact } from '../fact.ts';
import { buildTimeline, type TimelineOptions } from './build-timeline.ts';

export type Acts = Parameters<typeof stepsOf>[0];

interface Given extends TimelineOptions {
  readonly history?: Partial<History>;
  readonly facts?: readonly ExplainedFact[];
}

export function timelineOf(acts: Acts, { history = {}, facts = [], ...options }: Given = {}): Timeline {
  const said = historyOf({ observations: [], looks: [], steps: acts.length, ...history });
  return buildTimeline(stepsOf(acts), said, facts, options);
}

function spanned({ from, to }: { readonly from: number; readonly to: number | null }): string {
  return `${from}–${to ?? ''}`;
}

/** `p EXCLUSIVE x.db 3–7`, with `!` behind a write lock's name and ` lost 5` at the end. */
export function locksIn({ locks, lanes, files }: Timeline): readonly string[] {
  return locks.map(({ lane, file, what, exclusive, lostAt, ...span }) => {
    const lost = lostAt === null ? '' : ` lost ${lostAt}`;
    return `${lanes[lane]} ${what}${exclusive ? '!' : ''} ${files[file]} ${spanned(span)}${lost}`;
  });
}

/** `x.db-wal#1 2–9 unlinked by q, p has it`, or `x.db#1 0–` for one that kept its name. */
export function inodesIn({ inodes, lanes, files }: Timeline): readonly string[] {
  return inodes.map(({ file, generation, how, by, holders, ...span }) => {
    const has = holders.length === 0 ? '' : `, ${holders.map((lane) => lanes[lane]).join(' and ')} has it`;
    const lost = how === null ? '' : ` ${how} by ${by === null ? 'nobody' : lanes[by]}${has}`;
    return `${files[file]}#${generation} ${spanned(span)}${lost}`;
  });
}

/** `p x.db#1 0–5` */
export function opensIn({ opens, inodes, lanes, files }: Timeline): readonly string[] {
  return opens.map(({ lane, inode, ...span }) => {
    const opened = inodes[inode];
    return `${lanes[lane]} ${files[opened?.file ?? -1]}#${opened?.generation} ${spanned(span)}`;
  });
}

/** `p to q: "hello" 1–3`, with ` received` at the end. */
export function messagesIn({ messages, lanes }: Timeline): readonly string[] {
  return messages.map(({ sender, queue, text, received, ...span }) => {
    return `${lanes[sender ?? -1]} to ${queue}: ${text} ${spanned(span)}${received === true ? ' received' : ''}`;
  });
}

/** `3 p error: SQLITE_FULL from xWrite to x.db (10 bytes at 0)` */
export function eventsIn({ events, lanes }: Timeline): readonly string[] {
  return events.map(({ step, lane, kind, text }) => `${step} ${lane === null ? '-' : lanes[lane]} ${kind}: ${text}`);
}
