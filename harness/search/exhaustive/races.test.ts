// Following races backwards finds all that can come of a program, running each class once; tried on programs that are tables, where all
// orders can be gone through.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Footprint } from '../../observe/footprint.ts';
import { CauseBook } from './causes.ts';
import type { Course, Segment } from './course.ts';
import { RaceSearch } from './races.ts';

/**
 * What a lane does before it can be taken off again.
 *
 * @property unseen it does so, and its footprint does not say it
 * @property keeps what it changes is as it was, as after a sync
 * @property unsaid it alters the thing, and does not say so
 * @property awaits it cannot go on before this lane has taken so many
 */
interface Act {
  readonly does: 'reads' | 'changes';
  readonly thing: string;
  readonly unseen?: boolean;
  readonly keeps?: boolean;
  readonly unsaid?: boolean;
  readonly awaits?: { readonly lane: string; readonly acts: number };
  readonly wakes?: boolean;
}

type Program = { readonly [lane: string]: readonly Act[] };

/** Goes on as told, and then as by default. @property state what each lane has seen, and what is left */
function play(program: Program, told: readonly string[]): { readonly course: Course; readonly state: string } {
  const taken = new Map(Object.keys(program).map((lane) => [lane, 0]));
  const [things, seen] = [new Map<string, string>(), new Map<string, string>()];
  const segments: Segment[] = [];
  const readyNow = (): string[] =>
    Object.entries(program).flatMap(([lane, acts]) => {
      const act = acts[taken.get(lane) ?? 0];
      const awaits = act?.awaits;
      return act === undefined || (awaits && (taken.get(awaits.lane) ?? 0) < awaits.acts) ? [] : [lane];
    });
  for (let ready = readyNow(); ready.length > 0; ready = readyNow()) {
    const last = segments.at(-1)?.lane ?? '';
    const fallback = ready.includes(last) ? last : (ready[0] ?? '');
    const lane = told[segments.length] ?? fallback;
    const at = taken.get(lane) ?? 0;
    const act = program[lane]?.[at];
    if (act === undefined || !ready.includes(lane)) throw new Error(`${lane} cannot go on`);
    const footprint = new Footprint();
    if (act.unseen !== true) footprint[act.does](act.thing);
    const found = things.get(act.thing) ?? '';
    seen.set(lane, `${seen.get(lane) ?? ''} ${found}`);
    const alters = act.does === 'changes' && act.keeps !== true;
    if (alters) things.set(act.thing, `(${found}${lane}${at})`);
    taken.set(lane, at + 1);
    const next = program[lane]?.[at + 1];
    const stands = next === undefined || next.awaits !== undefined;
    const { wakes = false } = act;
    const waits = at === 0 || act.awaits !== undefined;
    const altered = new Set(alters && act.unsaid !== true ? [act.thing] : []);
    const plain = { at: segments.length, lane, fallback, ready, steps: 1, nowMs: 0, waits, wakes, stands };
    segments.push({ ...plain, footprint, altered, holds: new Map() });
  }
  return { course: { segments, blind: false }, state: JSON.stringify([sortedByName(things), sortedByName(seen)]) };
}

function sortedByName(all: ReadonlyMap<string, string>): readonly string[] {
  return [...all].map(([name, what]) => `${name}: ${what}`).toSorted();
}

/** What comes of every order there is. */
function everything(program: Program): { readonly states: ReadonlySet<string>; readonly classes: number } {
  const states = new Set<string>();
  const names = new Set<string>();
  const book = new CauseBook(1000);
  const go = (told: readonly string[]): void => {
    const { course, state } = play(program, told);
    const ready = course.segments[told.length]?.ready;
    if (ready === undefined) {
      states.add(state);
      names.add(book.enter(course));
    } else for (const lane of ready) go([...told, lane]);
  };
  go([]);
  return { states, classes: names.size };
}

