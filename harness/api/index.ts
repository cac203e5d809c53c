// What `import … from 'lockstep'` gives: all that a file of scenarios needs, and exploring them from code. Nothing else of Lockstep is
// promised to stay as it is. What stays out: the World of programs (`lockstep/world`), tests (`lockstep/vitest`).
export { defineScenario } from './define-scenario.ts';
export type { Drawing, ScenarioInput, StartInput, StrategyInput } from './define-scenario.ts';
export { command, node, python, world } from './programs.ts';
export type { CommandOptions, ProgramMaker } from './programs.ts';
export { invariant } from '../model/invariant.ts';
export type { Invariant, Violation } from '../model/invariant.ts';
export { agree } from './agreement.ts';
export { keepsTicking, readsOneMoment, staysBelow } from './progress.ts';
export { observed, stepped } from './marks.ts';
export type { StepsMeant } from './marks.ts';
export { fault } from './faults.ts';
export { explore } from './explore.ts';
export type { ExploreOptions, Result } from './explore.ts';
export type { Config } from './config.ts';
export { LockstepError } from '../errors/errors.ts';
export type { Fault } from '../model/fault.ts';
export type { History, Observation } from '../model/history.ts';
export type { Parameters, Plan } from '../model/plan.ts';
export type { ProgramRef, StartProcess } from '../model/process.ts';
export type { Queries } from '../model/queries.ts';
export type { Scenario, ScenarioMark } from '../model/scenario.ts';
export type { TraceStep } from '../model/step.ts';
export type { Json } from '../model/values.ts';
export type { Verdict } from '../model/verdict.ts';
