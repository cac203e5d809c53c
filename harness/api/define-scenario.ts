// From what a person must say about a scenario to what the machine needs to know of it: everything else has a default. What stays out:
// whether it is right (run/check-scenario.ts).
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { PREBUILT_ENGINE } from '../engines/catalogue.ts';
import { didYouMean } from '../errors/did-you-mean.ts';
import { usageError } from '../errors/errors.ts';
import { listed, scenarioError } from '../errors/scenario-error.ts';
import { generalInvariants } from '../judge/invariants/catalogue.ts';
import type { Claim } from '../model/claim.ts';
import type { Durability, ModelName } from '../model/file-systems.ts';
import type { Fault } from '../model/fault.ts';
import type { Invariant } from '../model/invariant.ts';
import type { Parameters, Plan } from '../model/plan.ts';
import { isCommand, type ProgramRef, type StartProcess } from '../model/process.ts';
import type { Queries } from '../model/queries.ts';
import { between } from '../model/random.ts';
import type { Feature, Scenario, ScenarioMark } from '../model/scenario.ts';
import type { Symptom } from '../model/symptom.ts';
import type { Json } from '../model/values.ts';
import { varySqlite } from '../search/vary-sqlite.ts';
import { lanesMet } from '../observe/marks/lanes-met.ts';
import type { ProgramMaker } from './programs.ts';

type Programs = { readonly [name: string]: ProgramRef | ProgramMaker };

/**
 * A candidate fix.
 *
 * @property says what it is, in a line
 * @property programs those that are others under it, by the names that they have in the scenario's `programs`
 * @property env of all commands under it, beside their own
 * @property promises of acknowledged commits, when the power goes: `acknowledged` (none is lost), `order` (the last ones may be: WAL with
 *   synchronous=NORMAL), `nothing` (synchronous=OFF). Default: what the scenario promises
 */
export interface StrategyInput {
  readonly name: string;
  readonly says: string;
  readonly programs?: Programs;
  readonly env?: { readonly [name: string]: string };
  readonly promises?: Durability;
}

/**
 * Processes to start with.
 *
 * @property name default: the program's name; with `times` a number behind it
 * @property args what the program is told; default null
 * @property times how many; default 1
 */
export interface StartInput {
  readonly program: string;
  readonly name?: string;
  readonly args?: Json;
  readonly times?: number;
}

/**
 * What a run is made for: what `generate` and `faults` are told.
 *
 * @property random uniform in [0, 1), a stream of its own
 * @property between an integer from `least` to `most`, both included: each end with a chance of 1/8 in addition to its share of the rest
 */
export interface Drawing {
  readonly random: () => number;
  readonly between: (least: number, most: number) => number;
  readonly parameters: Parameters;
  readonly strategy: string;
}

/**
 * The power has come back.
 *
 * @property nowMs virtual, from the run's start
 * @property boot which boot of the machine it is: 2 after the first loss
 */
export interface PowerBack {
  readonly nowMs: number;
  readonly boot: number;
}

/**
 * What a person says about a scenario.
 *
 * @property name one word; plans and results know the scenario by it
 * @property says what it is about, in a line
 * @property from `import.meta.url`, once: paths of programs are relative to this file
 * @property database name of the database file, below the folder of a run
 * @property setup what the database begins with: statements in SQL, or a program that makes it. Default: nothing is there
 * @property programs by name: {@link ProgramMaker}s
 * @property start the processes of a run, in order, or a function that gives them. Default: one on each program but that of `setup`
 * @property queries by name, asked at the end of a run: rows whose first column is a key. Rows that a program observes as `committed`
 *   under the name of a query must be there then
 * @property ledger columns such as `jobs.id`, each the key of a table that a query is called after (an INTEGER PRIMARY KEY where programs are
 *   functions of `World`): rows of it that were committed must be there then without a word from the program, unless a program took them away
 * @property invariants what must hold beside the general ones
 * @property faults of one run. Default: none
 * @property workload schema (zod) of what `generate` gives. Give it one with `z.enum` or `z.literal`, and each run may do without some kinds of
 *   operations: entries of lists that have the same words there. Default: any JSON, which tells no kinds apart
 * @property generate what one run works on: `start` finds it in `plan.workload`. Default: null
 * @property operations how many a workload asks for; shrinking takes them away one by one. Default: the entries of its lists
 * @property features parts of a workload that a run may do without, beside kinds of operations
 * @property essential kinds of operations that stay, since no run reaches its window without them: `act=write`, for entries whose `act` is
 *   `write`; for a list of words the word
 * @property strategies candidate fixes; the first is the system as it is. Default: one, `as-is`
 * @property promises of acknowledged commits when the power goes, under strategies that do not say otherwise. Default: `acknowledged`
 * @property powerLoss file systems on which the power may go, in the middle of runs and at each moment of recorded ones. Default: it does not
 * @property boot what starts when the power has come back. Default: what `start` gives
 * @property marks moments that runs may reach, beside the general ones
 * @property window the mark that a run must reach to count for a pass. Default: `lanes-met` (a general mark): lanes
 *   met inside their transactions, or between their reads and their writes
 * @property vary settings of SQLite for one run, or `false`: those of the programs only. Default: page size, cache size and autocheckpoint
 *   differ from run to run
 * @property horizonMs virtual milliseconds after which programs are asked to stop. Default: 10 minutes
 * @property stepsMax a run is cut off after so many steps. Default: a million
 * @property engine SQLite version where none is asked for. Default: the newest that comes with Lockstep
 * @property source where the incident was reported
 * @property symptoms, claims what the report saw, and what it says
 */
