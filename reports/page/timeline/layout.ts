// The rows of the picture, from top to bottom: lanes, then locks by file, files by name, queues. Which spans lie in which
// row, and how spans that overlap share one. Pure: heights in CSS pixels, places along x in steps. What stays out: drawing.
import type { FileSpan, LockSpan, Timeline } from '../../../harness/model/timeline.ts';
import { laneName } from './format.ts';
import type { Model } from './model.ts';

export type Tone = 'shared' | 'reserved' | 'exclusive' | 'file' | 'deleted' | 'queue';

/**
 * Something that held from `from` up to, not including, `to`.
 *
 * @property open it lasted to the end of what is shown
 * @property lostAt from here on believed only; null when the kernel held it throughout
 * @property label short, for inside the band @property says whole, for a reader
 * @property ends what ended it, for a mark at its end; null for nothing worth one
 * @property sub which of the row's lines it lies in, from 0
 */
export interface Band {
  readonly from: number;
  readonly to: number;
  readonly open: boolean;
  readonly lostAt: number | null;
  readonly tone: Tone;
  readonly label: string;
  readonly says: string;
  readonly ends: 'unlinked' | 'renamed' | 'replaced' | null;
  readonly sub: number;
}

/**
 * @property lane place in `lanes`, of a row that is a lane
 * @property subs lines of bands in the row
 * @property lost some band of it was lost
 */
export interface Row {
  readonly kind: 'run' | 'lane' | 'heading' | 'file' | 'bands';
  readonly y: number;
  readonly height: number;
  readonly label: string;
  readonly lane: number | null;
  readonly bands: readonly Band[];
  readonly subs: number;
  readonly lost: boolean;
}

export interface Layout {
  readonly rows: readonly Row[];
  readonly height: number;
  /** Labels stand above their rows, not beside them: for narrow screens. */
  readonly narrow: boolean;
}

/** Heights in CSS pixels. A lane has a line for marks above its bar. */
export const heights = { run: 24, lane: 34, heading: 26, file: 22, band: 18, bar: 15, marks: 15, label: 15 } as const;

type Draft = Omit<Band, 'sub'> & { readonly lane: number | null };

/** Gives each band a line in which nothing else lies then: the one its lane had before, where that is free. */
function pack(drafts: readonly Draft[]): { bands: Band[]; subs: number } {
  const sorted = drafts.toSorted((one, other) => one.from - other.from || one.to - other.to);
  const freeFrom: number[] = [];
  const lineOf = new Map<number | null, number>();
  const bands = sorted.map(({ lane, ...draft }) => {
    const before = lineOf.get(lane);
    let sub = before !== undefined && (freeFrom[before] ?? 0) <= draft.from ? before : -1;
    if (sub < 0) sub = freeFrom.findIndex((free) => free <= draft.from);
    if (sub < 0) sub = freeFrom.length;
    freeFrom[sub] = draft.to;
    lineOf.set(lane, sub);
    return { ...draft, sub };
  });
  return { bands, subs: Math.max(1, freeFrom.length) };
}

const order = ['SHARED', 'RESERVED', 'PENDING', 'EXCLUSIVE', 'WRITE', 'CKPT', 'RECOVER'];
const rank = (what: string): number => (order.includes(what) ? order.indexOf(what) : order.length);

function lockTone(span: LockSpan): Tone {
  if (span.what === 'RESERVED' || span.what === 'PENDING') return 'reserved';
  return span.exclusive ? 'exclusive' : 'shared';
}

/** The database that a file belongs to: `kanban.db` for `kanban.db-shm`. */
const family = (name: string): string => name.replace(/-(?:wal|shm|journal)$/, '');

function grouped<T>(values: readonly T[], key: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const there = groups.get(key(value));
    if (there === undefined) groups.set(key(value), [value]);
    else there.push(value);
  }
  return groups;
}

/** Puts rows below one another. */
class Stack {
  readonly rows: Row[] = [];
  y = 0;
  readonly narrow: boolean;

  constructor(narrow: boolean) {
    this.narrow = narrow;
  }

  add(kind: Row['kind'], label: string, height: number, more: Partial<Row> = {}): void {
    const extra = this.narrow && (kind === 'lane' || kind === 'bands') ? heights.label : 0;
    const row: Row = {
      kind,
      y: this.y,
      height: height + extra,
      label,
      lane: null,
      bands: [],
      subs: 1,
      lost: false,
      ...more,
    };
    this.rows.push(row);
    this.y += row.height;
  }

  bands(label: string, drafts: readonly Draft[]): void {
    const { bands, subs } = pack(drafts);
    const lost = bands.some((band) => band.lostAt !== null);
    this.add('bands', label, subs * heights.band + 2, { bands, subs, lost });
  }
}

function lockDraft(model: Model, span: LockSpan): Draft {
  const to = span.to ?? model.end;
  const holder = laneName(model, span.lane);
  const lost =
    span.lostAt === null ? '' : `; lost at step ${span.lostAt}: the kernel dropped it, its holder did not know`;
  const end = span.to === null ? 'the end' : `step ${span.to}`;
  return {
    from: span.from,
    to: Math.max(to, span.from + 1),
    open: span.to === null,
    lostAt: span.lostAt,
    tone: lockTone(span),
    label: holder,
    says: `${holder} holds ${span.what}, step ${span.from} to ${end}${lost}`,
    ends: null,
    lane: span.lane,
  };
}

