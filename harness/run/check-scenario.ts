// Is a scenario what it must be, and does every name in it mean something? Asked once, when it is used for the first time:
// a misspelt name must not become a pass, a failure or a defect of Lockstep. What stays out: what only a plan shows
// (check-draws.ts, check-processes.ts), what only the database shows (check-queries.ts), what only a run shows
// (judge/judge-history.ts).
import { z } from 'zod';
import { checkEngineName } from '../engines/engine.ts';
import { LockstepError } from '../errors/errors.ts';
import { faultPrograms } from './faults/programs/catalogue.ts';
import { marks as generalMarks } from '../observe/marks/catalogue.ts';
import type { ProgramRef } from '../model/process.ts';
import { fileNameComplaint, isProcessName } from '../model/names.ts';
import { complaintsText } from '../model/reading/complaints.ts';
import { listed, scenarioError } from '../errors/scenario-error.ts';
import { programComplaint } from './check-program.ts';
import { hasPart } from '../model/operation-kinds.ts';
import { operations } from '../model/operations.ts';
import { parametersSchema } from '../model/plan.ts';
import { modelNames } from '../model/file-systems.ts';
import type { Named, Scenario } from '../model/scenario.ts';

/** @property says what is wrong, as a sentence */
interface Complaint {
  readonly field: string;
  readonly says: string;
}

/** So many complaints are said: a person mends them and tries again. */
const complaintsMost = 8;

const remedy =
  'Correct the file that declares the scenario; its type, `Scenario` or `ScenarioInput`, says what each field means.';

const checked = new WeakSet<Scenario>();

/**
 * @throws an error of the scenario (scenario-error.ts) that says all that is wrong with it
 */
export function checkScenario(scenario: Scenario): void {
  if (checked.has(scenario)) return;
  checkShape(scenario);
  refuse(scenario.name, [...complaintsOf(scenario)]);
  checked.add(scenario);
}

/**
 * Checks that scenarios can stand beside each other: no two have one name, and a name that several use (of a strategy, an
 * invariant, a mark) means one thing. Results are kept and shown by these names.
 */
export function checkCatalogue(scenarios: readonly Scenario[]): void {
  for (const scenario of scenarios) checkShape(scenario);
  for (const { name } of repeated(scenarios))
    throw scenarioError(name, 'there are two scenarios of this name.', 'Give one of them another name.');
  const kinds = [
    ['strategy', (one: Scenario) => one.strategies.filter(({ sharesName }) => sharesName !== true)],
    ['invariant', (one: Scenario) => one.invariants],
    ['mark', (one: Scenario) => one.marks ?? []],
  ] as const;
  for (const [kind, namesOf] of kinds) refuseTwoMeanings(scenarios, kind, namesOf);
}

function refuseTwoMeanings(
  scenarios: readonly Scenario[],
  kind: string,
  namesOf: (scenario: Scenario) => readonly Named[],
): void {
  const first = new Map<string, { readonly one: Named; readonly scenario: string }>();
  for (const scenario of scenarios)
    for (const one of namesOf(scenario)) {
      const before = first.get(one.name) ?? { one, scenario: scenario.name };
      first.set(one.name, before);
      if (before.one === one || before.one.says === one.says) continue;
      throw scenarioError(
        scenario.name,
        `its ${kind} "${one.name}" ("${one.says}") has the name of another in ${before.scenario} ("${before.one.says}"), and ` +
          'results are kept by name.',
        `Give one of the two another name${kind === 'strategy' ? ', or say `sharesName: true` where it is the same choice' : ''}.`,
      );
    }
}

