// Applies the faults of a plan: knows which are due, strikes them while every lane is parked, and keeps the failure
// rules they leave behind. What stays out: what a kind of fault does (faults/).
import { join } from 'node:path';
import { harnessError } from '../errors.ts';
import { type Fault, faultKinds } from '../faults/catalogue.ts';
import type { Address, FailureRule, FaultHost, FaultKind } from '../faults/fault.ts';
import { any, op, type RawRecord, role, type Trap, trapsMax } from '../gate/protocol.ts';
import type { LaneState } from './lanes.ts';
import { epochMs } from './epoch.ts';
import type { Run } from './run.ts';

/** Steps that have no way to fail: an io-error passes them by, and is not used up by them. */
const cannotFail: ReadonlySet<number> = new Set([
  op.start,
  op.end,
  op.shmBarrier,
  op.busySleep,
  op.randomness,
  op.time,
  op.mark,
  op.step,
  op.funlock,
  op.observe,
  op.sleep,
  op.ask,
]);

/** An address that waits for its moment, with the matches of an address by operation that have passed. */
interface Armed {
  readonly at: Address;
  /** Matches of an address by operation since the run's start. */
  readonly count: Count;
  due(about: LaneState | undefined): void;
}

/** Steps that have matched an address. Counted from the run's start, also for an `until` that is not yet waited for. */
interface Count {
  readonly at: Address;
  seen: number;
}

export class FaultRunner {
  readonly #run: Run;
  readonly #armed = new Set<Armed>();
  readonly #counts = new Map<Address, Count>();
  readonly #rules = new Set<FailureRule>();
  readonly #tears = new Map<LaneState, number>();

  constructor(run: Run, faults: readonly Fault[]) {
    this.#run = run;
    for (const fault of faults) {
      this.#arm(fault.at, (lane) => this.#strike(fault, lane));
      if ('until' in fault && fault.until !== undefined) this.#count(fault.until);
    }
  }

  /** Strikes all that is due by step number, before the lane that is about to run. */
  strikeByStep(lane: LaneState): void {
    this.#strikeWhile(({ at }) => 'step' in at && at.step <= this.#run.steps, lane);
  }

