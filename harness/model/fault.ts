// The faults that a plan may have: where each strikes (its address) and what it says beside that. What stays out: what a
// kind of fault does to a run (run/faults/, one file each).
import { z } from 'zod';
import { lossComplaint, lossShape } from './crash.ts';
import { corruptWays, fileDamages, foreignBytes, lies, lockNames, replaceWays } from './fault-words.ts';
import { type Operation, operations, roles } from './operations.ts';
import { nameSchema, processNameSchema, textSchema } from './name-schemas.ts';
import { fileNameComplaint } from './names.ts';
import { resultCodes } from './result-codes.ts';
import { visibleLines } from './visible.ts';

/** A whole number from `from` on. */
function wholeNumber(from: number, most: number, what: string) {
  return z.int({ error: what }).min(from, { error: what }).max(most, { error: what });
}

/** Virtual milliseconds. */
export const msSchema = wholeNumber(1, 1e12, 'a whole number of virtual milliseconds, from 1 on');

/** Which of several: 1 is the first. */
export const nthSchema = wholeNumber(1, 1e9, 'a whole number, 1 for the first');

const fileName = 'a file in the directory of the world, such as kanban.db';
/** A file below the world's directory (names.ts). */
export const fileSchema = z.string({ error: fileName }).superRefine((name, context) => {
  const complaint = fileNameComplaint(name);
  if (complaint !== undefined) context.addIssue(`${fileName}: ${complaint}`);
});

const counted = wholeNumber(0, 1e15, 'a whole number, 0 for the first');

/** Operations before which a lane can stand still. SQLite asks for randomness holding a mutex of the whole process. */
const unreachable: readonly Operation[] = ['name', 'end', 'raw', 'fault', 'quiet', 'statement', 'sql', 'randomness'];
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

const kill = z
  .strictObject({
    kind: z.literal('kill'),
    at: addressSchema,
    /** Default: the process of the lane in the address, else of the lane about to run. */
    process: nameSchema.optional(),
    /** The pending write stores this many bytes first; needs an address by operation `write`. */
    bytes: z.int().min(0).max(1e9).optional(),
  })
  .refine((spec) => !('timeMs' in spec.at) || spec.process !== undefined, { error: namesItsVictim })
  .refine((spec) => spec.bytes === undefined || ('op' in spec.at && spec.at.op === 'write'), {
    error: '`bytes` needs an address with op "write": {"lane": …, "op": "write", "nth": …}',
  });

const pause = z
  .strictObject({
    kind: z.literal('pause'),
    at: addressSchema,
    /** Default: the lane in the address, else the lane about to run. */
    lane: nameSchema.optional(),
    /** How long, virtual. */
    ms: msSchema,
  })
  .refine((spec) => !('timeMs' in spec.at) || spec.lane !== undefined, { error: namesItsVictim });

const lockCancel = z
  .strictObject({
    kind: z.literal('lock-cancel'),
    at: addressSchema,
    /** Default: the process of the lane in the address, else of the lane about to run. */
    process: nameSchema.optional(),
    files: z.enum(['db', 'all']).default('db'),
    /** Which database, below the world's directory. Default: the scenario's. */
    database: fileSchema.optional(),
  })
  .refine((spec) => !('timeMs' in spec.at) || spec.process !== undefined, { error: namesItsVictim });

const ioError = z.strictObject({
  kind: z.literal('io-error'),
  at: addressSchema,
  code: z.enum(Object.keys(resultCodes) as [string, ...string[]]),
  /** Narrows what fails from the address on; an address by operation narrows to that operation by itself. */
  lane: nameSchema.optional(),
  op: z.enum(operations).optional(),
  role: z.enum(roles).optional(),
  /** Fails every match until then; without it, the first match only. */
  until: addressSchema.optional(),
});

const ioHiccup = z.strictObject({
  kind: z.literal('io-hiccup'),
  at: addressSchema,
  /** How long, virtual. */
  ms: msSchema,
  /** Who feels it. Default: everybody. */
  lane: nameSchema.optional(),
  process: processNameSchema.optional(),
  /** Which files. Default: all. */
  files: z
    .array(z.enum(roles, { error: `a file role: ${roles.join(', ')}` }))
    .min(1, { error: '`files` names at least one file role' })
    .max(roles.length, { error: '`files` names each file role once at most' })
    .optional(),
});

