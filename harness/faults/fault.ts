// What all faults share: where they strike (the address) and what they may do to a run (the host). One file a fault
// beside this one, one line each in catalogue.ts. What stays out: the scheduling around them (schedule/).
import { z } from 'zod';
import { type Operation, operations, roles } from '../gate/protocol.ts';

/** Logical names of processes and lanes: no spaces, since they travel in the gate's text requests. */
export const nameSchema = z
  .string()
  .regex(/^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)?$/, 'a name such as gateway-1/notifier');

const counted = z.int().min(0).max(1e15);

/** Operations before which a lane can stand still. SQLite asks for randomness holding a mutex of the whole process. */
const unreachable: readonly Operation[] = ['name', 'end', 'raw', 'fault', 'randomness'];
const addressable = operations.filter((name) => !unreachable.includes(name));

/** Before the run's step number `step`; 0 is the first. */
const atStep = z.strictObject({ step: counted });
/** Before the `nth` step (1 is the first) of lane `lane` with this operation, and on this file role if given. */
const atOperation = z.strictObject({
  lane: nameSchema,
  op: z.enum(addressable),
  role: z.enum(roles).optional(),
  nth: z.int().min(1).max(1e9),
});
/** When virtual time, counted in ms from the run's start, reaches `timeMs` and no lane is running. */
const atTime = z.strictObject({ timeMs: counted });

export const addressSchema = z.union([atStep, atOperation, atTime]);
export type Address = z.infer<typeof addressSchema>;

/** A fault at a time strikes while no lane is about to run, so it must name whom it means. */
export const namesItsVictim = 'an address by `timeMs` needs the name of the victim';

/** Fails matching steps: the coordinator applies it until it is lifted or, with `once`, used up. */
export interface FailureRule {
  readonly code: number;
  readonly lane: string | undefined;
  readonly op: number | undefined;
  readonly role: number | undefined;
  readonly once: boolean;
  readonly until: Address | undefined;
}

/** What a fault may do, when it strikes. Names are logical. */
export interface FaultHost {
  /** The lane about to run, where the address names none. */
  readonly lane: string | undefined;
  processOf(lane: string): string;
  /** SIGKILL, and waits until the kernel has dropped its files and locks. */
  kill(process: string): void;
  /** The lane's pending write stores its first `bytes` bytes only, then the process is dead. */
  tearAndDie(lane: string, bytes: number): void;
  pause(lane: string, ms: number): void;
  /** The process opens, reads and closes each file raw. */
  rawRead(process: string, files: readonly string[]): void;
  fail(rule: FailureRule): void;
  /** The database that faults mean when they name none. */
  readonly database: string;
}

/** One kind of fault. */
export interface FaultKind<Spec extends { readonly at: Address }> {
  readonly kind: string;
  readonly says: string;
  readonly schema: z.ZodType<Spec>;
  /** Does it, at its address. */
  strike(spec: Spec, host: FaultHost): void;
}

/** The process a fault means: named, or that of the lane in its address, or that of the lane about to run. */
export function victimProcess(
  spec: { readonly at: Address; readonly process?: string | undefined },
  host: FaultHost,
): string | undefined {
  if (spec.process !== undefined) return spec.process;
  const lane = victimLane(spec, host);
  return lane === undefined ? undefined : host.processOf(lane);
}

/** The lane a fault means: named, or the one in its address, or the one about to run. */
export function victimLane(
  spec: { readonly at: Address; readonly lane?: string | undefined },
  host: FaultHost,
): string | undefined {
  return spec.lane ?? ('lane' in spec.at ? spec.at.lane : host.lane);
}
