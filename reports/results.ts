// The result document of a comparison, `results.json`: what `compare` writes and `report` reads, merges and shows. Versioned,
// and validated on the way in. What stays out: evidence, which is a file a cell (evidence.ts), and how cells are run (cli/).
import { z } from 'zod';
import { boundedList } from '../harness/model/reading/bounded-list.ts';
import { claimOutcomes } from '../harness/model/judge-claim.ts';
import { exploredSchema } from '../harness/model/explored.ts';
import { durabilities, modelNames } from '../harness/model/file-systems.ts';
import { boundMost } from '../harness/model/verdict.ts';

/** Version of the result format: rises when a field changes its meaning. */
export const resultsFormat = 2;

const count = z.int().min(0);
const probability = z.number().min(0).max(1);
const named = z.strictObject({ name: z.string(), says: z.string() });

/** Far more than any comparison has. */
const most = { cells: 20_000, names: 2000, perCell: 10_000 } as const;

const counts = z
  .custom<object>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'expected an object')
  .refine((value) => Object.keys(value).length <= most.names, `at most ${most.names} counts`)
  .pipe(z.record(z.string(), count));

const strings = (what: string) => boundedList(z.string(), most.perCell, what);

export const verdicts = ['fail', 'pass', 'inconclusive', 'error'] as const;

const violationSchema = z.strictObject({ invariant: z.string(), message: z.string(), step: z.int().nullable() });

/** A sentence of an explanation; `kind` is one of harness/explain/fact.ts. */
const factSchema = z.strictObject({
  step: z.int().nullable(),
  kind: z.string(),
  sentence: z.string(),
  lanes: strings('lanes'),
});

const verdictSchema = z.enum(verdicts);

/**
 * What the runs of a cell say of one invariant.
 *
 * @property run the first random run that violated it, from 1 on; `shipped`: the shipped plan that did; null when none did
 * @property runs random runs until then, or all of them; `reached`: distinct ones in the window
 * @property upperBound on the failure rate of a run in the window; null unless the verdict is `pass`
 * @property plan path of the plan of `run` as it was found, where it is not the plan of the cell
 */
const invariantSchema = z.strictObject({
  name: z.string(),
  verdict: verdictSchema,
  run: z.int().min(1).nullable(),
  shipped: z.string().nullable(),
  runs: count,
  reached: count,
  upperBound: probability.nullable(),
  plan: z.string().nullable(),
});
export type ResultInvariant = z.infer<typeof invariantSchema>;

/** What power losses in recorded runs came to, one a file system (harness/model/power-figures.ts). */
const powerLossSchema = z.strictObject({
  model: z.enum(modelNames),
  promise: z.enum(durabilities),
  runs: count,
  losing: count,
  states: count,
  disks: count,
  losingStates: count,
  rowsMost: count,
  failing: count,
  recovered: count.default(0),
});

/** How many preemptions, faults and operations a plan has, and bytes its workload as JSON. */
const sizeSchema = z.strictObject({ preemptions: count, faults: count, operations: count, bytes: count });

const noticedSchema = z.strictObject({
  words: z.strictObject({ runs: count, first: z.strictObject({ process: z.string(), text: z.string() }) }).nullable(),
  idle: strings('programs'),
});