const lie = z
  .strictObject({
    kind: z.literal('lie'),
    at: addressSchema,
    /** Which operations of SQLite succeed and do nothing. */
    ops: z
      .array(z.enum(lies, { error: `what can be lied about: ${lies.join(', ')}` }))
      .min(1, { error: '`ops` names at least one operation' })
      .max(lies.length, { error: '`ops` names each operation once at most' }),
    /** To whom. Default: everybody. */
    process: processNameSchema.optional(),
    /** About which files. Default: all. */
    role: z.enum(roles).optional(),
    /** Of `lock` and `shmLock`: about which locks. Default: all. */
    locks: z
      .array(z.enum(lockNames, { error: `a lock: ${lockNames.join(', ')}` }))
      .min(1, { error: '`locks` names at least one lock' })
      .max(lockNames.length, { error: '`locks` names each lock once at most' })
      .optional(),
    /** The truth from there on. Default: never. */
    until: addressSchema.optional(),
  })
  .refine(({ ops, locks }) => locks === undefined || ops.every((name) => name === 'lock' || name === 'shmLock'), {
    error: '`locks` goes with "ops": ["lock"], ["shmLock"] or both',
  });

const diskFull = z.strictObject({
  kind: z.literal('disk-full'),
  at: addressSchema,
  /** Space is free again from there on. Default: never. */
  until: addressSchema.optional(),
});

const corrupt = z
  .strictObject({
    kind: z.literal('corrupt'),
    at: addressSchema,
    /**
     * page-scramble: a b-tree page other than page 1 is overwritten · rowid-out-of-order: two rows of a table leaf change
     * places · index-entry-dropped: a row loses its entry in an index · foreign-bytes: a TLS record of 24 bytes over the
     * header, from byte 5 on (hermes-agent #29507)
     */
    how: z.enum(corruptWays, { error: `\`how\` is one of ${corruptWays.join(', ')}` }),
    /** Name of the table or index whose page it is. Default: any. */
    owner: textSchema(200, 'a name of a table or an index').optional(),
    /** Which of the pages that fit, by page number: 1 is the first. Default: one drawn from the plan's seed. */
    nth: nthSchema.optional(),
    /** Which database, below the world's directory. Default: the scenario's. */
    database: fileSchema.optional(),
  })
  .refine(({ how, owner, nth }) => how !== foreignBytes || (owner === undefined && nth === undefined), {
    error: '`owner` and `nth` choose a page, and "foreign-bytes" always goes to the header',
  });

const fileDamage = z
  .strictObject({
    kind: z.literal('file-damage'),
    at: addressSchema,
    /**
     * flip: one byte is another · truncate: what comes from one byte on is gone · remove: one file is gone · remove-all: all of them are,
     * and the folder with them where it is empty then
     */
    how: z.enum(fileDamages, { error: `\`how\` is one of ${fileDamages.join(', ')}` }),
    /** The folder that they lie in, below the world's directory. The run's database and its sidecars are never meant. */
    folder: fileSchema,
    /** Only files whose names begin so. Default: all. */
    begins: textSchema(200, 'the beginning of a name of a file').optional(),
    /** Which of them: 1 is the last by name, numbers in it taken as numbers. Default: one drawn from the plan's seed. */
    nth: nthSchema.optional(),
    /** Of `flip` and `truncate`: which byte, 0 is the first. Default: one drawn from the plan's seed. */
    byte: counted.optional(),
  })
  .refine(({ how, nth }) => how !== 'remove-all' || nth === undefined, {
    error: '`nth` chooses one file, and "remove-all" takes all',
  })
  .refine(({ how, byte }) => how === 'flip' || how === 'truncate' || byte === undefined, {
    error: '`byte` goes with "flip" and "truncate"',
  });

