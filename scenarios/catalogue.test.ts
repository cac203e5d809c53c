// The shipped scenarios are what scenarios must be, each and beside each other.
import { expect, test } from 'vitest';
import { checkCatalogue, checkScenario } from '../harness/run/check-scenario.ts';
import { scenarios } from './catalogue.ts';

test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (_name, scenario) => {
  expect(() => checkScenario(scenario)).not.toThrow();
});

test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
  'each claim of %s says which invariants it is about',
  (_name, { claims }) => {
    expect(claims.filter(({ invariants = [] }) => invariants.length === 0)).toEqual([]);
  },
);

test('beside each other', () => {
  expect(() => checkCatalogue(scenarios)).not.toThrow();
});
