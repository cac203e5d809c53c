// The error of a scenario: what whoever declared it must mend. It is no finding about the system under test, and no
// defect of Lockstep. What stays out: what is checked, and when (run/check-*.ts).
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LockstepError, usageError } from './errors.ts';
import { machineLimit } from './machine-limits.ts';

/** Code of every such error. */
export const scenarioInvalidCode = 'SCENARIO_INVALID';

/**
 * @param scenario its name
 * @param complaint a sentence that goes on from "The scenario x: "
 * @param remedy what to do, as a sentence
 */
export function scenarioError(scenario: string, complaint: string, remedy: string, cause?: unknown): LockstepError {
  return usageError(scenarioInvalidCode, `The scenario ${scenario}: ${complaint}`, remedy, cause);
}

export function isScenarioError(error: unknown): error is LockstepError {
  return error instanceof LockstepError && error.code === scenarioInvalidCode;
}

/** Names as a sentence lists them. */
export function listed(names: Iterable<string>): string {
  return [...names].join(', ') || 'none';
}

/**
 * Calls a function of a scenario. What it throws becomes an error of the scenario that names the function, and says where
 * it threw.
 *
 * @param what such as `its invariant "no-loss"`
 */
export function askScenario<T>(scenario: string, what: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof LockstepError) throw error;
    const limit = machineLimit(error, `The scenario ${scenario}: ${what} could not go on`);
    if (limit !== undefined) throw limit;
    const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const place = error instanceof Error ? placeOf(error) : '';
    throw scenarioError(scenario, `${what} threw ${said}${place}.`, 'Correct the function.', error);
  }
}

/** ` (file:line:column)` of the function that threw, the path as a person would type it; empty where nothing tells. */
export function placeOf({ stack = '' }: Error): string {
  const [, url, at] = /(file:\/\/\S+?|\/\S+?)(:\d+:\d+)\)?$/m.exec(stack) ?? [];
  if (url === undefined || at === undefined) return '';
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  const below = relative(process.cwd(), path);
  return ` (${below.startsWith('..') ? path : below}${at})`;
}