export interface ScenarioInput {
  readonly name: string;
  readonly says: string;
  readonly from?: string;
  readonly database: string;
  readonly setup?: string | { readonly program: string; readonly args?: Json };
  readonly programs: Programs;
  readonly start?: readonly StartInput[] | ((plan: Plan) => readonly StartProcess[]);
  readonly queries?: Queries;
  readonly ledger?: readonly string[];
  readonly invariants?: readonly Invariant[];
  readonly faults?: (drawing: Drawing) => readonly Fault[];
  readonly workload?: z.ZodType<Json>;
  readonly generate?: (drawing: Drawing) => Json;
  readonly operations?: (workload: Json) => number;
  readonly features?: readonly Feature[];
  readonly essential?: readonly string[];
  readonly strategies?: readonly StrategyInput[];
  readonly promises?: Durability;
  readonly powerLoss?: readonly ModelName[];
  readonly boot?: (plan: Plan, power: PowerBack) => readonly StartProcess[];
  readonly marks?: readonly ScenarioMark[];
  readonly window?: string;
  readonly vary?: false | ((random: () => number, parameters: Parameters) => Parameters);
  readonly horizonMs?: number;
  readonly stepsMax?: number;
  readonly engine?: string;
  readonly source?: string;
  readonly symptoms?: readonly Symptom[];
  readonly claims?: readonly Claim[];
}

/** The program that makes the database of statements; no program of a person's own has a name like this. */
const sqlSetup = 'lockstep.setup';

const setupModule = new URL('./setup.program.ts', import.meta.url).href;

const asIs: StrategyInput = { name: 'as-is', says: 'the programs as they are' };

const minutes = 60_000;

/**
 * Declares a scenario.
 *
 * @returns it, with everything in it that was not said: to be exported, explored, or given to a test
 * @throws a usage error where a path is relative and nobody has said to which file, or a strategy has another program for one that there
 *   is not. What else is wrong is said when it is used
 */
export function defineScenario(input: ScenarioInput): Scenario {
  const {
    name,
    says,
    database,
    queries = {},
    marks = [],
    strategies = [asIs],
    operations,
    features,
    essential,
  } = input;
  const { generate = () => null, faults, vary = varySqlite } = input;
  const setup = setupOf(input);
  const programs = programsOf(input);
  const scenario: Scenario = {
    name,
    says,
    source: input.source ?? 'a scenario of your own',
    own: true,
    engine: input.engine ?? PREBUILT_ENGINE,
    database,
    strategies: strategies.map((one) => ({ name: one.name, says: one.says })),
    parameters: { gateways: 1, horizonMs: input.horizonMs ?? 10 * minutes, stepsMax: input.stepsMax ?? 1_000_000 },
    programs: { ...programs, [sqlSetup]: { module: setupModule, export: 'setup' } },
    setup: (plan) => under(plan, programs, { name: 'setup', ...setup }),
    workload: input.workload ?? z.json(),
    generate: (...told) => generate(drawingOf(...told)),
    ...(faults && { faults: (...told: Told) => faults(drawingOf(...told)) }),
    ...(vary !== false && { vary }),
    ...(input.ledger && { ledger: input.ledger }),
    ...(operations && { operations }),
    ...(features && { features }),
    ...(essential && { essential }),
    durability: (strategy) =>
      strategies.find((one) => one.name === strategy)?.promises ?? input.promises ?? 'acknowledged',
    start: (plan) => startedBy(input, setup.program, plan).map((one) => under(plan, programs, one)),
    ...(input.boot && {
      boot: (plan: Plan, power: PowerBack) =>
        (input.boot?.(plan, power) ?? []).map((one) => under(plan, programs, one)),
    }),
    ...(input.powerLoss && { powerLoss: input.powerLoss }),
    queries,
    invariants: [...generalInvariants, ...(input.invariants ?? [])],
    marks,
    window: input.window ?? lanesMet.name,
    symptoms: input.symptoms ?? [],
    claims: input.claims ?? [],
  };
  if (input.from !== undefined) files.set(scenario, fileURLToPath(input.from));
  return scenario;
}