const oom = z.strictObject({
  kind: z.literal('oom'),
  at: addressSchema,
  /** Name of a process, or `largest` (no process can be called so). Default: largest. */
  victim: processNameSchema.optional(),
  /** The limit is that of this control group: only its processes are looked at. Default: all of the machine. */
  group: nameSchema.optional(),
  /** `unit`: every process of the victim's control group dies, as with OOMPolicy=kill. Default: process. */
  scope: z.enum(['process', 'unit'], { error: '`scope` is "process" or "unit"' }).optional(),
});

const orphan = z.strictObject({
  kind: z.literal('orphan'),
  at: addressSchema,
  /** Whose program and arguments it gets; that process may be dead by then. */
  process: processNameSchema,
  /** Its name. Default: `<process>.orphan-<n>`, the first that is free. */
  as: processNameSchema.optional(),
});

const leakedConnection = z
  .strictObject({
    kind: z.literal('leaked-connection'),
    at: addressSchema,
    /** Default: the lane in the address, else the lane about to run. */
    lane: nameSchema.optional(),
  })
  .refine((spec) => !('timeMs' in spec.at) || spec.lane !== undefined, { error: namesItsVictim });

const stalledLockHolder = z
  .strictObject({
    kind: z.literal('stalled-lock-holder'),
    at: addressSchema,
    holds: z.enum(['write', 'flock'], {
      error: '`holds` is "write" (SQLite\'s write lock) or "flock" (flock(2) on `file`)',
    }),
    /** The file of the flock, below the world's directory; made when it is not there. */
    file: fileSchema.optional(),
    /** How long it holds the lock, virtual. Until it has it, it tries for a minute. */
    ms: msSchema,
    /** The database of the write lock, below the world's directory. Default: the scenario's. */
    database: fileSchema.optional(),
  })
  .refine(({ holds, file }) => (holds === 'flock') === (file !== undefined), {
    error: '`file` goes with "holds": "flock", and must be there then',
  })
  .refine(({ holds, database }) => holds === 'write' || database === undefined, {
    error: '`database` goes with "holds": "write"',
  });

/** Bounded, and without what SQLite stops at (NUL) or a reader of the trace does not see. */
const sqlSchema = z
  .string({ error: 'a statement in SQL' })
  .min(1)
  .max(5000)
  .refine((sql) => visibleLines(sql) === sql, 'a statement in SQL, without control characters other than line feeds');

const mixedMode = z
  .strictObject({
    kind: z.literal('mixed-mode'),
    at: addressSchema,
    /** The process whose next pragma meets EIO. Default: a further process does it, named `mixed-mode-<n>`. */
    process: processNameSchema.optional(),
    /** What the further process runs. Default: `PRAGMA journal_mode=DELETE`. */
    statements: z.array(sqlSchema).min(1).max(50).optional(),
    /** How long it tries while others hold the database, virtual. Default: 30000. */
    tryMs: msSchema.optional(),
    /** Which database, below the world's directory. Default: the scenario's. */
    database: fileSchema.optional(),
  })
  .refine(
    ({ process, statements, tryMs, database }) =>
      process === undefined || (statements === undefined && tryMs === undefined && database === undefined),
    { error: '`statements`, `tryMs` and `database` are for the further process: not beside `process`' },
  );

const initSwap = z.strictObject({
  kind: z.literal('init-swap'),
  at: addressSchema,
  /**
   * rm: the file only · rm-all: with -wal, -shm, -journal · mv-aside: renamed to `<db>.aside`, the sidecars stay · mv-all:
   * with the sidecars · cp-over: copied to `<db>.copy`, later copied over the live inode · restore: the same, later renamed
   * onto the name: a new inode beside the sidecars · rebuild: VACUUM INTO `<db>.rebuilt`, later renamed onto the name
   */
  way: z.enum(replaceWays, { error: `\`way\` is one of ${replaceWays.join(', ')}` }),
  /** Between taking the copy and putting it in place, virtual. Default: 1000. */
  pauseMs: msSchema.optional(),
  /** Which database, below the world's directory. Default: the scenario's. */
  database: fileSchema.optional(),
  /** Start the scenario's setup program in the end. Default: for rm and mv ways. */
  init: z.boolean().optional(),
});

