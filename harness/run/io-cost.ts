// What I/O costs in virtual time, where a plan says that it does: how many steps a lane may take until it must stand before
// one that may cost, and what the one that it stands before costs. A function of the lane's name and its own steps alone, so
// that it moves with no schedule. What stays out: the waiting itself (run.ts).
import type { IoCostParameters } from '../model/plan.ts';
import { below, type Random, stream } from '../model/random.ts';
import { anyRole, opSet, type Trap } from '../gate/protocol.ts';
import { op } from '../model/operations.ts';
import type { RawRecord } from '../model/record.ts';

const raw = [op.fdRead, op.fdWrite, op.fdSync, op.fdTruncate];

const costs: ReadonlySet<number> = new Set([op.read, op.write, op.sync, op.truncate, op.fetch, op.delete, ...raw]);

/** As long as the file is: each of them costs. */
const wholeFile: ReadonlySet<number> = new Set([op.fileRead, op.fileWrite, op.copy]);

const wholeFileTraps: readonly Trap[] = [{ ops: opSet([...wholeFile]), roles: anyRole, left: 1 }];

interface LaneCost {
  readonly random: Random;
  /** Steps that the lane has taken. */
  steps: number;
  /** From this step on, the next operation that may cost does. */
  due: number;
}

export class IoCost {
  readonly #parameters: IoCostParameters;
  readonly #lanes = new Map<string, LaneCost>();

  constructor(parameters: IoCostParameters) {
    this.#parameters = parameters;
  }

  /** A lane has taken a step. */
  saw(lane: string): void {
    this.#of(lane).steps++;
  }

  /** Steps that the lane may take before it must park. */
  stepsLeft(lane: string): number {
    const { steps, due } = this.#of(lane);
    return Math.max(1, due - steps);
  }

  traps(): readonly Trap[] {
    return wholeFileTraps;
  }

  /** Virtual ms that the step before which the lane has parked takes. */
  costOf(lane: string, pending: Readonly<RawRecord>): number {
    const own = this.#of(lane);
    const isDue = costs.has(pending.op) && own.steps >= own.due;
    if (isDue) own.due = own.steps + 1 + below(own.random, this.#parameters.every);
    return isDue || wholeFile.has(pending.op) ? 1 + below(own.random, this.#parameters.ms) : 0;
  }

  #of(lane: string): LaneCost {
    const known = this.#lanes.get(lane);
    if (known !== undefined) return known;
    const random = stream('ioCost', this.#parameters.seed, hashOf(lane));
    const fresh = { random, steps: 0, due: below(random, this.#parameters.every) };
    this.#lanes.set(lane, fresh);
    return fresh;
  }
}

function hashOf(name: string): number {
  let hash = 0;
  for (const letter of name) hash = (Math.imul(hash, 31) + (letter.codePointAt(0) ?? 0)) | 0;
  return hash;
}
