// A section of SQLite's page "How To Corrupt An SQLite Database File" as a scenario: what the page says, as claims; the wrong ways of doing
// it and the right ones, as strategies. What stays out: the sections themselves, one file each beside this one.
import { z } from 'zod';
import { harmNames } from '../../harness/model/invariant.ts';
import { PREBUILT_ENGINE } from '../../harness/engines/catalogue.ts';
import { generalInvariants } from '../../harness/judge/invariants/catalogue.ts';
import type { Claim } from '../../harness/model/claim.ts';
import type { Durability } from '../../harness/model/file-systems.ts';
import type { Fault } from '../../harness/model/fault.ts';
import type { ProgramRef, StartProcess } from '../../harness/model/process.ts';
import type { HistoryMark, Scenario } from '../../harness/model/scenario.ts';
import type { Json } from '../../harness/model/values.ts';

export const family = 'howtocorrupt';
export const page = 'sqlite.org/howtocorrupt.html';

/**
 * A way of doing it.
 *
 * @property wrong the general invariants that some run must violate; without it the way is right, and none violates any
 * @property engines on which that is claimed. Default: the current one
 */
export interface Way {
  readonly name: string;
  readonly says: string;
  readonly wrong?: readonly string[];
  readonly engines?: readonly string[];
  /** The page does not say so: we have seen it. */
  readonly measured?: true;
}

/** Whole numbers that a run draws, by name: the least and the most. */
type Ranges = { readonly [name: string]: readonly [number, number] };

/** @property ways at least a wrong one, the first, and a right one */
interface SectionInput<R extends Ranges> {
  readonly section: string;
  readonly name: string;
  /** The section's own heading. */
  readonly title: string;
  readonly says: string;
  readonly ways: readonly Way[];
  /** The database that is judged. */
  readonly database?: string;
  /** `file:` URL of the module of its programs, and their names. */
  readonly module: string;
  readonly programs: readonly string[];
  readonly journal: (way: string) => 'wal' | 'delete';
  /** Default 512: a transaction changes several pages. */
  readonly pageBytes?: (way: string) => number;
  /** Default: nothing that was acknowledged is lost. */
  readonly durability?: (way: string) => Durability;
  readonly ranges: R;
  readonly start: (way: string, numbers: { readonly [N in keyof R]: number }) => readonly StartProcess[];
  readonly faults?: (random: () => number, way: string) => readonly Fault[];
}

export interface Section {
  readonly section: string;
  readonly title: string;
  readonly ways: readonly Way[];
  readonly scenario: Scenario;
}

/** What a program of a section says when it does what the section is about, while that can do harm. */
export const reached = 'reached';

const window: HistoryMark = {
  name: 'did-it',
  says: 'what the section is about was done, well or badly, while it could do harm',
  count: ({ observations }) => observations.filter(({ kind }) => kind === reached).length,
};

const common = new URL('./common.program.ts', import.meta.url).href;
const most = 10_000;

function claimsOf(where: string, ways: readonly Way[]): readonly Claim[] {
  return ways.flatMap(({ name, says, wrong, engines = [PREBUILT_ENGINE], measured }) =>
    engines.map((engine) => ({
      claim: `${says}: ${wrong === undefined ? 'nothing is lost or broken' : 'data are lost or broken'}`,
      source: { by: measured ? ('measured' as const) : ('documented' as const), where },
      strategy: name,
      engine,
      expects: wrong === undefined ? ('none' as const) : ('violation' as const),
      invariants: wrong ?? harm,
    })),
  );
}

const harm = harmNames(generalInvariants);

/** A uniform whole number. */
export function between(random: () => number, least: number, greatest: number): number {
  return least + Math.floor(random() * (greatest - least + 1));
}

export function section<const R extends Ranges>(input: SectionInput<R>): Section {
  const { section: number, title, ways } = input;
  return { section: number, title, ways, scenario: scenarioOf(input) };
}

function scenarioOf<const R extends Ranges>(input: SectionInput<R>): Scenario {
  const { ways, module, ranges, database = 'app.db', faults, durability } = input;
  const where = `${page}, section ${input.section}`;
  const programs: { [name: string]: ProgramRef } = { setup: { module: common, export: 'setup' } };
  for (const name of input.programs) programs[name] = { module, export: name };
  const shape = Object.keys(ranges).map((name) => [name, z.int().min(0).max(most)] as const);
  return {
    family,
    name: `${input.section}-${input.name}`,
    says: input.says,
    source: where,
    engine: ways[0]?.engines?.[0] ?? PREBUILT_ENGINE,
    database,
    strategies: ways.map(({ name, says }) => ({ name, says })),
    parameters: { gateways: 1, horizonMs: 600_000, stepsMax: 200_000 },
    programs,
    setup: ({ strategy }) => ({
      name: 'setup',
      program: 'setup',
      args: { journal: input.journal(strategy), pageBytes: input.pageBytes?.(strategy) ?? 512 },
    }),
    workload: z.strictObject(Object.fromEntries(shape)),
    generate: (random) =>
      Object.fromEntries(
        Object.entries(ranges).map(([name, [least, greatest]]) => [name, between(random, least, greatest)]),
      ),
    operations: (workload) => Number((workload as { readonly [name: string]: Json })['transactions'] ?? 0),
    ...(faults && { faults: (random: () => number, _parameters: object, way: string) => faults(random, way) }),
    start: ({ workload, strategy }) => input.start(strategy, workload as { [N in keyof R]: number }),
    ...(durability && { durability }),
    queries: { t: [{ table: 't', prefix: '', key: "writer || ':' || n" }] },
    invariants: generalInvariants,
    marks: [window],
    window: window.name,
    symptoms: [],
    claims: claimsOf(where, ways),
  };
}

/** A process of a section: the program of that name, told its way and its numbers. */
export function process(name: string, args: Json, program = name): StartProcess {
  return { name, program, args };
}
