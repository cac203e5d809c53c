// Applies the faults of a plan: knows which are due, strikes them while every lane is parked, and keeps the failure
// rules they leave behind. What stays out: what a kind of fault does (faults/), and how it is done (fault-host.ts).
import { faultKinds } from './faults/catalogue.ts';
import { type Address, type Fault, faultSchema } from '../model/fault.ts';
import type { FailureRule, FaultKind } from './faults/fault.ts';
import { usageError } from '../errors/errors.ts';
import { anyOp, anyRole, opSet, roleSet, type Trap, trapsMax } from '../gate/protocol.ts';
import { op, role } from '../model/operations.ts';
import type { RawRecord } from '../model/record.ts';
import { epochMs } from './epoch.ts';
import { faultHost } from './fault-host.ts';
import type { LaneState, ProcessState } from './lanes.ts';
import type { RunControl, RunState } from './run-state.ts';
import type { RunStrike } from './run-options.ts';
import { OpenStrike } from './strikes.ts';

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
  op.tell,
  op.refused,
]);

/** Steps of lockstep's own, which fail only by a rule that names them: no system call is behind them. */
const onlyByName: ReadonlySet<number> = new Set([op.disconnect]);

/** An address that waits for its moment, with the matches of an address by operation that have passed. */
interface Armed {
  readonly at: Address;
  /** Matches of an address by operation since the run's start. */
  readonly count: Count;
  due(about: LaneState | undefined): void;
}

/** Steps that have matched an address. Counted from the run's start, also for an `until` that is not yet waited for. */
interface Count {
  seen: number;
}

/** An address by operation, with its count. */
interface CountOf {
  readonly at: Extract<Address, { readonly lane: string }>;
  readonly count: Count;
}

const none: ReadonlySet<Armed> = new Set();

/** Traps that a lane may be given beside those of faults: of these the plan's author knows nothing, so there is always room. */
const othersMost = 4;

export class FaultRunner {
  readonly #state: RunState;
  readonly #control: RunControl;
  /** By what their address names: a step or grant of a lane looks at its own, however many lanes there are. */
  readonly #armedByStep = new Set<Armed>();
  readonly #armedByTime = new Set<Armed>();
  readonly #armedByLane = new Map<string, Set<Armed>>();
  readonly #counts = new Map<Address, Count>();
  readonly #countsByLane = new Map<string, CountOf[]>();
  readonly #rules = new Map<FailureRule, OpenStrike>();
  readonly #tears = new Map<LaneState, number>();
  readonly #strikes: OpenStrike[] = [];
  /** Strikes that last until a process has ended. */
  readonly #lasting = new Map<ProcessState, OpenStrike>();

  constructor(state: RunState, control: RunControl, faults: readonly Fault[]) {
    this.#state = state;
    this.#control = control;
    for (const [index, fault] of faults.entries()) {
      this.#arm(fault.at, (lane) => this.#strike(index, fault, lane));
      if ('until' in fault && fault.until !== undefined) this.#count(fault.until);
    }
  }

  /** What has struck so far, in order. */
  strikes(): readonly RunStrike[] {
    const { horizonMs } = this.#state.options.plan.parameters;
    return this.#strikes.map((strike) => strike.close(horizonMs, this.#nowMs));
  }

  /** Strikes all that is due by step number, before the lane that is about to run. */
  strikeByStep(lane: LaneState): void {
    this.#strikeWhile(this.#armedByStep, ({ at }) => 'step' in at && at.step <= this.#state.steps, lane);
  }