async function byRaces(
  program: Program,
  how: 'causes' | 'states' = 'causes',
): Promise<{ readonly states: ReadonlySet<string>; readonly runs: number }> {
  const book = new CauseBook(1000, how);
  const names = new Set<string>();
  const states = new Set<string>();
  let runs = 0;
  await new RaceSearch({
    book,
    isKnown: (name) => names.has(name),
    pause: () => Promise.resolve(),
    run: async (turns) => {
      const { course, state } = play(
        program,
        turns.map(({ lane }) => lane),
      );
      runs++;
      names.add(book.enter(course));
      states.add(state);
    },
  }).go();
  expect(names.size).toBe(runs);
  return { states, runs };
}

const act: fc.Arbitrary<Act> = fc.record({
  keeps: fc.boolean(),
  does: fc.constantFrom('reads' as const, 'changes' as const),
  thing: fc.constantFrom('x', 'y', 'z'),
});
const waiting: fc.Arbitrary<Act> = fc.record({
  does: fc.constantFrom('reads' as const, 'changes' as const),
  thing: fc.constantFrom('x', 'y'),
  awaits: fc.record({ lane: fc.constant('a'), acts: fc.integer({ min: 1, max: 2 }) }),
});
const acts = (one: fc.Arbitrary<Act>) => fc.array(one, { minLength: 1, maxLength: 3 });
/** Lanes that wait do so for lane a, which wakes them by each of its acts. */
const programs: fc.Arbitrary<Program> = fc.record({
  a: fc.tuple(act, act).map((all) => all.map((one) => ({ ...one, wakes: true }))),
  b: acts(fc.oneof({ weight: 3, arbitrary: act }, waiting)),
  c: acts(fc.oneof({ weight: 3, arbitrary: act }, waiting)),
});
const free: fc.Arbitrary<Program> = fc.record({ a: acts(act), b: acts(act), c: acts(act) });

describe.each([
  ['that never wait', free],
  ['some of which wait', programs],
] as const)('lanes %s', (_, any) => {
  test('all that can come of them is found, each class by one run', async () => {
    await fc.assert(
      fc.asyncProperty(any, async (program) => {
        const all = everything(program);
        const found = await byRaces(program);
        expect(found.states).toEqual(all.states);
        expect(found.runs).toBe(all.classes);
        const fewer = await byRaces(program, 'states');
        expect(fewer.states).toEqual(all.states);
        expect(fewer.runs).toBeLessThanOrEqual(found.runs);
      }),
      { numRuns: 60 },
    );
  });
});

test('lanes that touch nothing in common are run once', async () => {
  const one = (thing: string): Act[] => [
    { does: 'changes', thing },
    { does: 'reads', thing },
    { does: 'changes', thing },
  ];
  const program = { a: one('x'), b: one('y'), c: one('z') };
  expect(everything(program).states.size).toBe(1);
  expect(await byRaces(program)).toMatchObject({ runs: 6 });
});

test('a segment that does what its footprint does not say is noticed: not all that can come of it is found', async () => {
  const program = {
    a: [
      { does: 'changes', thing: 'x', unseen: true },
      { does: 'reads', thing: 'y' },
    ],
    b: [
      { does: 'changes', thing: 'x', unseen: true },
      { does: 'reads', thing: 'y' },
    ],
  } as const;
  const { states } = await byRaces(program);
  expect(states.size).toBeLessThan(everything(program).states.size);
});

test('what changes and leaves a thing as it was has many orders and one state', async () => {
  const lane = (keeps: boolean): Act[] => [
    { does: 'changes', thing: 'x', keeps },
    { does: 'reads', thing: 'y' },
    { does: 'reads', thing: 'z' },
  ];
  const program = { a: lane(true), b: lane(true) };
  const [byCauses, byStates] = [await byRaces(program), await byRaces(program, 'states')];
  expect(byStates.states).toEqual(byCauses.states);
  expect(byStates.runs).toBeLessThan(byCauses.runs);
});

test('where it did alter it, states are missed: whoever says that a thing was left as it was must be right', async () => {
  const lane = (unsaid: boolean): Act[] => [
    { does: 'changes', thing: 'x', unsaid },
    { does: 'reads', thing: 'x' },
  ];
  const told = { a: lane(false), b: lane(false) };
  expect((await byRaces(told, 'states')).states).toEqual(everything(told).states);
  const { states } = await byRaces({ a: lane(true), b: lane(true) }, 'states');
  expect(states.size).toBeLessThan(everything(told).states.size);
});
