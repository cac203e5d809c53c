// Finds scenarios and strategies by name, or says which there are. What stays out: what they are.
import { didYouMean } from '../harness/errors/did-you-mean.ts';
import { usageError } from '../harness/errors/errors.ts';
import { checkCatalogue, checkScenario } from '../harness/run/check-scenario.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { scenarios as shipped } from './catalogue.ts';
import { isKanban } from './kanban/is-kanban.ts';
import { knownScenarios, ownScenarios } from './known.ts';
import { strategies } from '../src/strategies/catalogue.ts';
import { choiceIn, noSuchStrategy, parseStrategy, StrategyError } from '../src/strategies/parse.ts';

/**
 * @throws an error of a scenario when two of those that there are cannot be told apart. A person's own may call a strategy or
 *   an invariant as they like, whatever those that come with Lockstep are called
 */
function checkKnown(): void {
  checkCatalogue(shipped);
  checkCatalogue(ownScenarios());
}

/**
 * @throws a usage error when there is none of this name, when it is not what a scenario must be, or when two of those that
 *   there are cannot be told apart
 */
export function findScenario(name: string): Scenario {
  checkKnown();
  const found = knownScenarios().find((scenario) => scenario.name === name);
  if (found !== undefined) {
    checkScenario(found);
    return found;
  }
  const names = knownScenarios().map((scenario) => scenario.name);
  throw usageError(
    'UNKNOWN_SCENARIO',
    `There is no scenario "${name}".${didYouMean(name, names)}`,
    `Scenarios: ${names.join(', ')}. \`npx lockstep list\` says what they are; one of your own is found by --scenarios FILE, or by lockstep.config.ts.`,
  );
}

/**
 * Checks a strategy's name against what the scenario can run: one of its own, or where they are those of the kanban system
 * several joined by `+`, choices of one axis (`guard=none`) among them.
 *
 * @returns the name; the scenario's first by default
 */
export function findStrategy(scenario: Scenario, name: string | undefined): string {
  const names = scenario.strategies.map((strategy) => strategy.name);
  const wanted = name ?? names[0] ?? '';
  if (names.includes(wanted)) return wanted;
  const kanban = isKanban(scenario);
  if (kanban && /[+=]/.test(wanted)) {
    checkStrategy(wanted);
    if (wanted.split('+').every((part) => names.includes(part) || choiceIn(part) !== undefined)) return wanted;
  }
  throw usageError(
    'UNKNOWN_STRATEGY',
    `The scenario ${scenario.name} has no strategy "${wanted}".${didYouMean(wanted, names)}`,
    `Its strategies: ${names.join(', ')}${kanban ? ', and combinations of them with "+"' : ''}.`,
  );
}

/**
 * The invariants that a person names.
 *
 * @param list names with commas between; `harm` stands for all that are not about a mere hazard
 */
export function findInvariants(scenario: Scenario, list: string): readonly string[] {
  return list.split(',').flatMap((name) => {
    const found = scenario.invariants.filter((one) => one.name === name || (name === 'harm' && one.about === 'harm'));
    if (found.length > 0) return found.map((one) => one.name);
    const names = scenario.invariants.map((one) => one.name);
    throw usageError(
      'UNKNOWN_INVARIANT',
      `The scenario ${scenario.name} has no invariant "${name}".${didYouMean(name, [...names, 'harm'])}`,
      `Its invariants: ${names.join(', ')}; harm for those about harm.`,
    );
  });
}

/** The first part of a combination that is none of these. */
function unknownIn(name: string, known: readonly string[]): string {
  return name.split('+').find((part) => !known.includes(part)) ?? name;
}

/**
 * Refuses, with a sentence, what is no strategy of the kanban system: an unknown name, one of another system, or parts that
 * contradict each other.
 */
export function checkStrategy(name: string): void {
  checkKnown();
  try {
    parseStrategy(name);
  } catch (error) {
    if (!(error instanceof StrategyError)) throw error;
    const owner = knownScenarios().find((scenario) => scenario.strategies.some((strategy) => strategy.name === name));
    if (owner !== undefined) {
      throw usageError(
        'NO_COSTS',
        `The strategy ${name} is one of ${owner.name}, and costs are measured for those of the kanban system.`,
        '`npx lockstep list` says which these are.',
        error,
      );
    }
    const known = strategies.map((strategy) => strategy.name);
    const meant = error.code === noSuchStrategy ? didYouMean(unknownIn(name, known), known) : '';
    throw usageError(error.code, `${error.message}${meant}`, error.remedy, error);
  }
}
