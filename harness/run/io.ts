// What a plan says of I/O in a run: whether it takes virtual time (io-cost.ts), and whether reads and writes are switch points
// once somebody works past SQLite's locks. What stays out: telling that a step does that, which the gate sees.
import type { Parameters } from '../model/plan.ts';
import { type RawRecord, recordFlag } from '../model/record.ts';
import type { Trap } from '../gate/protocol.ts';
import { IoCost } from './io-cost.ts';

export class Io {
  readonly #cost: IoCost | undefined;
  /** For grants: undefined where the plan does not ask. */
  unguarded: boolean | undefined;

  constructor({ ioCost, switchPoints }: Parameters) {
    this.#cost = ioCost === undefined ? undefined : new IoCost(ioCost);
    this.unguarded = switchPoints === 'unguarded' ? false : undefined;
  }

  /** A lane has taken a step. */
  saw(lane: string, { flags }: Readonly<RawRecord>): void {
    this.#cost?.saw(lane);
    if ((flags & recordFlag.unguarded) !== 0) this.unguarded = true;
  }

  /** Steps that the lane may take before it must park. */
  stepsLeft(lane: string): number {
    return this.#cost?.stepsLeft(lane) ?? Infinity;
  }

  traps(): readonly Trap[] {
    return this.#cost?.traps() ?? [];
  }

  /** Virtual ms that the step before which the lane has parked takes. */
  costOf(lane: string, pending: Readonly<RawRecord>): number {
    return this.#cost?.costOf(lane, pending) ?? 0;
  }
}
