// Each known bug is one: a search finds it, by its signature, and where it is mended a search as long finds nothing.
import { afterAll, describe, expect, test } from 'vitest';
import { machineOf } from '../../harness/testing/lab.test-support.ts';
import { longUnless } from '../../harness/testing/long.test-support.ts';
import { checkScenario } from '../../harness/run/check-scenario.ts';
import { Coordinator } from '../../harness/run/coordinator.ts';
import { search } from '../../harness/search/search.ts';
import { bugs } from './catalogue.ts';
import type { BugSetting } from './scenario-of.ts';

const coordinators = new Map<string, Coordinator>();
afterAll(() => {
  for (const coordinator of coordinators.values()) coordinator.close();
});

async function searched({ scenario, strategy, engine }: BugSetting, only: readonly string[], runs: number) {
  const machine = await machineOf(engine);
  const coordinator = coordinators.get(engine) ?? new Coordinator({ machine });
  coordinators.set(engine, coordinator);
  const { parameters } = scenario;
  const told = { scenario, strategy, engine, machine, coordinator, parameters, scenarioModule: '' };
  return search({ ...told, seed: 1, chooser: 'portfolio', only, runs });
}

test('there are enough of every kind and depth, and no two have one name', () => {
  expect(bugs.length).toBeGreaterThanOrEqual(24);
  expect(new Set(bugs.map(({ bug }) => bug.name)).size).toBe(bugs.length);
  for (const kind of ['engine', 'use', 'mutant', 'planted'])
    expect(bugs.filter(({ bug }) => bug.kind === kind).length, kind).toBeGreaterThanOrEqual(4);
  for (const depth of [1, 2, 3, 4])
    expect(bugs.filter(({ bug }) => bug.depth === depth).length).toBeGreaterThanOrEqual(2);
  for (const { broken } of bugs) expect(() => checkScenario(broken.scenario)).not.toThrow();
});

test.each(bugs)(
  '$bug.name: its first run can be judged, and that of what is mended',
  { timeout: 60_000 },
  async (known) => {
    const { invariants } = known.bug.signature;
    for (const setting of [known.broken, known.sound])
      expect(await searched(setting, invariants, 1)).toMatchObject({ runs: 1, interrupted: false });
  },
);

/** Found in few runs. */
const quick: ReadonlySet<string> = new Set(['journal-in-memory', 'torn-settings', 'told-before-commit']);
const runsMost = 1500;

describe('a search finds', () => {
  for (const { bug, broken, sound } of bugs)
    test(`${bug.name}, and nothing where it is mended`, {
      ...longUnless(quick.has(bug.name)),
      timeout: 900_000,
    }, async () => {
      const { invariants, says } = bug.signature;
      const found = await searched(broken, invariants, runsMost);
      const messages = found.violations.map(({ message }) => message);
      expect(messages).toContainEqual(expect.stringMatching(says));
      const nothing = await searched(sound, invariants, Math.max(30, found.runs));
      expect(nothing.violations).toEqual([]);
    });
});
