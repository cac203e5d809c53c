// A run for ui.perfetto.dev: Chrome's JSON trace format, which Perfetto and chrome://tracing load from disk. A step is a
// microsecond wide, since the order of steps is what a run consists of; virtual time is an argument and a counter. Lanes are
// threads of their processes, with a slice a turn and in it a slice a step; slices of one thread nest and never overlap,
// which the format demands. Locks, files and queues are asynchronous tracks, and arrows lead from turn to turn. Ids are small
// numbers in the order of lanes, so that the same run gives the same bytes. What stays out: drawing (the report does it too).
import type { LockSpan, Timeline, TimelineEvent, TimelineStep } from '../harness/model/timeline.ts';

/** An event of the trace format; `ts` and `dur` in microseconds, that is, in steps. */
interface TraceEvent {
  readonly ph: 'M' | 'X' | 'i' | 'b' | 'e' | 's' | 'f' | 'C';
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly id?: string;
  readonly s?: 't' | 'g';
  readonly bp?: 'e';
  readonly args?: object;
}

/** Where a track is. */
interface Track {
  readonly pid: number;
  readonly tid: number;
}

/** What happens at one step is written in this order: what encloses before what is inside, an arrow after its slice. */
const order = { M: 0, C: 1, e: 2, b: 3, X: 4, i: 5, s: 6, f: 7 } as const;

/**
 * Processes and threads of the lanes, and three processes that are none: the run, its files, its queues. A process has
 * the numbers from its pid on for its threads, so that no thread of another one has the same: Perfetto names threads by tid.
 */
class Tracks {
  readonly #pids = new Map<string, number>();
  readonly lanes: readonly Track[];
  readonly names: readonly TraceEvent[];
  readonly run: Track;
  readonly files: Track;
  readonly queues: Track;