/**
 * One cell: a scenario under a strategy on an engine.
 *
 * @property runs that were drawn at random and made, replays of shipped plans not counted
 * @property repeats of these, those that did what an earlier one had done: they count for nothing
 * @property replayed shipped plans that were replayed in this cell
 * @property replayable shipped plans of the scenario that fit the comparison: where `replayed` is less, the budget was spent
 * @property failedRun by search: the first random run that failed, counted from 1 on among those of its own seed; null when
 *   none did
 * @property shipped by memory: the shipped plan that failed, or one of `borrowed`; null when none did
 * @property how which of the two `plan`, `violations` and all that is shown are of
 * @property upperBound 95 % upper bound on the failure rate of a random run in the window: at most `about.bound`. Null unless
 *   the verdict is `pass`
 * @property upperBoundAllRuns the same of any random run; beside the other
 * @property marks runs and replays that reached each mark
 * @property explored how the lanes of random runs met, and what more runs would show; null where none were made, and in documents of before it was kept
 * @property window the mark that its runs must reach, where that is not the scenario's: data that are a server's have moments of their own
 * @property reached distinct random runs that reached the window
 * @property reachedByReplay replays of shipped plans that did
 * @property hazards hazards, no harm by themselves, that some run violated
 * @property noticed what random runs showed that is no violation and should be known (harness/model/noticed.ts)
 * @property invariants one verdict an invariant about harm: what the same runs say of each
 * @property plan path of the minimal plan, below the folder of the result document; null when nothing failed
 * @property full path of the plan as it was found, where the minimal one is another
 * @property minimal sizes before and after shrinking
 * @property explanation why it fails, in the order of steps
 * @property symptoms what the report saw, and whether the failing run saw it; `staged`: what of it the plan placed itself, which
 *   is not seen
 * @property evidence path of the evidence file, below the folder of the result document
 * @property borrowed plans that made other strategies fail in the same scenario on the same engine, by their files, and that were
 *   replayed here too: in an ablation. One that failed here is in `shipped`: it is memory as well
 * @property powerLoss what power losses in recorded runs came to, one a file system; none where nobody asked for it
 * @property cut the visit that found the failure was interrupted: `--resume` makes the cell anew
 * @property error why the harness failed: only with the verdict `error`
 */
const cellSchema = z.strictObject({
  scenario: z.string(),
  strategy: z.string(),
  engine: z.string(),
  verdict: verdictSchema,
  runs: count,
  repeats: count,
  replayed: count,
  replayable: count,
  failedRun: z.int().min(1).nullable(),
  steps: count,
  seconds: z.number().min(0),
  upperBound: probability.nullable(),
  upperBoundAllRuns: probability.nullable(),
  marks: counts,
  explored: exploredSchema.nullable().default(null),
  window: z.string().optional(),
  reached: count,
  reachedByReplay: count,
  violations: boundedList(violationSchema, most.perCell, 'violations'),
  hazards: strings('hazards'),
  noticed: noticedSchema.default({ words: null, idle: [] }),
  invariants: boundedList(invariantSchema, most.perCell, 'invariants'),
  how: z.enum(['search', 'shipped']).nullable(),
  shipped: z.string().nullable(),
  plan: z.string().nullable(),
  full: z.string().nullable(),
  hash: z.string().nullable(),
  minimal: z.strictObject({ locallyMinimal: z.boolean(), size: sizeSchema, from: sizeSchema }).nullable(),
  explanation: boundedList(factSchema, most.perCell, 'sentences'),
  symptoms: boundedList(
    z.strictObject({ reported: z.string(), seen: z.boolean(), staged: z.string().nullable(), evidence: z.string() }),
    most.perCell,
    'symptoms',
  ),
  borrowed: strings('plans').default([]),
  powerLoss: boundedList(powerLossSchema, modelNames.length, 'file systems').default([]),
  cut: z.boolean(),
  evidence: z.string().nullable(),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
});
export type ResultCell = z.infer<typeof cellSchema>;

/** Paths of all files of a cell, below the folder of the result document. */
export function filesOf({ plan, full, evidence, invariants }: ResultCell): readonly string[] {
  return [plan, full, evidence, ...invariants.map((one) => one.plan)].filter((file) => file !== null);
}

/** A claim of a scenario, and what the cells of this comparison say of it. */
const claimSchema = z.strictObject({
  scenario: z.string(),
  claim: z.string(),
  /** `reported: …`, `measured: …` or `documented: …` */
  source: z.string(),
  strategy: z.string(),
  engine: z.string(),
  expects: z.enum(['violation', 'none']),
  outcome: z.enum(claimOutcomes),
  /** Runs or replays were made for it; not in documents of before it was kept. */
  tried: z.boolean().default(false),
  evidence: z.string(),
});
export type ResultClaim = z.infer<typeof claimSchema>;

/** A 95 % confidence interval. */
const intervalSchema = z.strictObject({ low: z.number(), high: z.number() });

