// The scenarios that this process knows: a person's own, once they were loaded, and those that come with Lockstep. What stays
// out: loading a person's own (cli/own/).
import type { Scenario } from '../harness/model/scenario.ts';
import { scenarios as shipped } from './catalogue.ts';

/**
 * A scenario of a person's own.
 *
 * @property module `file:` URL of the module that exports it
 */
export interface OwnScenario {
  readonly scenario: Scenario;
  readonly module: string;
}

const shippedModule = new URL('./catalogue.ts', import.meta.url).href;

let own: readonly OwnScenario[] = [];

/** From now on these are known, in place of those before. */
export function useOwn(scenarios: readonly OwnScenario[]): void {
  own = scenarios;
}

/** A person's own come first. */
export function knownScenarios(): readonly Scenario[] {
  return [...ownScenarios(), ...shipped];
}

export function ownScenarios(): readonly Scenario[] {
  return own.map(({ scenario }) => scenario);
}

/** What is meant where a person names none: the own ones, or if there are none those that come with Lockstep; no families. */
export function usualScenarios(): readonly Scenario[] {
  return (own.length > 0 ? ownScenarios() : shipped).filter(({ family }) => family === undefined);
}

/** The scenarios that a name means: one, or all of a family. */
export function namesOf(name: string): readonly string[] {
  const members = knownScenarios().filter(({ family }) => family === name);
  return members.length === 0 ? [name] : members.map((member) => member.name);
}

/** URL of the module that exports a scenario, for other processes (search/load-scenarios.ts). */
export function scenarioModuleOf(name: string): string {
  return own.find(({ scenario }) => scenario.name === name)?.module ?? shippedModule;
}