function refuse(name: string, complaints: readonly Complaint[]): void {
  if (complaints.length === 0) return;
  const more = complaints.length - complaintsMost;
  const lines = complaints.slice(0, complaintsMost).map(({ field, says }) => `${field}: ${says}`);
  throw scenarioError(name, [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n  '), remedy);
}

function nameOf(scenario: unknown): string {
  const name = typeof scenario === 'object' && scenario !== null && 'name' in scenario ? scenario.name : undefined;
  return typeof name === 'string' && name !== '' ? name : 'without a name';
}

// ---- shape: programs in TypeScript run without a look at their types ----

const text = z.string().min(1);
const callable = z.custom<unknown>((value) => typeof value === 'function', 'must be a function');
const anObject = z.custom<object>((value) => typeof value === 'object' && value !== null, 'must be an object');
const named = z.looseObject({ name: text, says: text });

const claimSchema = z.strictObject({
  claim: text,
  source: z.strictObject({ by: z.enum(['reported', 'measured', 'documented']), where: text }),
  strategy: text,
  engine: text,
  expects: z.enum(['violation', 'none']),
  invariants: z.array(text).min(1).optional(),
});

const queriesSchema = z.record(
  z.string(),
  z.union([text, z.array(z.strictObject({ table: text, prefix: z.string(), key: text })).min(1)]),
);

const scenarioFields = {
  name: text,
  says: text,
  family: text.optional(),
  source: text,
  own: z.literal(true).optional(),
  engine: text,
  database: text,
  strategies: z.array(named.extend({ sharesName: z.literal(true).optional(), sameAs: text.optional() })).min(1),
  parameters: parametersSchema,
  programs: anObject,
  setup: callable,
  workload: z.custom(
    (value) => typeof (value as z.ZodType | undefined)?.safeParse === 'function',
    'must be a zod schema',
  ),
  vary: callable.optional(),
  features: z.array(named.extend({ without: callable })).optional(),
  essential: z.array(text).optional(),
  operations: callable.optional(),
  boot: callable.optional(),
  powerLoss: z.array(z.enum(modelNames)).min(1).optional(),
  durability: callable.optional(),
  firstUse: callable.optional(),
  generate: callable,
  faults: callable.optional(),
  start: callable,
  ledger: z.array(text).optional(),
  server: z.strictObject({ needed: callable, window: text.optional(), queries: queriesSchema }).optional(),
  queries: queriesSchema,
  invariants: z.array(named.extend({ about: z.enum(['harm', 'hazard']), check: callable })),
  marks: z
    .array(
      z.union(
        [
          named.extend({ count: callable }),
          named.extend({ at: z.array(z.enum(operations)).min(1), reached: callable }),
          named.extend({ at: z.array(z.enum(operations)).min(1), watch: callable }),
        ],
        {
          error: 'must have `count`, or `at` (operations of steps) and `reached` or `watch`',
        },
      ),
    )
    .optional(),
  window: text,
  symptoms: z.array(z.looseObject({ reported: text, see: callable })),
  claims: z.array(claimSchema),
};

const scenarioSchema = z.strictObject(scenarioFields, {
  error: (issue) =>
    issue.code === 'unrecognized_keys'
      ? `a scenario has no field ${listed(issue.keys)}; its fields are ${listed(Object.keys(scenarioFields))}`
      : undefined,
});

function checkShape(scenario: unknown): void {
  const { error } = scenarioSchema.safeParse(scenario);
  if (error === undefined) return;
  throw scenarioError(nameOf(scenario), `it is not what a scenario is:\n${complaintsText(error)}`, remedy, error);
}

// ---- names ----

function* complaintsOf(scenario: Scenario): Generator<Complaint> {
  const { strategies, invariants, marks = [], features = [] } = scenario;
  yield* wordComplaint('name', scenario.name);
  if (scenario.family !== undefined) yield* wordComplaint('family', scenario.family);
  yield* namesComplaints('strategies', strategies);
  yield* sameAsComplaints(strategies);
  yield* namesComplaints('invariants', invariants, ['harm']);
  yield* namesComplaints(
    'marks',
    marks,
    generalMarks.map(({ name }) => name),
  );
  yield* namesComplaints('features', features);
  yield* essentialComplaints(scenario);
  const bad = fileNameComplaint(scenario.database);
  if (bad !== undefined) yield { field: 'database', says: `${JSON.stringify(scenario.database)} is no name: ${bad}` };
  yield* engineComplaint('engine', scenario.engine);
  const markNames = [...generalMarks, ...marks].map(({ name }) => name);
  yield* unknown('window', 'mark', scenario.window, markNames);
  if (scenario.server?.window !== undefined) yield* unknown('server.window', 'mark', scenario.server.window, markNames);
  yield* ledgerComplaints(scenario);
  yield* programComplaints(scenario.programs);
  yield* claimComplaints(scenario);
}

/** Names stand in lists with commas, in combinations with `+`, and in names of files. */
function* wordComplaint(field: string, name: string): Generator<Complaint> {
  if (isProcessName(name)) return;
  yield { field, says: `${JSON.stringify(name)} is no name: one word of letters, digits, dot, dash and underscore` };
}

/** @param taken names that mean something else already */
function* namesComplaints(field: string, all: readonly Named[], taken: readonly string[] = []): Generator<Complaint> {
  for (const { name } of all) yield* wordComplaint(field, name);
  for (const { name } of repeated(all)) yield { field, says: `two of them are called "${name}"` };
  for (const { name } of all)
    if (taken.includes(name)) yield { field, says: `"${name}" is taken: it means something in every scenario` };
}

/** One that there is not would not stay. */
function* essentialComplaints({ essential = [], workload }: Scenario): Generator<Complaint> {
  for (const part of essential)
    if (!hasPart(workload, part))
      yield {
        field: 'essential',
        says:
          `"${part}" is what no entry of a list in \`workload\` can have. It takes the path of a property and a word that the schema ` +
          'names there, with z.enum or z.literal (`command.verb=init`)',
      };
}

function* sameAsComplaints(strategies: Scenario['strategies']): Generator<Complaint> {
  const own = strategies.filter(({ sameAs }) => sameAs === undefined).map(({ name }) => name);
  for (const { sameAs } of strategies) if (sameAs !== undefined) yield* unknown('strategies', 'strategy', sameAs, own);
}

/** Those whose name one before them has. */
function repeated<T extends { readonly name: string }>(all: readonly T[]): readonly T[] {
  return all.filter(({ name }, i) => all.findIndex((one) => one.name === name) !== i);
}

function* unknown(field: string, kind: string, name: string, known: readonly string[]): Generator<Complaint> {
  if (!known.includes(name)) yield { field, says: `there is no ${kind} "${name}". Known are ${listed(known)}` };
}

function* engineComplaint(field: string, name: string): Generator<Complaint> {
  try {
    checkEngineName(name);
  } catch (error) {
    if (!(error instanceof LockstepError) || error.code !== 'UNKNOWN_ENGINE') throw error;
    yield { field, says: error.message };
  }
}

function* ledgerComplaints({ ledger = [], queries }: Scenario): Generator<Complaint> {
  for (const [i, column] of ledger.entries()) {
    const [table = '', name = '', ...more] = column.split('.');
    const field = `ledger[${i}]`;
    if (table === '' || name === '' || more.length > 0)
      yield { field, says: `${JSON.stringify(column)} is no column: a table and a column of it, as "jobs.id"` };
    else yield* unknown(field, 'query', table, Object.keys(queries));
  }
}

function* programComplaints(programs: { readonly [name: string]: ProgramRef }): Generator<Complaint> {
  for (const [name, ref] of Object.entries(programs)) {
    const field = `programs.${name}`;
    yield* wordComplaint(field, name);
    if (name in faultPrograms) yield { field, says: 'the name is taken: faults start programs of their own under it' };
    const complaint = programComplaint(ref);
    if (complaint !== undefined) yield { field, says: complaint };
  }
}

function* claimComplaints({ claims, strategies, invariants }: Scenario): Generator<Complaint> {
  const known = strategies.map(({ name }) => name);
  const judged = invariants.map(({ name }) => name);
  for (const [i, claim] of claims.entries()) {
    const field = `claims[${i}]`;
    const parts = known.includes(claim.strategy) ? [] : claim.strategy.split('+');
    for (const part of parts) yield* unknown(`${field}.strategy`, 'strategy', part, known);
    yield* engineComplaint(`${field}.engine`, claim.engine);
    for (const name of claim.invariants ?? []) yield* unknown(`${field}.invariants`, 'invariant', name, judged);
  }
}
