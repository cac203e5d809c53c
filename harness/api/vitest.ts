// `lockstep/vitest`: a scenario as a test. What stays out: exploring (explore.ts).
import { dirname, join, relative } from 'node:path';
import { vi } from 'vitest';
import { writeNew } from '../host/write-whole.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import { runsNeeded } from '../model/verdict.ts';
import { planText } from '../search/plan-file.ts';
import { fileOf } from './define-scenario.ts';
import { explore, type ExploreOptions, type Result } from './explore.ts';

/** @property inconclusive what becomes of a test in which no run failed, and too few were in the window for a pass. Default: `fail` */
export interface ExploredOptions extends ExploreOptions {
  readonly inconclusive?: 'fail' | 'pass';
}

/** Of what Vitest tells a test: in which file it is. */
interface Testing {
  readonly task: { readonly file: { readonly filepath: string } };
}

/** Folder of plans, beside the test. */
const plansFolder = 'lockstep-plans';

/**
 * The body of a test that explores a scenario:
 *
 * ```ts
 * test('no acknowledged write is lost', explored(scenario, { runs: 200 }));
 * ```
 *
 * The test fails where a run violates an invariant: it says how that came about, and writes the plan into `lockstep-plans/` beside the
 * test. From here on tests of the file have no limit of time: the first use of an engine compiles it for minutes.
 */
export function explored(scenario: Scenario, options: ExploredOptions = {}): (testing: Testing) => Promise<void> {
  vi.setConfig({ testTimeout: 0 });
  const { inconclusive = 'fail', ...exploring } = options;
  return async ({ task }) => {
    const result = await explore(scenario, { onProgress: say, ...exploring });
    const test = task.file.filepath;
    if (result.plan !== null)
      throw failure(failedText(result, seeAgain(scenario, test, keep(result, result.plan, test))));
    if (result.verdict === 'inconclusive' && inconclusive === 'fail')
      throw failure(inconclusiveText(scenario, result, options));
  };
}

/** A first use compiles for minutes: nobody shall think that the test hangs. */
function say(line: string): void {
  process.stderr.write(`lockstep: ${line}\n`);
}

/** Without a stack: where it was thrown says nothing. */
function failure(message: string): Error {
  const error = new Error(message);
  error.name = 'Lockstep';
  error.stack = `${error.name}: ${message}`;
  return error;
}

function keep({ scenario, strategy, engine }: Result, plan: Plan, test: string): string {
  const file = writeNew(join(dirname(test), plansFolder, `${scenario}-${strategy}-${engine}.json`), planText(plan));
  return relative(process.cwd(), file);
}

/** How a person sees a plan again: the front door loads the file that declares the scenario, and cannot load a test. */
function seeAgain(scenario: Scenario, test: string, plan: string): string {
  const file = fileOf(scenario);
  const replay = `npx lockstep replay ${plan}`;
  if (file === undefined) return `See it again: ${replay}`;
  if (file !== test) return `See it again: ${replay} --scenarios ${relative(process.cwd(), file)}`;
  const own = `${scenario.name}.scenario.ts`;
  return `To see it again, let the scenario stand in a file of its own, such as ${own}: ${replay} --scenarios ${own}`;
}

function headOf({ scenario, strategy, engine }: Result): string {
  return `${scenario}, strategy ${strategy}, SQLite ${engine}`;
}

function failedText(result: Result, again: string): string {
  const { violations, explanation, failedRun, runs } = result;
  const violated = violations.map(({ invariant, message, step }) => {
    return `  ${invariant}: ${message}${step === null ? '' : ` (step ${step})`}`;
  });
  return [
    `${headOf(result)}: run ${failedRun ?? runs} violates`,
    ...violated,
    ...(explanation.length === 0
      ? []
      : ['', 'How it came about:', ...explanation.map((sentence) => `  - ${sentence}`)]),
    '',
    again,
  ].join('\n');
}

function inconclusiveText({ window }: Scenario, result: Result, { bound = 0.05 }: ExploredOptions): string {
  const { runs, reached, missing } = result;
  return [
    `${headOf(result)}: no run failed, but that is no pass.`,
    `  ${reached} of ${runs} runs did something new and reached \`${window}\`; a pass takes ${runsNeeded(bound)}, ${missing} are missing.`,
    '',
    'Give it more `runs`, or a `window` that its runs reach; or say `inconclusive: "pass"` where silence is enough.',
  ].join('\n');
}
