// A timeline made ready for looking things up: who ran from where to where, which steps a lane took, which events stand
// at a step. Made once per timeline; everything that draws or answers works from it. What stays out: pixels, and words.
import type {
  stepFlag,
  Timeline,
  TimelineEvent,
  TimelineEventKind,
  TimelineStep,
} from '../../../harness/model/timeline.ts';

/** The flags of a step; held to those of the contract by their types. */
export const flag: typeof stepFlag = { injected: 1, failed: 2 };

/** Names for the places of a row, as the contract numbers them. */
export const at = { step: 0, lane: 1, nowMs: 2, op: 3, file: 4, code: 5, args: 6, text: 7, flags: 8 } as const;

/** Steps that one lane took without another in between: from `from` up to, not including, `to`. */
export interface Turn {
  readonly lane: number;
  readonly from: number;
  readonly to: number;
}

/** @property number 1, 2, … for facts, in the order of their steps; null for all other kinds */
export interface NumberedEvent extends TimelineEvent {
  readonly number: number | null;
}

/**
 * @property first the first step shown
 * @property end one more than the last step shown
 * @property turns of all lanes, in order; `turnsOf[lane]` those of one
 * @property stepsOf numbers of the steps of each lane, rising
 * @property eventsAt events by step
 * @property jumps steps at which virtual time has moved on since the step before, rising
 */
export interface Model {
  readonly timeline: Timeline;
  readonly first: number;
  readonly end: number;
  readonly turns: readonly Turn[];
  readonly turnsOf: readonly (readonly Turn[])[];
  readonly stepsOf: readonly (readonly number[])[];
  readonly events: readonly NumberedEvent[];
  readonly eventsAt: ReadonlyMap<number, readonly NumberedEvent[]>;
  readonly jumps: readonly number[];
}

/** The place of the first element that is not below `value`, by `key`, which must rise; the length when all are below. */
export function lowerBound<T>(rows: readonly T[], value: number, key: (row: T) => number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row !== undefined && key(row) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const itself = (value: number): number => value;

/** As {@link lowerBound}, for plain numbers. */
export function lowerBoundOf(values: readonly number[], value: number): number {
  return lowerBound(values, value, itself);
}

/** The row of a step, or of the last one before it; undefined when there is none. */
export function rowAt(model: Model, step: number): TimelineStep | undefined {
  const { steps } = model.timeline;
  const place = lowerBound(steps, step + 1, (row) => row[at.step]);
  return steps[place - 1] ?? steps[0];
}

/** Place of a step in `timeline.steps`; the nearest one when it is not among them. */
export function placeOf(model: Model, step: number): number {
  const { steps } = model.timeline;
  return Math.min(
    lowerBound(steps, step, (row) => row[at.step]),
    Math.max(0, steps.length - 1),
  );
}

function turnsOf(steps: readonly TimelineStep[]): Turn[] {
  const turns: Turn[] = [];
  let start: TimelineStep | undefined;
  let last: TimelineStep | undefined;
  for (const row of steps) {
    if (start !== undefined && last !== undefined && row[at.lane] !== start[at.lane]) {
      turns.push({ lane: start[at.lane], from: start[at.step], to: last[at.step] + 1 });
      start = undefined;
    }
    start ??= row;
    last = row;
  }
  if (start !== undefined && last !== undefined) {
    turns.push({ lane: start[at.lane], from: start[at.step], to: last[at.step] + 1 });
  }
  return turns;
}

function numbered(events: readonly TimelineEvent[]): NumberedEvent[] {
  let facts = 0;
  return events.map((event) => ({ ...event, number: event.kind === 'fact' ? (facts += 1) : null }));
}

/** Makes a timeline ready; O(steps + events). A timeline without steps gives a model of one empty step. */
export function makeModel(timeline: Timeline): Model {
  const { steps, lanes } = timeline;
  const turns = turnsOf(steps);
  const byLane: Turn[][] = lanes.map(() => []);
  for (const turn of turns) byLane[turn.lane]?.push(turn);
  const stepsOf: number[][] = lanes.map(() => []);
  const jumps: number[] = [];
  let nowMs = Number.NaN;
  for (const row of steps) {
    stepsOf[row[at.lane]]?.push(row[at.step]);
    if (row[at.nowMs] !== nowMs) jumps.push(row[at.step]);
    nowMs = row[at.nowMs];
  }
  const events = numbered(timeline.events);
  const eventsAt = new Map<number, NumberedEvent[]>();
  for (const event of events) {
    const there = eventsAt.get(event.step);
    if (there === undefined) eventsAt.set(event.step, [event]);
    else there.push(event);
  }
  const first = steps[0]?.[at.step] ?? timeline.kept.from;
  const end = (steps.at(-1)?.[at.step] ?? first) + 1;
  return { timeline, first, end, turns, turnsOf: byLane, stepsOf, events, eventsAt, jumps };
}

/** Kinds of events, the gravest first: the order in which marks claim their place, and in which the legend lists them. */
export const eventKinds: readonly TimelineEventKind[] = [
  'violation',
  'death',
  'error',
  'fault',
  'fact',
  'link',
  'commit',
  'preemption',
];

/** What each kind is called in words. */
export const kindNames: { readonly [kind in TimelineEventKind]: string } = {
  violation: 'Violation',
  death: 'Death',
  error: 'Error',
  fault: 'Fault',
  fact: 'Explanation',
  link: 'Led there',
  commit: 'Commit',
  preemption: 'Preemption',
};
