// Can the processes be started that a scenario asks for under one plan? What stays out: what they do.
import { faultPrograms } from './faults/programs/catalogue.ts';
import { isProcessName } from '../model/names.ts';
import type { StartProcess } from '../model/process.ts';
import { askScenario, listed, scenarioError } from '../errors/scenario-error.ts';
import { programComplaint } from './check-program.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';

/** @property setup makes the files that a run begins with */
export interface ScenarioProcesses {
  readonly setup: StartProcess;
  readonly start: readonly StartProcess[];
}

/** Asks the scenario for the processes of a plan. Throws an error of the scenario when one of them cannot be started. */
export function processesOf(scenario: Scenario, plan: Plan): ScenarioProcesses {
  const setup = askScenario(scenario.name, '`setup`', () => scenario.setup(plan));
  const start: unknown = askScenario(scenario.name, '`start`', () => scenario.start(plan));
  checkProcess(scenario, 'setup', setup);
  return { setup, start: checkedList(scenario, 'start', start) };
}

/** What the machine starts when its power has come back. @throws as {@link processesOf} */
export function bootedBy(
  scenario: Scenario,
  plan: Plan,
  power: { readonly nowMs: number; readonly boot: number },
): readonly StartProcess[] {
  if (scenario.boot === undefined) return processesOf(scenario, plan).start;
  const given: unknown = askScenario(scenario.name, '`boot`', () => scenario.boot?.(plan, power));
  return checkedList(scenario, 'boot', given);
}

function checkedList(scenario: Scenario, by: 'start' | 'boot', given: unknown): readonly StartProcess[] {
  if (!Array.isArray(given)) throw cannotStart(scenario, by, 'is no list of processes');
  const names = new Set<string>();
  for (const one of given as readonly StartProcess[]) {
    checkProcess(scenario, by, one);
    if (names.has(one.name)) throw cannotStart(scenario, by, `has two processes called "${one.name}"`);
    names.add(one.name);
  }
  return given as readonly StartProcess[];
}

function checkProcess(scenario: Scenario, by: 'setup' | 'start' | 'boot', given: unknown): void {
  const { name, program, args } = (given ?? {}) as Partial<StartProcess>;
  if (typeof name !== 'string' || !isProcessName(name)) {
    const says = `has a process called ${JSON.stringify(name)}: names are one word of letters, digits, dot, dash, underscore`;
    throw cannotStart(scenario, by, says);
  }
  const complaint = complaintAbout(scenario, program);
  if (complaint !== undefined) throw cannotStart(scenario, by, `has a process "${name}" on ${complaint}`);
  const json = askScenario(scenario.name, `the args of "${name}", which \`${by}\` gives,`, () => JSON.stringify(args));
  if (json === undefined) throw cannotStart(scenario, by, `gives "${name}" args that are no JSON; \`null\` says none`);
}

function complaintAbout({ programs }: Scenario, program: unknown): string | undefined {
  if (typeof program !== 'string') return `the program ${JSON.stringify(program)}, which is no name`;
  const ref = faultPrograms[program] ?? programs[program];
  if (ref === undefined)
    return `the program "${program}", which there is not. Its programs: ${listed(Object.keys(programs))}`;
  const why = programComplaint(ref);
  return why === undefined ? undefined : `the program "${program}", and ${why}`;
}

function cannotStart({ name }: Scenario, by: string, says: string): Error {
  return scenarioError(name, `\`${by}\` ${says}.`, `Correct \`${by}\` or \`programs\`.`);
}