function addLocks(stack: Stack, model: Model): void {
  const { locks, files } = model.timeline;
  if (locks.length === 0) return;
  stack.add('heading', 'Locks', heights.heading);
  const name = (span: LockSpan): string => files[span.file] ?? '';
  const byFile = [...grouped(locks, name)].toSorted(([one], [other]) => {
    const [a, b] = [family(one), family(other)];
    if (a !== b) return a < b ? -1 : 1;
    return one.length - other.length;
  });
  for (const [file, spans] of byFile) {
    stack.add('file', file, heights.file);
    const kinds = [...grouped(spans, (span) => span.what)].toSorted(
      ([one], [other]) => rank(one) - rank(other) || (one < other ? -1 : 1),
    );
    for (const [what, same] of kinds) {
      stack.bands(
        what,
        same.map((span) => lockDraft(model, span)),
      );
    }
  }
}

/** Who had an inode open when it lost its name, and until when they kept it so. */
function keepers(timeline: Timeline, inode: number, gone: number, end: number): { lanes: number[]; to: number } {
  const until = new Map<number, number>();
  for (const open of timeline.opens) {
    const closed = open.to ?? end;
    if (open.inode === inode && closed > gone) until.set(open.lane, Math.max(closed, until.get(open.lane) ?? 0));
  }
  // Whoever goes on with it the longest is named first: that is whom it harms.
  const lanes = [...until].toSorted(([, one], [, other]) => other - one).map(([lane]) => lane);
  return { lanes, to: Math.max(gone, ...until.values()) };
}

function fileDrafts(model: Model, span: FileSpan, inode: number): Draft[] {
  const end = model.end;
  const to = Math.max(span.to ?? end, span.from + 1);
  const name = `#${span.generation}`;
  const doer = span.how === null ? '' : `; ${span.how} by ${laneName(model, span.by)} at step ${span.to}`;
  const named: Draft = {
    from: span.from,
    to,
    open: span.to === null,
    lostAt: null,
    tone: 'file',
    label: span.generation === 1 && span.to === null ? name : `${name}${span.how === null ? '' : ` ${span.how}`}`,
    says: `Inode ${name} of this name, from step ${span.from}${doer}`,
    ends: span.how,
    lane: null,
  };
  if (span.to === null) return [named];
  const { lanes, to: until } = keepers(model.timeline, inode, to, end);
  if (lanes.length === 0) return [named];
  const who = lanes.map((lane) => laneName(model, lane)).join(', ');
  return [
    named,
    {
      ...named,
      from: to,
      to: until,
      open: until >= end,
      tone: 'deleted',
      label: `${name} ${span.how === 'renamed' ? 'moved away' : 'deleted'}, open in ${who}`,
      says: `Inode ${name} has lost this name (${span.how ?? 'gone'} by ${laneName(model, span.by)}), and ${who} still has it open`,
      ends: null,
    },
  ];
}

function addFiles(stack: Stack, model: Model): void {
  const { inodes, files } = model.timeline;
  if (inodes.length === 0) return;
  stack.add('heading', 'Files', heights.heading);
  const places = inodes.map((span, inode) => ({ span, inode, name: files[span.file] ?? '' }));
  for (const [name, spans] of grouped(places, (place) => place.name)) {
    stack.bands(
      name,
      spans.flatMap(({ span, inode }) => fileDrafts(model, span, inode)),
    );
  }
}

function addQueues(stack: Stack, model: Model): void {
  const { messages } = model.timeline;
  if (messages.length === 0) return;
  stack.add('heading', 'Messages', heights.heading);
  for (const [queue, spans] of grouped(messages, (message) => message.queue)) {
    const drafts = spans.map((span): Draft => {
      const sender = laneName(model, span.sender);
      return {
        from: span.from,
        to: Math.max(span.to ?? model.end, span.from + 1),
        open: span.to === null,
        lostAt: null,
        tone: 'queue',
        label: span.text,
        says: `“${span.text}” from ${sender} waits for ${queue} since step ${span.from}`,
        ends: null,
        lane: null,
      };
    });
    stack.bands(`to ${queue}`, drafts);
  }
}

/**
 * The rows of the picture.
 *
 * @param narrow labels above the rows instead of beside them
 */
export function makeLayout(model: Model, narrow: boolean): Layout {
  const stack = new Stack(narrow);
  if (model.events.some((event) => event.lane === null)) stack.add('run', 'whole run', heights.run);
  for (const [lane, label] of model.timeline.lanes.entries()) stack.add('lane', label, heights.lane, { lane });
  addLocks(stack, model);
  addFiles(stack, model);
  addQueues(stack, model);
  return { rows: stack.rows, height: stack.y + 8, narrow };
}

/** The row at a height, undefined below the last. */
export function rowAtY(layout: Layout, y: number): Row | undefined {
  return layout.rows.find((row) => y >= row.y && y < row.y + row.height);
}
