// anchored: preemptions that hold on to a lane's own steps instead of the run's. "At step 812" means another moment as
// soon as anything before it is taken away; "before the 40th step of writer-1" does not, as long as writer-1 does the
// same. Shrinking and bisecting move schedules between plans and engines in this form. Marks of deep engines are counted
// apart, so that an anchor found deep says something on the plain engine too.
import { below, type Random } from '../../model/random.ts';
import { op } from '../../model/operations.ts';
import type { RawRecord } from '../../model/record.ts';
import type { StepLane, StepSink } from '../../model/step.ts';
import type { Choice, Chooser, Decision } from '../chooser.ts';

/** Where a lane stands: so many steps taken, and so many marks of a deep engine since the last of them. */
export interface OwnPlace {
  readonly steps: number;
  readonly marks: number;
}

/**
 * Where `lane` would go on, having come to `at`, the lane `to` does.
 *
 * @property stays so often it was let go on at just this place before, and a fault stopped it; default 0
 */
export interface Anchor {
  readonly lane: string;
  readonly at: OwnPlace;
  readonly to: string;
  readonly stays?: number;
}

const start: OwnPlace = { steps: 0, marks: 0 };

/** Counts the steps of each lane. Steps of the coordinator's own, which stand for a lane in the trace, are none. */
export class OwnSteps implements StepSink {
  readonly #places = new Map<string, { steps: number; marks: number }>();
  /** How often each lane was let go on since its last step. */
  readonly #stays = new Map<string, number>();

  see(_step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    if (record.op === op.fault || record.op === op.quiet || record.op === op.statement) return;
    this.#stays.delete(lane.name);
    let place = this.#places.get(lane.name);
    if (place === undefined) this.#places.set(lane.name, (place = { ...start }));
    if (record.op === op.mark) {
      place.marks++;
    } else {
      place.steps++;
      place.marks = 0;
    }
  }

  of(lane: string): OwnPlace {
    return { ...(this.#places.get(lane) ?? start) };
  }

  letGoOn(lane: string): void {
    this.#stays.set(lane, this.staysOf(lane) + 1);
  }

  staysOf(lane: string): number {
    return this.#stays.get(lane) ?? 0;
  }

  /** Steps of every lane. */
  counts(): ReadonlyMap<string, number> {
    return new Map([...this.#places].map(([lane, { steps }]) => [lane, steps]));
  }
}

/** Follows another chooser, and writes down where it left the default, as anchors. Must see the run's steps. */
export class AnchorRecorder implements Chooser, StepSink {
  readonly anchors: Anchor[] = [];
  readonly own = new OwnSteps();
  readonly #inner: Chooser;

  constructor(inner: Chooser) {
    this.#inner = inner;
  }

  see(step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    this.own.see(step, record, lane);
  }

  choose(decision: Decision): Choice {
    const choice = this.#inner.choose(decision);
    const { fallback, ready } = decision;
    if (choice.lane === fallback || !ready.includes(choice.lane)) {
      this.own.letGoOn(fallback);
    } else {
      const stays = this.own.staysOf(fallback);
      const at = this.own.of(fallback);
      this.anchors.push({ lane: fallback, at, to: choice.lane, ...(stays > 0 ? { stays } : {}) });
    }
    return choice;
  }
}

/** Makes the preemptions of anchors. Must see the run's steps. */
export class AnchoredChooser implements Chooser, StepSink {
  readonly #own = new OwnSteps();
  readonly #due = new Map<string, Anchor[]>();

  constructor(anchors: readonly Anchor[]) {
    for (const anchor of anchors) {
      const others = this.#due.get(anchor.lane);
      if (others === undefined) this.#due.set(anchor.lane, [anchor]);
      else others.push(anchor);
    }
  }

  see(step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    this.#own.see(step, record, lane);
  }

  choose({ steps, ready, fallback }: Decision): Choice {
    let lane = fallback;
    const due = this.#due.get(fallback)?.[0];
    if (due !== undefined && this.#ahead(due) <= 0) {
      this.#due.get(fallback)?.shift();
      if (ready.includes(due.to)) lane = due.to;
    }
    if (lane === fallback) this.#own.letGoOn(lane);
    const following = this.#due.get(lane)?.[0];
    return following === undefined ? { lane } : { lane, untilStep: steps + Math.max(1, this.#ahead(following)) };
  }

  /** Steps, marks among them, that its lane has at least to go; 0 or less when it is there. */
  #ahead({ lane, at, stays = 0 }: Anchor): number {
    const { steps, marks } = this.#own.of(lane);
    if (steps !== at.steps) return at.steps - steps;
    return marks === at.marks && this.#own.staysOf(lane) < stays ? 1 : at.marks - marks;
  }
}

/**
 * Anchors near others: some of them left out, some of the rest earlier or later. Most stay where they are, since a failure
 * needs a few of them just there.
 *
 * @param gone how many are left out
 */
export function nearAnchors(anchors: readonly Anchor[], random: Random, gone: number): readonly Anchor[] {
  let kept = anchors;
  for (let i = 0; i < gone && kept.length > 0; i++) kept = kept.toSpliced(below(random, kept.length), 1);
  return kept.map((anchor) => {
    if (random() < 0.7) return anchor;
    const most = 2 ** below(random, 6);
    const steps = Math.max(0, anchor.at.steps + below(random, 2 * most + 1) - most);
    return steps === anchor.at.steps ? anchor : { ...anchor, at: { steps, marks: 0 } };
  });
}