/**
 * What a strategy costs: commits of `gateways` free-running gateways on one board, on real time. A commit is a board write as
 * the system makes it: connect, the operation with its transactions, close.
 *
 * @property samples commits whose time was taken; 0 where none succeeded: then every figure but `failed` says nothing
 * @property commitsPerSecond of all gateways together
 * @property p50Ms real milliseconds from the start of a commit to its acknowledgement, waits and retries included
 * @property vfsCallsPerCommit counted, in lock step: the same on every machine. Gateways take turns there, so that these are
 *   the calls of a commit that waits for nobody
 * @property syncsPerCommit the same; on tmpfs, where runs are by default, a sync takes next to no time, and on a disk it does
 * @property bytesPerCommit the same; written through SQLite's VFS to all files, the wal-index not included, and to files of the
 *   strategy's own that it keeps open; not what it writes or copies as whole files
 * @property diskBytesPerCommit the same; by which all files together (the board, its sidecars, what the strategy keeps beside them) have
 *   grown once everybody is idle, after 100 commits; a WAL that is kept is in it as it lies there, which does not grow for ever; null in documents of before it was counted
 * @property handles files of the board that all processes together have open once everybody is idle
 * @property cpuMsPerCommit processor time of all processes together, in whole rounds; null in documents of before it was taken, as the next three
 * @property serverCpuMsPerCommit of that, what a PostgreSQL server took; 0 on files
 * @property memoryBytes of all processes together, what they share in parts (Pss): each gateway is a Node, which has most of it
 * @property serverMemoryBytes of that, the server's; 0 on files
 * @property failed commits that did not succeed, and those acknowledged that were not there afterwards, while times were taken
 */
const costSchema = z.strictObject({
  strategy: z.string(),
  engine: z.string(),
  gateways: z.int().min(1),
  samples: count,
  commitsPerSecond: z.number(),
  commitsPerSecondInterval: intervalSchema,
  p50Ms: z.number(),
  p50Interval: intervalSchema,
  p95Ms: z.number(),
  p95Interval: intervalSchema,
  p99Ms: z.number(),
  p99Interval: intervalSchema,
  vfsCallsPerCommit: z.number(),
  syncsPerCommit: z.number(),
  bytesPerCommit: z.number(),
  diskBytesPerCommit: z.number().nullable().default(null),
  handles: z.number(),
  cpuMsPerCommit: z.number().nullable().default(null),
  serverCpuMsPerCommit: z.number().nullable().default(null),
  memoryBytes: z.number().nullable().default(null),
  serverMemoryBytes: z.number().nullable().default(null),
  failed: count,
});
export type ResultCost = z.infer<typeof costSchema>;

/** A value of a policy axis in the place of another; `says`: what the value `to` does. */
const changeSchema = z.strictObject({ axis: z.string(), from: z.string(), to: z.string(), says: z.string() });
export type ResultChange = z.infer<typeof changeSchema>;
const changes = boundedList(changeSchema, most.names, 'changes');

const placeSchema = z.strictObject({
  scenario: z.string(),
  engine: z.string(),
  invariants: strings('invariants'),
  plan: z.string().nullable(),
  explanation: z.string(),
});

/**
 * One strategy of an ablation: the one that is taken apart, without a part of it or with another value in it.
 *
 * @property strategy the cells and costs of this name are its
 * @property part what was taken away, or what was put in
 * @property outcome `fails`: it fails where the whole does not · `gains`: it does not, and passes where the whole fails · `alike`:
 *   nothing failed beside what fails with the whole too, with a bound · `unclear`: nothing failed, and that is too little for a bound
 * @property against where it fails and the whole does not: the invariants, the plan, and a sentence that says why. For a removal:
 *   what the part is needed against
 * @property also where it fails as the whole does
 * @property gains where the whole fails and it passes
 * @property places of the ablation in which it has a cell, and how many there are
 * @property reached distinct random runs in the window, in all its cells; `upperBound`: 95 % bound of the least certain of its
 *   passes; null unless every place has one
 */
