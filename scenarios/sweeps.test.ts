// Small incidents in which a board is taken away, put back older, damaged or begun anew under `durable` (sweeps/*.json): it comes back,
// whoever is killed before whatever step, whichever step fails, and where who brings it back is killed too. Anybody can do the same:
// `npx lockstep sweep scenarios/sweeps/gone.json --with error --only harm --to 1141`. Strikes end a while after the board is back; what comes
// then are the hours of any board, until the strategy's time is over and each row is asked for. What stays out: many processes and long runs (durable.test.ts).
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { violationsOf } from '../harness/judge/judge-history.ts';
import type { SweepStrike } from '../harness/model/sweep-strike.ts';
import type { History } from '../harness/model/history.ts';
import type { Plan } from '../harness/model/plan.ts';
import type { Coordinator } from '../harness/run/coordinator.ts';
import { crashSweep } from '../harness/search/crash-sweep.ts';
import { checkWorkload } from '../harness/search/plan-check.ts';
import { readPlan } from '../harness/search/plan-file.ts';
import { coordinatorOf } from '../harness/testing/lab.test-support.ts';
import { long } from '../harness/testing/long.test-support.ts';
import { isTimeOver } from '../src/oracle/promise.ts';
import { wordsOf } from '../src/oracle/said.ts';
import { forgetMutants, registerMutants } from '../src/testing/mutants/register.test-support.ts';
import { findScenario } from './find.ts';
import { underMutants } from './mutants.test-support.ts';

const folder = fileURLToPath(new URL('./sweeps/', import.meta.url));
const names = readdirSync(folder).map((file) => file.replace(/\.json$/, ''));

function planOf(name: string): Plan {
  return readPlan(join(folder, `${name}.json`));
}

function harmOf({ scenario }: Plan): readonly string[] {
  return findScenario(scenario).invariants.flatMap(({ name, about }) => (about === 'harm' ? [name] : []));
}

/** What the recovery says of each: why a board was brought back, or that a person wanted a new one. */
const comesBack: { readonly [name: string]: readonly string[] } = {
  'copied-over': ['another'],
  'damaged-foreign-bytes': ['damaged'],
  'damaged-index-entry-dropped': ['audit'],
  'damaged-page-scramble': ['audit'],
  'damaged-rowid-out-of-order': ['audit'],
  gone: ['missing'],
  'gone-twice': ['missing'],
  'made-new': ['deliberate'],
  'moved-aside': ['missing'],
  rebuilt: ['another'],
  restored: ['another'],
  vanished: ['missing'],
};

/** Strikes go on for so many steps after the board was taken away or came back for the last time. */
const afterwards = 500;

/** The last step that is struck. */
function endOfPath(history: History): number {
  const told = wordsOf(history.observations, 'board-recovered', 'board-created');
  const taken = wordsOf(history.observations, 'operator').filter(({ data }) => data.act !== 'read');
  return Math.max(...[...told, ...taken].map(({ step }) => step)) + afterwards;
}

/** Steps that are struck on one of the days on which a hundredth of the long tests runs; else all are. */
const aDay = 30;

function struckOf(history: History): { readonly from: number; readonly to: number } {
  const [end, turn] = [endOfPath(history), inject('longTurn')];
  if (typeof turn !== 'number') return { from: 0, to: end };
  const turnsBefore = Math.floor(Date.now() / 8_640_000_000); // each test has its turn once in a hundred days
  const from = (turnsBefore * aDay) % end;
  return { from, to: Math.min(end, from + aDay - 1) };
}

/** Least number of places that are struck: not every step of a window is one. */
function leastPlaces(): number {
  return typeof inject('longTurn') === 'number' ? 4 : 400;
}

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf({ engine: '3.54.1' });
});
afterAll(() => coordinator.close());

test('every plan has its line', () => {
  expect(names.toSorted()).toEqual(Object.keys(comesBack).toSorted());
});

describe.each(names)('%s', (name) => {
  const plan = planOf(name);
  const scenario = findScenario(plan.scenario);

  test('comes back, without a strike', async () => {
    checkWorkload(scenario, plan, name);
    const history = await coordinator.run(scenario, plan);
    const harm = new Set(harmOf(plan));
    expect(violationsOf(scenario, history).filter(({ invariant }) => harm.has(invariant))).toEqual([]);
    const back = wordsOf(history.observations, 'board-recovered').map(({ data }) => data.why);
    const made = wordsOf(history.observations, 'board-created').filter(({ data }) => data.deliberate === true);
    // Or nobody would be asked for a single row, and no kill could do harm.
    expect(isTimeOver(history)).toBe(true);
    expect([...new Set([...back, ...made.map(() => 'deliberate')])]).toEqual(comesBack[name]);
  });

  test.each(['kill', 'error'] as const)(
    'comes back, with one %s before each step of it',
    { ...long, timeout: 1_200_000 },
    async (kind) => {
      const struck = struckOf(await coordinator.run(scenario, plan));
      const swept = await crashSweep({ coordinator, scenario, plan, kind, ...struck, only: harmOf(plan) });
      expect(swept.findings).toEqual([]);
      expect(swept).toMatchObject({ baseline: [], complete: true, tried: swept.places });
      expect(swept.places).toBeGreaterThan(leastPlaces());
    },
  );

  test('comes back, with a kill in it and one more in what follows', { ...long, timeout: 1_200_000 }, async () => {
    const second = { each: 1, within: 200, seed: 1 };
    const struck = struckOf(await coordinator.run(scenario, plan));
    const swept = await crashSweep({ coordinator, scenario, plan, second, ...struck, only: harmOf(plan) });
    expect(swept.findings).toEqual([]);
    expect(swept.second?.violating).toBe(0);
    expect(swept.places).toBeGreaterThan(leastPlaces());
    // A day's stretch may have none; and of a table that has vanished few places follow in all.
    if (typeof inject('longTurn') === 'number') return;
    expect(swept.second?.tried).toBeGreaterThan(name === 'vanished' ? 20 : 400);
  });
});

describe('a sweep catches', () => {
  beforeAll(() => registerMutants());
  afterAll(() => forgetMutants());

  test.each<readonly [string, SweepStrike, string]>([
    ['recovery!not-taken-back', 'error', 'no-silent-loss'],
    ['recovery!not-written', 'kill', 'no-silent-loss'],
  ])('%s, by %ss', { ...long, timeout: 1_200_000 }, async (mutant, kind, by) => {
    const scenario = underMutants(findScenario('init-inode-swap'));
    const plan = { ...planOf('gone'), strategy: `delete+safe-read+${mutant}` };
    const { findings, baseline } = await crashSweep({ coordinator, scenario, plan, kind, only: harmOf(plan) });
    expect([...findings, ...baseline].map(({ invariant }) => invariant)).toContain(by);
    const whole = { ...plan, strategy: 'delete+safe-read+recovery' };
    expect(await crashSweep({ coordinator, scenario, plan: whole, kind, only: [by] })).toMatchObject({
      findings: [],
      baseline: [],
    });
  });
});