  /** Strikes all that waits for the step before which the lane has just parked. */
  strikeByOperation(lane: LaneState): void {
    this.#strikeWhile(
      this.#armedByLane.get(lane.name) ?? none,
      ({ at, count }) => 'lane' in at && matches(at, lane.pending) && count.seen + 1 >= at.nth,
      lane,
    );
  }

  /** Strikes all that is due by virtual time. */
  strikeByTime(): void {
    this.#strikeWhile(this.#armedByTime, ({ at }) => 'timeMs' in at && at.timeMs <= this.#nowMs, undefined);
  }

  /** A strike is a step itself and may make the next one due: until none is. */
  #strikeWhile(waiting: ReadonlySet<Armed>, due: (armed: Armed) => boolean, about: LaneState | undefined): void {
    for (;;) {
      const armed = firstOf(waiting, due);
      if (armed === undefined) return;
      this.#waitingWith(armed.at).delete(armed);
      armed.due(about);
      this.#control.checkStop(); // a strike may start a process, and there may be hundreds
    }
  }

  /** The next step by number before which something is due. */
  nextStep(): number {
    let next = Infinity;
    for (const { at } of this.#armedByStep) if ('step' in at) next = Math.min(next, at.step);
    return next;
  }

  /** The next virtual time at which something is due. */
  nextTimeMs(): number {
    let next = Infinity;
    for (const { at } of this.#armedByTime) if ('timeMs' in at) next = Math.min(next, epochMs + at.timeMs);
    return next;
  }

  /** Where the lane must park by itself for a fault or a failure rule; and where else it must. */
  trapsFor(lane: LaneState, others: readonly Trap[]): readonly Trap[] {
    const traps: Trap[] = [...others];
    // The pending step is matched here, by strikeByOperation and failureFor, and passes the gate uncounted by these.
    for (const { at, count } of this.#armedByLane.get(lane.name) ?? none) {
      if (!('lane' in at)) continue;
      const passing = matches(at, lane.pending) ? 1 : 0;
      traps.push({
        ops: opSet([op[at.op]]),
        roles: at.role === undefined ? anyRole : roleSet([role[at.role]]),
        left: Math.max(1, at.nth - count.seen - passing),
      });
    }
    for (const rule of this.#rules.keys()) {
      if (!isMeant(rule, lane)) continue;
      const ops = rule.ops === undefined ? anyOp : opSet(rule.ops);
      traps.push({ ops, roles: rule.roles === undefined ? anyRole : roleSet(rule.roles), left: 1 });
    }
    const own = traps.length - others.length;
    if (own > trapsMax - othersMost) {
      throw usageError(
        'TOO_MANY_FAULTS',
        `${own} faults wait for operations of ${lane.name}; at most ${trapsMax - othersMost} can.`,
        'Take some out of the plan.',
      );
    }
    return traps;
  }

  /** The code that the pending step must fail with. A rule for one use is used up by this. */
  failureFor(lane: LaneState): number | undefined {
    const { pending } = lane;
    if (cannotFail.has(pending.op)) return undefined;
    for (const rule of this.#rules.keys()) {
      if (!isMeant(rule, lane)) continue;
      if (rule.ops === undefined ? onlyByName.has(pending.op) : !rule.ops.includes(pending.op)) continue;
      if (rule.roles?.includes(pending.role) === false) continue;
      const code = rule.codeOf({ ...pending, file: lane.files[pending.file] ?? '' });
      if (code === undefined) continue;
      if (rule.once) this.#lift(rule);
      return code;
    }
    return undefined;
  }

  /** Bytes that the pending write may store before the process dies. */
  takeTear(lane: LaneState): number | undefined {
    const bytes = this.#tears.get(lane);
    this.#tears.delete(lane);
    return bytes;
  }

  /** Follows what has passed: for addresses by operation, open files, and strikes that last as long as a process. */
  sawStep(lane: LaneState, record: Readonly<RawRecord>): void {
    for (const { at, count } of this.#countsByLane.get(lane.name) ?? []) if (matches(at, record)) count.seen++;
    if (record.op !== op.end || lane !== lane.process.lanes[0]) return;
    this.#lasting.get(lane.process)?.release(this.#nowMs);
    this.#lasting.delete(lane.process);
  }

  get #nowMs(): number {
    return this.#state.nowMs - epochMs;
  }

  #count(at: Address): Count {
    const known = this.#counts.get(at);
    if (known !== undefined) return known;
    const count = { seen: 0 };
    this.#counts.set(at, count);
    if (!('lane' in at)) return count;
    const ofLane = this.#countsByLane.get(at.lane) ?? [];
    this.#countsByLane.set(at.lane, ofLane);
    ofLane.push({ at, count });
    return count;
  }

  #arm(at: Address, due: (lane: LaneState | undefined) => void): void {
    this.#waitingWith(at).add({ at, count: this.#count(at), due });
  }

  /** Those that wait with an address of the same sort, in the order in which they were armed. */
  #waitingWith(at: Address): Set<Armed> {
    if ('step' in at) return this.#armedByStep;
    if ('timeMs' in at) return this.#armedByTime;
    const known = this.#armedByLane.get(at.lane) ?? new Set();
    this.#armedByLane.set(at.lane, known);
    return known;
  }

  #strike(index: number, fault: Fault, about: LaneState | undefined): void {
    const [state, control] = [this.#state, this.#control];
    const { kind } = fault;
    const strike = new OpenStrike({ fault: index, kind, step: state.steps, nowMs: this.#nowMs });
    this.#strikes.push(strike);
    const write = (said: object): void => {
      const witness = about ?? state.lanes[0];
      if (witness !== undefined) control.addStep(witness, 'fault', JSON.stringify(said));
    };
    // In the order of a plan that was read, however this one was made: by whoever makes what no file may say, too.
    write(faultSchema.safeParse(fault).data ?? fault);
    const host = faultHost({
      state,
      control,
      about,
      strike,
      tear: (lane, bytes) => this.#tears.set(lane, bytes),
      fail: (rule) => this.#fail(rule, strike),
      lastsUntilEnd: (process) => {
        strike.hold();
        this.#lasting.set(process, strike);
      },
      note: (sentence) => {
        strike.note(sentence);
        write({ kind, note: sentence });
      },
      later: (ms, due) => this.#arm({ timeMs: this.#nowMs + ms }, due),
      write,
    });
    (faultKinds[kind] as FaultKind<Fault>).strike(fault, host);
  }

  #fail(rule: FailureRule, strike: OpenStrike): void {
    if (!rule.once) strike.hold(); // one for a single use may never find its step: nobody waits for that
    this.#rules.set(rule, strike);
    if (rule.until === undefined) return;
    this.#arm(rule.until, (about) => {
      const witness = about ?? this.#state.lanes[0];
      if (this.#lift(rule) && witness !== undefined)
        this.#control.addStep(
          witness,
          'fault',
          JSON.stringify({ lifted: strike.strike.fault, kind: strike.strike.kind }),
        );
    });
  }

  /** Result: false when it was lifted before. */
  #lift(rule: FailureRule): boolean {
    const strike = this.#rules.get(rule);
    if (rule.once) strike?.liftedAt(this.#nowMs);
    else strike?.release(this.#nowMs);
    rule.lifted?.();
    return this.#rules.delete(rule);
  }
}

function firstOf(waiting: ReadonlySet<Armed>, due: (armed: Armed) => boolean): Armed | undefined {
  for (const armed of waiting) if (due(armed)) return armed;
  return undefined;
}

function isMeant(rule: FailureRule, lane: LaneState): boolean {
  return (
    (rule.lane === undefined || rule.lane === lane.name) &&
    (rule.process === undefined || rule.process === lane.process.name)
  );
}

function matches(
  at: { readonly op: keyof typeof op; readonly role?: keyof typeof role | undefined },
  step: Readonly<RawRecord>,
): boolean {
  return op[at.op] === step.op && (at.role === undefined || role[at.role] === step.role);
}