const variantSchema = z.strictObject({
  strategy: z.string(),
  kind: z.enum(['removal', 'addition']),
  part: z.string(),
  changes,
  outcome: z.enum(['fails', 'gains', 'alike', 'unclear']),
  against: boundedList(placeSchema, most.perCell, 'places'),
  also: boundedList(placeSchema, most.perCell, 'places'),
  gains: boundedList(placeSchema, most.perCell, 'places'),
  places: z.strictObject({ run: count, of: count }),
  runs: count,
  reached: count,
  upperBound: probability.nullable(),
});
export type ResultVariant = z.infer<typeof variantSchema>;

/** @property skipped variants that contradict themselves, and why: nothing was run of them */
const ablationSchema = z.strictObject({
  strategy: z.string(),
  variants: boundedList(variantSchema, most.names, 'variants'),
  skipped: boundedList(
    variantSchema.pick({ strategy: true, kind: true, part: true, changes: true }).extend({ because: z.string() }),
    most.names,
    'variants',
  ),
});
export type ResultAblation = z.infer<typeof ablationSchema>;

/**
 * What was compared, with what, where.
 *
 * @property code SHA-256 over the sources that decide a result: results of other code are not merged with these
 * @property commit of the repository; null outside one. `changed`: the tree has changes that are no commit
 * @property at when it began, ISO 8601, UTC
 * @property budget `runs`: random runs of each cell at most; `timeMs`: real milliseconds for the whole; null for no bound
 * @property bound that every pass keeps to
 * @property upgraded the format that it was written in, where that was another: its verdicts were decided anew
 * @property short runs were minutes of virtual time with few gateways, where the scenarios have hours (scenarios/small.ts)
 * @property shard place and number of the shards, from 1 on; null when there is one
 * @property interrupted it was stopped before all cells were done: `--resume` goes on
 * @property strategies `changes`: what each changes of the system as reported, where it is one of the kanban system
 */
const aboutSchema = z.strictObject({
  version: z.string(),
  code: z.string(),
  commit: z.string().nullable(),
  changed: z.boolean(),
  at: z.string(),
  seconds: z.number().min(0),
  platform: z.string(),
  processors: z.string(),
  node: z.string(),
  seed: count,
  chooser: z.string(),
  jobs: z.int().min(1),
  budget: z.strictObject({ runs: count.nullable(), timeMs: z.number().nullable() }),
  bound: z.number().gt(0).max(boundMost),
  upgraded: z.int().optional(),
  short: z.boolean(),
  shard: z.strictObject({ index: z.int().min(1), of: z.int().min(1) }).nullable(),
  interrupted: z.boolean(),
  scenarios: boundedList(
    named.extend({ source: z.string(), window: z.string(), engine: z.string() }),
    most.names,
    'scenarios',
  ),
  strategies: boundedList(named.extend({ changes: changes.optional() }), most.names, 'strategies'),
  engines: boundedList(z.string(), most.names, 'engines'),
  invariants: boundedList(named.extend({ about: z.enum(['harm', 'hazard']) }), most.names, 'invariants'),
  marks: boundedList(named, most.names, 'marks'),
});

/**
 * @property ablation what each part of a strategy is needed for; absent where none was taken apart
 * @property baseline what changed since another comparison; absent when none was given
 */
export const resultsSchema = z.strictObject({
  format: z.literal(resultsFormat),
  about: aboutSchema,
  cells: boundedList(cellSchema, most.cells, 'cells'),
  claims: boundedList(claimSchema, most.cells, 'claims'),
  costs: boundedList(costSchema, most.cells, 'costs'),
  ablation: ablationSchema.optional(),
  /** Of all machines or shards that were merged, as they were; `about` is the first, with lists and flags of all. */
  merged: boundedList(aboutSchema, most.names, 'documents').optional(),
  baseline: z
    .strictObject({
      at: z.string(),
      commit: z.string().nullable(),
      changes: boundedList(
        z.strictObject({
          scenario: z.string(),
          strategy: z.string(),
          engine: z.string(),
          before: verdictSchema.nullable(),
          after: verdictSchema.nullable(),
        }),
        most.cells,
        'changes',
      ),
    })
    .optional(),
});
export type Results = z.infer<typeof resultsSchema>;
export type About = z.infer<typeof aboutSchema>;