  /** Strikes all that waits for the step before which the lane has just parked. */
  strikeByOperation(lane: LaneState): void {
    this.#strikeWhile(
      ({ at, count }) => 'lane' in at && at.lane === lane.name && matches(at, lane.pending) && count.seen + 1 >= at.nth,
      lane,
    );
  }

  /** Strikes all that is due by virtual time. */
  strikeByTime(): void {
    this.#strikeWhile(({ at }) => 'timeMs' in at && at.timeMs <= this.#run.nowMs - epochMs, undefined);
  }

  /** A strike is a step itself and may make the next one due: until none is. */
  #strikeWhile(due: (armed: Armed) => boolean, about: LaneState | undefined): void {
    for (;;) {
      const armed = [...this.#armed].find(due);
      if (armed === undefined) return;
      this.#armed.delete(armed);
      armed.due(about);
    }
  }

  /** The next step by number before which something is due. */
  nextStep(): number {
    let next = Infinity;
    for (const { at } of this.#armed) if ('step' in at) next = Math.min(next, at.step);
    return next;
  }

  /** The next virtual time at which something is due. */
  nextTimeMs(): number {
    let next = Infinity;
    for (const { at } of this.#armed) if ('timeMs' in at) next = Math.min(next, epochMs + at.timeMs);
    return next;
  }

  /** Where the lane must park by itself for a fault or a failure rule. */
  trapsFor(lane: LaneState): readonly Trap[] {
    const traps: Trap[] = [];
    // The pending step is matched here, by strikeByOperation and failureFor, and passes the gate uncounted by these.
    for (const { at, count } of this.#armed) {
      if (!('lane' in at) || at.lane !== lane.name) continue;
      const passing = matches(at, lane.pending) ? 1 : 0;
      traps.push({
        op: op[at.op],
        role: at.role === undefined ? any : role[at.role],
        left: Math.max(1, at.nth - count.seen - passing),
      });
    }
    for (const rule of this.#rules) {
      if (rule.lane !== undefined && rule.lane !== lane.name) continue;
      traps.push({ op: rule.op ?? any, role: rule.role ?? any, left: 1 });
    }
    if (traps.length > trapsMax) {
      throw harnessError(
        'TOO_MANY_FAULTS',
        `${traps.length} faults wait for operations of ${lane.name}; at most ${trapsMax} can.`,
        'Take some out of the plan.',
      );
    }
    return traps;
  }

  /** The code that the pending step must fail with. A rule for one use is used up by this. */
  failureFor(lane: LaneState): number | undefined {
    for (const rule of this.#rules) {
      if (rule.lane !== undefined && rule.lane !== lane.name) continue;
      if (rule.op !== undefined && rule.op !== lane.pending.op) continue;
      if (rule.role !== undefined && rule.role !== lane.pending.role) continue;
      if (cannotFail.has(lane.pending.op)) continue;
      if (rule.once) this.#rules.delete(rule);
      return rule.code;
    }
    return undefined;
  }

  /** Bytes that the pending write may store before the process dies. */
  takeTear(lane: LaneState): number | undefined {
    const bytes = this.#tears.get(lane);
    this.#tears.delete(lane);
    return bytes;
  }

  /** Counts what has passed, for addresses by operation. */
  sawStep(lane: LaneState, record: Readonly<RawRecord>): void {
    for (const count of this.#counts.values()) {
      if ('lane' in count.at && count.at.lane === lane.name && matches(count.at, record)) count.seen++;
    }
  }

  #count(at: Address): Count {
    const count = this.#counts.get(at) ?? { at, seen: 0 };
    this.#counts.set(at, count);
    return count;
  }

  #arm(at: Address, due: (lane: LaneState | undefined) => void): void {
    this.#armed.add({ at, count: this.#count(at), due });
  }

  #strike(fault: Fault, about: LaneState | undefined): void {
    const witness = about ?? this.#run.lanes[0];
    if (witness !== undefined) this.#run.addStep(witness, 'fault', JSON.stringify(fault));
    const kind = faultKinds[fault.kind] as FaultKind<Fault>;
    kind.strike(fault, this.#host(about));
  }

  #host(about: LaneState | undefined): FaultHost {
    const run = this.#run;
    return {
      lane: about?.name,
      database: run.options.database,
      processOf: (lane) => run.laneByName(lane)?.process.name ?? lane.split('/')[0] ?? lane,
      kill: (name) => {
        const process = run.processByName(name);
        if (process !== undefined) run.killProcess(process, { how: 'killed', signal: 'SIGKILL' });
      },
      tearAndDie: (name, bytes) => {
        const lane = run.laneByName(name);
        if (lane !== undefined) this.#tears.set(lane, bytes);
      },
      pause: (name, ms) => {
        const lane = run.laneByName(name);
        if (lane !== undefined) lane.pausedUntilMs = Math.max(lane.pausedUntilMs, run.nowMs + ms);
      },
      rawRead: (name, files) => {
        const process = run.processByName(name);
        const lane = process?.lanes.find((other) => other.status !== 'ended');
        if (lane !== undefined)
          run.rawRead(
            lane,
            files.map((file) => join(run.options.root, file)),
          );
      },
      fail: (rule) => {
        this.#rules.add(rule);
        if (rule.until !== undefined) this.#arm(rule.until, () => this.#rules.delete(rule));
      },
    };
  }
}

function matches(
  at: { readonly op: keyof typeof op; readonly role?: keyof typeof role | undefined },
  step: Readonly<RawRecord>,
): boolean {
  return op[at.op] === step.op && (at.role === undefined || role[at.role] === step.role);
}
