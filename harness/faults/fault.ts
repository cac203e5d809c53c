// What all faults share: where they strike (the address) and what they may do to a run (the host). One file a fault
// beside this one, one line each in catalogue.ts. What stays out: the scheduling around them (schedule/).
import { z } from 'zod';
import { type Operation, operations, type RawRecord, roles } from '../gate/protocol.ts';
import { fileNameComplaint, isLaneName, isProcessName } from '../names.ts';
import type { StartProcess } from '../schedule/run-options.ts';
import { hasUnseen } from '../visible.ts';

const laneName = 'a name such as gateway-1/notifier';

/** Logical names of processes and lanes (names.ts). */
export const nameSchema = z.string({ error: laneName }).refine(isLaneName, laneName);

const processName = 'a name of a process such as gateway-1';
export const processNameSchema = z.string({ error: processName }).refine(isProcessName, processName);

/** A whole number from `from` on. */
function wholeNumber(from: number, most: number, what: string) {
  return z.int({ error: what }).min(from, { error: what }).max(most, { error: what });
}

/** Virtual milliseconds. */
export const msSchema = wholeNumber(1, 1e12, 'a whole number of virtual milliseconds, from 1 on');

/** Which of several: 1 is the first. */
export const nthSchema = wholeNumber(1, 1e9, 'a whole number, 1 for the first');

/** Words that a sentence may quote and a reader sees whole, such as the name of a table. */
export function textSchema(charactersMax: number, what: string) {
  return z
    .string({ error: what })
    .min(1, what)
    .max(charactersMax, `${what}, of at most ${charactersMax} characters`)
    .refine((text) => !hasUnseen(text), `${what}, without control characters and line breaks`);
}

const fileName = 'a file in the directory of the world, such as kanban.db';
/** A file below the world's directory (names.ts). */
export const fileSchema = z.string({ error: fileName }).superRefine((name, context) => {
  const complaint = fileNameComplaint(name);
  if (complaint !== undefined) context.addIssue(`${fileName}: ${complaint}`);
});

const counted = wholeNumber(0, 1e15, 'a whole number, 0 for the first');

/** Operations before which a lane can stand still. SQLite asks for randomness holding a mutex of the whole process. */
const unreachable: readonly Operation[] = ['name', 'end', 'raw', 'fault', 'quiet', 'randomness'];
const addressable = operations.filter((name) => !unreachable.includes(name));

/** Before the run's step number `step`; 0 is the first. */
const atStep = z.strictObject({ step: counted });
/** Before the `nth` step (1 is the first) of lane `lane` with this operation, and on this file role if given. */
const atOperation = z.strictObject({
  lane: nameSchema,
  op: z.enum(addressable),
  role: z.enum(roles).optional(),
  nth: nthSchema,
});
/** When virtual time, counted in ms from the run's start, reaches `timeMs` and no lane is running. */
const atTime = z.strictObject({ timeMs: counted });

export const addressSchema = z.union([atStep, atOperation, atTime], {
  error:
    'an address is {"step": 120}, {"lane": "gateway-1", "op": "write", "role": "wal", "nth": 3} (operations as in a ' +
    'trace; role may be left out) or {"timeMs": 65000}',
});
export type Address = z.infer<typeof addressSchema>;

/** A fault at a time strikes while no lane is about to run, so it must name whom it means. */
export const namesItsVictim = 'an address by `timeMs` needs the name of the victim';

/** A step that has not happened yet, as far as a failure rule judges by it; `file` is its name below the world. */
export type StepAhead = Readonly<Pick<RawRecord, 'op' | 'role' | 'a' | 'b' | 'sum' | 'text'>> & {
  readonly file: string;
};

/**
 * Fails matching steps: the coordinator applies it until it is lifted or, with `once`, used up. It is not asked about
 * steps that have no way to fail.
 *
 * @property codeOf the SQLite code that the step must fail with; undefined lets it pass. A raw file operation becomes
 *   ENOSPC by SQLITE_FULL and EIO by any other code
 * @property ops operations (wire numbers) it may match: all when undefined. Lanes park before each of them while it holds
 * @property role file role it may match: all when undefined
 */
export interface FailureRule {
  codeOf(step: StepAhead): number | undefined;
  readonly lane?: string | undefined;
  readonly process?: string | undefined;
  readonly ops?: readonly number[] | undefined;
  readonly role?: number | undefined;
  readonly once: boolean;
  readonly until?: Address | undefined;
}

/** A living process as a fault sees it, by the trace alone. */
export interface LivingProcess {
  readonly name: string;
  /** Its control group; undefined when it is in none. */
  readonly group: string | undefined;
  /** Lanes that have not ended. */
  readonly lanes: number;
  /** Files that SQLite has open in it: databases, -wal and journals, one each time it was opened. */
  readonly handles: number;
}

/** What a fault may do, when it strikes. Names are logical, files below the world's directory. */
export interface FaultHost {
  /** The lane about to run, where the address names none. */
  readonly lane: string | undefined;
  /** The database that faults mean when they name none. */
  readonly database: string;
  /** The program that makes a database where there is none. */
  readonly setup: StartProcess;
  /** Virtual ms since the run's start. */
  readonly nowMs: number;
  /** Uniform in [0, 1), from a stream that depends on the plan's seed and on which fault of the plan this is. */
  random(): number;
  processOf(lane: string): string;
  /** What a process of this run, living or dead, was started on. */
  startOf(process: string): StartProcess | undefined;
  /** In the order in which they were started. */
  living(): readonly LivingProcess[];
  /** SIGKILL, and waits until the kernel has dropped its files and locks. */
  kill(process: string): void;
  /** The lane's pending write stores its first `bytes` bytes only, then the process is dead. */
  tearAndDie(lane: string, bytes: number): void;
  pause(lane: string, ms: number): void;
  /** The process opens, reads and closes each file raw. */
  rawRead(process: string, files: readonly string[]): void;
  fail(rule: FailureRule): void;
  /** A name that nobody in this run has: `<stem>-<n>`, with the smallest n from 1 on. */
  freeName(stem: string): string;
  /**
   * Starts a process, in no control group.
   *
   * @param how.detached by a launcher that exits: a real orphan
   * @param how.lasts the fault lasts until that process has ended
   */
  start(process: StartProcess, how: { readonly detached?: boolean; readonly lasts: boolean }): void;
  /** Length in bytes; undefined when there is no such file. */
  sizeOf(file: string): number | undefined;
  read(file: string): Buffer | undefined;
  /**
   * Changes bytes of a file from outside: no lane does it, and no lock of anybody is touched.
   *
   * @param page of a b-tree that they are, and whose it is; without one they are the header's
   */
  overwrite(
    file: string,
    offset: number,
    bytes: Uint8Array,
    page?: { readonly number: number; readonly owner: string },
  ): void;
  /** A sentence for the trace and the strike: what it found and did, or why nothing came of it. */
  note(sentence: string): void;
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
