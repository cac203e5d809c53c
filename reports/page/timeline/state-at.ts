// What held once a step was done: locks, files, queues, and where every lane stood. A pure function of the timeline.
// What stays out: words and markup.
import type { FileSpan, LockSpan, MessageSpan, Timeline, TimelineStep } from '../../../harness/model/timeline.ts';

/** @property lost the kernel no longer holds it, though its holder believes so */
export interface HeldLock {
  readonly span: LockSpan;
  readonly lost: boolean;
}

/** @property openIn places in `lanes` of those who have this very file open, each once */
export interface FileState {
  readonly span: FileSpan;
  readonly openIn: readonly number[];
}

/** @property last its last step so far; null before its first @property died step of its death; null while it lives */
export interface LaneState {
  readonly lane: number;
  readonly last: TimelineStep | null;
  readonly died: number | null;
}

/**
 * @property locks held, by place of their file in `files`, in the order in which they were granted
 * @property files that have their name
 * @property deleted files that lost their name, and that somebody still has open
 * @property queues messages that wait, by name of the queue
 * @property lanes every lane of the run
 */
export interface State {
  readonly locks: ReadonlyMap<number, readonly HeldLock[]>;
  readonly files: readonly FileState[];
  readonly deleted: readonly FileState[];
  readonly queues: ReadonlyMap<string, readonly MessageSpan[]>;
  readonly lanes: readonly LaneState[];
}

interface Lasting {
  readonly from: number;
  readonly to: number | null;
}

/** Does it hold once `step` is done? The step `from` gave it, the step `to` took it away. */
function holds(span: Lasting, step: number): boolean {
  return span.from <= step && (span.to === null || step < span.to);
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const there = map.get(key);
  if (there === undefined) map.set(key, [value]);
  else there.push(value);
}

function locksAt(timeline: Timeline, step: number): Map<number, HeldLock[]> {
  const locks = new Map<number, HeldLock[]>();
  for (const span of timeline.locks) {
    if (holds(span, step)) push(locks, span.file, { span, lost: span.lostAt !== null && span.lostAt <= step });
  }
  return locks;
}

function filesAt(timeline: Timeline, step: number): Pick<State, 'files' | 'deleted'> {
  const openIn = new Map<number, number[]>();
  for (const open of timeline.opens) {
    if (holds(open, step) && openIn.get(open.inode)?.includes(open.lane) !== true) push(openIn, open.inode, open.lane);
  }
  const files: FileState[] = [];
  const deleted: FileState[] = [];
  for (const [place, span] of timeline.inodes.entries()) {
    const holders = openIn.get(place) ?? [];
    if (holds(span, step)) files.push({ span, openIn: holders });
    else if (span.from <= step && holders.length > 0) deleted.push({ span, openIn: holders });
  }
  return { files, deleted };
}

function lanesAt(timeline: Timeline, step: number): LaneState[] {
  const last: (TimelineStep | null)[] = timeline.lanes.map(() => null);
  for (const row of timeline.steps) {
    if (row[0] > step) break;
    last[row[1]] = row;
  }
  const died: (number | null)[] = timeline.lanes.map(() => null);
  for (const event of timeline.events) {
    if (event.kind !== 'death' || event.lane === null || event.step > step) continue;
    // A death is told of one lane; it takes every lane of its process.
    const process = timeline.lanes[event.lane]?.split('/')[0];
    for (const [lane, name] of timeline.lanes.entries()) {
      if (name.split('/')[0] === process) died[lane] = event.step;
    }
  }
  return last.map((row, lane) => {
    const death = died[lane] ?? null;
    // Processes come back under their old name.
    return { lane, last: row, died: death !== null && (row?.[0] ?? 0) > death ? null : death };
  });
}

/**
 * What held once a step was done.
 *
 * @param step its number; one before the first that is kept gives what held then, as far as the timeline tells
 */
export function stateAt(timeline: Timeline, step: number): State {
  const queues = new Map<string, MessageSpan[]>();
  for (const message of timeline.messages) if (holds(message, step)) push(queues, message.queue, message);
  return { locks: locksAt(timeline, step), ...filesAt(timeline, step), queues, lanes: lanesAt(timeline, step) };
}