  constructor(lanes: readonly string[]) {
    const processOf = (lane: string): string => lane.split('/')[0] ?? lane;
    const stride = Math.max(100, 10 ** String(lanes.length).length);
    for (const lane of lanes) {
      const process = processOf(lane);
      if (!this.#pids.has(process)) this.#pids.set(process, (this.#pids.size + 1) * stride);
    }
    const threads = new Map<number, number>();
    this.lanes = lanes.map((lane) => {
      const pid = this.#pids.get(processOf(lane)) ?? stride;
      const thread = threads.get(pid) ?? 0;
      threads.set(pid, thread + 1);
      return { pid, tid: pid + thread };
    });
    const further = (place: number): Track => {
      const pid = (this.#pids.size + 1 + place) * stride;
      return { pid, tid: pid };
    };
    [this.run, this.files, this.queues] = [further(0), further(1), further(2)];
    const processes = [...this.#pids, ['run', this.run.pid], ['files', this.files.pid], ['queues', this.queues.pid]];
    this.names = [
      ...processes.flatMap(([name, pid], place) => labels('process', String(name), Number(pid), Number(pid), place)),
      ...this.lanes.flatMap(({ pid, tid }, place) => {
        const lane = lanes[place] ?? '';
        return labels('thread', lane.includes('/') ? lane.slice(lane.indexOf('/') + 1) : lane, pid, tid, place);
      }),
    ];
  }

  of(lane: number | null): Track {
    return (lane === null ? undefined : this.lanes[lane]) ?? this.run;
  }
}

function labels(what: 'process' | 'thread', name: string, pid: number, tid: number, place: number): TraceEvent[] {
  return [
    { ph: 'M', name: `${what}_name`, pid, tid, args: { name } },
    { ph: 'M', name: `${what}_sort_index`, pid, tid, args: { sort_index: place } },
  ];
}

/** Steps of one lane with no step of another between them. */
function turnsOf(steps: readonly TimelineStep[]): readonly (readonly TimelineStep[])[] {
  const turns: TimelineStep[][] = [];
  for (const step of steps) {
    const last = turns.at(-1);
    if (last?.[0]?.[1] === step[1]) last.push(step);
    else turns.push([step]);
  }
  return turns;
}

/** Bits of a step's flags: as `stepFlag` of the timeline has them. */
const [injected, failed] = [1, 2];

function stepEvent(timeline: Timeline, tracks: Tracks, step: TimelineStep): TraceEvent {
  const [number, lane, virtualMs, op, file, code, args, text, flags] = step;
  const operation = timeline.ops[op] ?? '';
  const name = file < 0 ? operation : `${operation} ${timeline.files[file] ?? ''}`;
  const kinds = [
    'step',
    ...((flags & injected) === 0 ? [] : ['injected']),
    ...((flags & failed) === 0 ? [] : ['failed']),
  ];
  const said = {
    step: number,
    virtualMs,
    result: timeline.codes[code] ?? null,
    ...(text === null ? {} : { text }),
    ...(args === null ? {} : { arguments: args }),
  };
  return { ph: 'X', name, cat: kinds.join(','), ...tracks.of(lane), ts: number, dur: 1, args: said };
}

/** Turns, their steps, and an arrow from each turn to the next. */
function* turnEvents(timeline: Timeline, tracks: Tracks): Generator<TraceEvent> {
  const preempted = new Set(timeline.events.filter(({ kind }) => kind === 'preemption').map(({ step }) => step));
  let before: TimelineStep | undefined;
  for (const [place, turn] of turnsOf(timeline.steps).entries()) {
    const [first, last] = [turn[0], turn.at(-1)];
    if (first === undefined || last === undefined) continue;
    const [from, lane] = first;
    const dur = last[0] - from + 1;
    const args = { steps: turn.length, virtualMs: first[2] };
    yield { ph: 'X', name: 'turn', cat: 'turn', ...tracks.of(lane), ts: from, dur, args };
    for (const step of turn) yield stepEvent(timeline, tracks, step);
    if (before !== undefined) {
      const name = preempted.has(from) ? 'preemption' : 'switch';
      yield* arrow('schedule', name, place, [tracks.of(before[1]), before[0]], [tracks.of(lane), from]);
    }
    before = last;
  }
}

function arrow(cat: string, name: string, id: number, [from, at]: [Track, number], [to, then]: [Track, number]) {
  const both = { name, cat, id: `0x${id.toString(16)}` } as const;
  return [
    { ph: 's', ...both, ...from, ts: at },
    { ph: 'f', bp: 'e', ...both, ...to, ts: then },
  ] as const satisfies readonly TraceEvent[];
}

/** A span on an asynchronous track: from the step that began it to the one that ended it, both included. */
interface Span {
  readonly name: string;
  readonly cat: string;
  readonly track: Track;
  readonly from: number;
  readonly to: number;
  readonly args: object;
}

/** A lock that the kernel dropped is two spans: what was held, and what was only believed. */
function lockSpans(timeline: Timeline, tracks: Tracks, lock: LockSpan): readonly Span[] {
  const { lane, file, what, exclusive, from, lostAt } = lock;
  const to = lock.to ?? timeline.kept.to;
  const name = `${timeline.files[file] ?? ''} ${what}`;
  const args = { lane: timeline.lanes[lane] ?? '', exclusive, from: lock.from, to: lock.to, lostAt };
  const track = tracks.of(lane);
  if (lostAt === null) return [{ name, cat: 'lock', track, from, to, args }];
  return [
    { name, cat: 'lock', track, from, to: Math.max(from, lostAt - 1), args },
    { name: `${name} (lost)`, cat: 'lock,lost', track, from: lostAt, to: Math.max(lostAt, to), args },
  ];
}

function spansOf(timeline: Timeline, tracks: Tracks): readonly Span[] {
  const { lanes, files, inodes, kept } = timeline;
  const nameOf = (inode: (typeof inodes)[number] | undefined): string => {
    if (inode === undefined) return 'a file';
    const name = files[inode.file] ?? '';
    return inode.generation === 1 ? name : `${name} (${inode.generation})`;
  };
  return [
    ...timeline.locks.flatMap((lock) => lockSpans(timeline, tracks, lock)),
    ...timeline.opens.map(({ lane, inode, from, to }): Span => {
      const name = `open ${nameOf(inodes[inode])}`;
      const args = { lane: lanes[lane] ?? '', from, to };
      return { name, cat: 'open', track: tracks.of(lane), from, to: to ?? kept.to, args };
    }),
    ...inodes.map((inode): Span => {
      const { from, to, how, by, holders } = inode;
      const who = by === null ? null : (lanes[by] ?? null);
      const args = { from, to, how, by: who, openThenIn: holders.map((lane) => lanes[lane] ?? '') };
      return { name: nameOf(inode), cat: 'file', track: tracks.files, from, to: to ?? kept.to, args };
    }),
    ...timeline.messages.map(({ sender, queue, text, from, to }): Span => {
      const args = { sender: sender === null ? null : (lanes[sender] ?? null), text, from, to };
      return { name: queue, cat: 'message', track: tracks.queues, from, to: to ?? kept.to, args };
    }),
  ];
}

function* spanEvents(timeline: Timeline, tracks: Tracks): Generator<TraceEvent> {
  for (const [place, { name, cat, track, from, to, args }] of spansOf(timeline, tracks).entries()) {
    const both = { name, cat, id: `0x${(place + 1).toString(16)}`, ...track };
    yield { ph: 'b', ...both, ts: from, args };
    yield { ph: 'e', ...both, ts: Math.max(from, to) + 1 };
  }
}

/** On the thread of who did it, inside of its step; for the whole run where nobody did. */
function instant({ step, lane, kind, text }: TimelineEvent, tracks: Tracks): TraceEvent {
  return { ph: 'i', s: lane === null ? 'g' : 't', name: `${kind}: ${text}`, cat: kind, ...tracks.of(lane), ts: step };
}

function* clockEvents({ steps }: Timeline, tracks: Tracks): Generator<TraceEvent> {
  let last = -1;
  for (const [ts, , virtualMs] of steps) {
    if (virtualMs !== last) yield { ph: 'C', name: 'virtual time', ...tracks.run, ts, args: { ms: virtualMs } };
    last = virtualMs;
  }
}

/**
 * A run as a trace for ui.perfetto.dev or chrome://tracing.
 *
 * @param name what the run is called, for those who look into the file: the plan's, or the cell's
 * @returns a JSON document, an event a line; the same bytes for the same run
 */
export function perfetto(timeline: Timeline, name: string): string {
  const tracks = new Tracks(timeline.lanes);
  const events: readonly TraceEvent[] = [
    ...tracks.names,
    ...clockEvents(timeline, tracks),
    ...spanEvents(timeline, tracks),
    ...turnEvents(timeline, tracks),
    ...timeline.events.map((event) => instant(event, tracks)),
  ];
  const rank = ({ ph }: TraceEvent): number => order[ph];
  const sorted = events.toSorted(
    (a, b) => (a.ts ?? -1) - (b.ts ?? -1) || rank(a) - rank(b) || (b.dur ?? 0) - (a.dur ?? 0),
  );
  const about = {
    name,
    hash: timeline.hash,
    unit: 'a microsecond is a step',
    steps: timeline.total,
    kept: timeline.kept,
  };
  const lines = sorted.map((event) => JSON.stringify(event)).join(',\n');
  return `{"displayTimeUnit":"ns","otherData":${JSON.stringify(about)},"traceEvents":[\n${lines}\n]}\n`;
}
