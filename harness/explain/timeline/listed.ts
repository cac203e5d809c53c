// From names to places: the rows and spans of a timeline, cut to the steps that are kept. What stays out: what lasted from
// when to when (the books beside this file).
import { posix } from 'node:path';
import {
  type FileSpan,
  type LockSpan,
  type MessageSpan,
  type OpenSpan,
  stepFlag,
  type Timeline,
  type TimelineEvent,
  type TimelineStep,
} from '../../model/timeline.ts';
import type { TraceStep } from '../../observe/trace.ts';
import type { EventDraft } from './events-of.ts';
import { isFailed } from './failed.ts';
import type { FileDraft, OpenDraft } from './file-book.ts';
import type { LockDraft } from './lock-book.ts';
import type { MessageDraft } from './message-book.ts';
import { Places } from './places.ts';
import { shortened } from './shortened.ts';
import type { Window } from './window.ts';

/** Longest text of a step or a message, in characters. */
const textMax = 1000;

/** All of a run that a timeline shows, by names. */
export interface Drafts {
  readonly steps: readonly TraceStep[];
  readonly inodes: readonly FileDraft[];
  readonly opens: readonly OpenDraft[];
  readonly locks: readonly LockDraft[];
  readonly messages: readonly MessageDraft[];
  readonly events: readonly EventDraft[];
}

type Listed = Omit<Timeline, 'format' | 'hash' | 'virtualMs' | 'total' | 'kept'>;

/** What touches the steps that are kept; files also when somebody has them open or locked then. */
function within(drafts: Drafts, kept: Window): Drafts {
  const touching = <T extends { readonly from: number; readonly to: number | null }>(all: readonly T[]) =>
    all.filter(({ from, to }) => from <= kept.to && (to ?? Infinity) >= kept.from);
  const opens = touching(drafts.opens);
  const locks = touching(drafts.locks);
  const files = new Set([...touching(drafts.inodes), ...[...opens, ...locks].map(({ file }) => file)]);
  return {
    steps: drafts.steps.slice(kept.from, kept.to + 1),
    inodes: drafts.inodes.filter((file) => files.has(file)),
    opens,
    locks,
    messages: touching(drafts.messages),
    events: drafts.events.filter(({ step }) => step >= kept.from && step <= kept.to),
  };
}

/** The lanes that are seen, in the order of their first steps. */
function lanesOf(steps: readonly TraceStep[], { steps: shown, inodes, opens, locks, messages, events }: Drafts) {
  const seen = new Set<string | null>([
    ...inodes.flatMap(({ by, holders }) => [by, ...holders]),
    ...messages.map(({ sender }) => sender),
  ]);
  for (const { lane } of [...opens, ...locks, ...events]) seen.add(lane);
  for (const { lane } of shown) seen.add(lane);
  const all = new Set<string>();
  for (const { lane } of steps) all.add(lane);
  return new Places([...all].filter((lane) => seen.has(lane)));
}

/** Lists what is kept. */
export function listed(all: Drafts, kept: Window): Listed {
  const drafts = within(all, kept);
  const list = new Lists(kept, lanesOf(all.steps, drafts), new Places(drafts.inodes));
  const steps = drafts.steps.map((step) => list.step(step));
  const inodes = drafts.inodes.map((file) => list.file(file));
  const locks = drafts.locks.map((lock) => list.lock(lock));
  const opens = drafts.opens.map((open) => list.open(open));
  const messages = drafts.messages.map((message) => list.message(message));
  const events = drafts.events.map((event) => list.event(event));
  const [lanes, ops, files, codes] = [list.lanes.all, list.ops.all, list.files.all, list.codes.all];
  return { lanes, ops, files, codes, steps, locks, inodes, opens, messages, events };
}

class Lists {
  readonly lanes: Places<string>;
  readonly ops = new Places<string>();
  readonly files = new Places<string>();
  readonly codes = new Places<string | number>();
  readonly #inodes: Places<FileDraft>;
  readonly #kept: Window;

  constructor(kept: Window, lanes: Places<string>, inodes: Places<FileDraft>) {
    this.#kept = kept;
    this.lanes = lanes;
    this.#inodes = inodes;
  }

  step(step: TraceStep): TimelineStep {
    const { file, text, args, handle } = step;
    return [
      step.step,
      this.lanes.of(step.lane),
      step.nowMs,
      this.ops.of(step.op),
      file === undefined ? -1 : this.files.of(posix.normalize(file)),
      this.codes.of(step.rc),
      handle === undefined ? (args ?? null) : { handle, ...args },
      text === undefined ? null : shortened(text, textMax),
      (step.injected === true ? stepFlag.injected : 0) | (isFailed(step) ? stepFlag.failed : 0),
    ];
  }

  lock({ lane, file, name, what, exclusive, lostAt, ...span }: LockDraft): LockSpan {
    const lost = lostAt !== null && lostAt <= this.#kept.to;
    return {
      lane: this.lanes.of(lane),
      file: this.files.of(name),
      inode: this.#inodes.of(file),
      what,
      exclusive,
      ...this.#cut(span),
      lostAt: lost ? this.#from(lostAt) : null,
    };
  }

  file({ file, generation, formerly, how, by, holders, ...span }: FileDraft): FileSpan {
    const cut = this.#cut(span);
    const lost = cut.to !== null;
    const before = this.#inodes.placeOf(formerly ?? null);
    return {
      file: this.files.of(file),
      generation,
      ...(before === null ? {} : { formerly: before }),
      ...cut,
      how: lost ? how : null,
      by: lost ? this.lanes.placeOf(by) : null,
      holders: lost ? holders.map((lane) => this.lanes.of(lane)) : [],
    };
  }

  open({ lane, file, ...span }: OpenDraft): OpenSpan {
    return { lane: this.lanes.of(lane), inode: this.#inodes.of(file), ...this.#cut(span) };
  }

  message({ sender, queue, text, received, ...span }: MessageDraft): MessageSpan {
    const cut = this.#cut(span);
    return {
      sender: this.lanes.placeOf(sender),
      queue,
      text: shortened(text, textMax),
      ...cut,
      ...(received === true && cut.to !== null ? { received } : {}),
    };
  }

  event({ step, lane, kind, text }: EventDraft): TimelineEvent {
    return { step, lane: this.lanes.placeOf(lane), kind, text };
  }

  #from(step: number): number {
    return Math.max(step, this.#kept.from);
  }

  #cut({ from, to }: { readonly from: number; readonly to: number | null }) {
    return { from: this.#from(from), to: to === null || to > this.#kept.to ? null : this.#from(to) };
  }
}