type Told = readonly [random: () => number, parameters: Parameters, strategy: string];

function drawingOf(...[random, parameters, strategy]: Told): Drawing {
  return { random, between: (least, most) => between(random, least, most), parameters, strategy };
}

const files = new WeakMap<Scenario, string>();

/** The absolute path of the file that declares a scenario; undefined where it does not say. */
export function fileOf(scenario: Scenario): string | undefined {
  return files.get(scenario);
}

function setupOf({ setup = '', database }: ScenarioInput): Omit<StartProcess, 'name'> {
  if (typeof setup !== 'string') return { program: setup.program, args: setup.args ?? null };
  return { program: sqlSetup, args: { database, sql: setup } };
}

/** The name of a program that is another one under a strategy. */
function nameUnder(program: string, strategy: string): string {
  return `${program}.${strategy}`;
}

type Refs = { readonly [name: string]: ProgramRef };

/** The programs, and behind them those that are others under a strategy. */
function programsOf(input: ScenarioInput): Refs {
  const { programs, strategies = [] } = input;
  const usual = placed(input, programs);
  const others = strategies.flatMap((strategy) =>
    Object.entries(othersUnder(input, usual, strategy)).map(
      ([program, ref]) => [nameUnder(program, strategy.name), ref] as const,
    ),
  );
  return { ...usual, ...Object.fromEntries(others) };
}

function othersUnder(input: ScenarioInput, usual: Refs, { name, programs = {}, env }: StrategyInput): Refs {
  const others = placed(input, programs);
  // One that takes nobody's place would be no fix at all, and nobody would notice.
  const strange = Object.keys(others).find((program) => !(program in usual));
  if (strange !== undefined)
    throw scenarioError(
      input.name,
      `its strategy "${name}" has another program for "${strange}", which there is not.${didYouMean(strange, Object.keys(usual))} ` +
        `Its programs: ${listed(Object.keys(usual))}.`,
      'Correct the name, or add the program to `programs`.',
    );
  if (env === undefined) return others;
  const commands = Object.entries({ ...usual, ...others }).flatMap(([program, ref]) =>
    isCommand(ref) ? [[program, { ...ref, env: { ...ref.env, ...env } }] as const] : [],
  );
  return { ...others, ...Object.fromEntries(commands) };
}

function placed({ name, from }: ScenarioInput, programs: Programs): Refs {
  const refs = Object.entries(programs).map(([program, ref]): [string, ProgramRef] => {
    if (typeof ref !== 'function') return [program, ref];
    if (from !== undefined) return [program, ref(from)];
    throw usageError(
      'SCENARIO_FROM',
      `The scenario ${name} does not say to which file the paths of its programs are relative.`,
      'Write `from: import.meta.url` beside `programs`.',
    );
  });
  return Object.fromEntries(refs);
}

/** A process with the program that the plan's strategy has for it. */
function under({ strategy }: Plan, programs: Refs, process: StartProcess): StartProcess {
  const other = nameUnder(process.program, strategy);
  return other in programs ? { ...process, program: other } : process;
}

function startedBy({ start, programs }: ScenarioInput, setup: string, plan: Plan): readonly StartProcess[] {
  if (typeof start === 'function') return start(plan);
  const usual = Object.keys(programs).filter((program) => program !== setup);
  return (start ?? usual.map((program) => ({ program }))).flatMap(processesOf);
}

function processesOf({ program, name = program, args = null, times }: StartInput): readonly StartProcess[] {
  if (times === undefined) return [{ name, program, args }];
  return Array.from({ length: times }, (_, i) => ({ name: `${name}-${i + 1}`, program, args }));
}