const gc = z
  .strictObject({
    kind: z.literal('gc'),
    at: addressSchema,
    /** Default: the lane in the address, else the lane about to run. */
    lane: nameSchema.optional(),
  })
  .refine((spec) => !('timeMs' in spec.at) || spec.lane !== undefined, { error: namesItsVictim });

const powerLoss = z
  .strictObject({
    kind: z.literal('power-loss'),
    at: addressSchema,
    /**
     * nothing: all that was written is there · everything: all that was not synced is gone · or ranges of `writes` (truncations too) and
     * of `names` (files made, renamed, removed), counted back from the last, which is 0
     */
    lost: lossShape.lost,
    /** Of this write (counted as `writes` are) only the first so many of the sectors that it touches got there. */
    torn: lossShape.torn,
    /** Writes of which the size got there, and zeros instead of the bytes: under `writeback`. */
    hollow: lossShape.hollow,
    /** The rest of the sectors that this write touches is spoilt: under `no-powersafe-overwrite`. */
    spoilt: lossShape.spoilt,
    /** The file system. Default: powersafe. */
    model: lossShape.model,
    /** Under `lying-sync`, processes whose syncs lie, and files of which they do. Default: all. */
    liars: lossShape.liars,
    /** What is promised of acknowledged commits. Default: what the plan's strategy promises. */
    promise: lossShape.promise,
    /** Until the machine is on again, virtual. Default: 10000. */
    offMs: msSchema.optional(),
  })
  .superRefine((spec, context) => {
    const complaint = lossComplaint(spec);
    if (complaint !== undefined) context.addIssue(complaint);
  });

const serverKill = z.strictObject({
  kind: z.literal('server-kill'),
  at: addressSchema,
  /**
   * In the middle of the statement before which the lane about to run stands: before the nth write or sync (1 is the first) of the server's
   * process that does it. Default: before that statement. It is started again at once then.
   */
  inside: nthSchema.optional(),
  /** Until it is started again, virtual. Default: it is at once. */
  offMs: msSchema.optional(),
});

const serverCheckpoint = z.strictObject({
  kind: z.literal('server-checkpoint'),
  at: addressSchema,
});

const connectionCut = z
  .strictObject({
    kind: z.literal('connection-cut'),
    at: addressSchema,
    /** Default: the lane in the address, else the lane about to run. */
    lane: nameSchema.optional(),
    /** Before the server has got the statement before which the lane stands, or after it has done it: nobody hears of it. */
    when: z.enum(['before', 'after'], { error: '`when` is before or after' }),
  })
  .refine((spec) => !('timeMs' in spec.at) || spec.lane !== undefined, { error: namesItsVictim });

const kindNames: readonly string[] = [
  'kill',
  'pause',
  'lock-cancel',
  'io-error',
  'io-hiccup',
  'lie',
  'disk-full',
  'corrupt',
  'file-damage',
  'oom',
  'orphan',
  'leaked-connection',
  'stalled-lock-holder',
  'mixed-mode',
  'init-swap',
  'gc',
  'power-loss',
  'server-kill',
  'server-checkpoint',
  'connection-cut',
];

/** A fault of a plan, of any kind. */
export const faultSchema = z.discriminatedUnion(
  'kind',
  [
    kill,
    pause,
    lockCancel,
    ioError,
    ioHiccup,
    lie,
    diskFull,
    corrupt,
    fileDamage,
    oom,
    orphan,
    leakedConnection,
    stalledLockHolder,
    mixedMode,
    initSwap,
    gc,
    powerLoss,
    serverKill,
    serverCheckpoint,
    connectionCut,
  ],
  { error: `a fault is {"kind", "at", …}, and its kind one of ${kindNames.join(', ')}` },
);
export type Fault = z.infer<typeof faultSchema>;
export type FaultName = Fault['kind'];
export type FaultOf<Kind extends FaultName> = Extract<Fault, { readonly kind: Kind }>;
