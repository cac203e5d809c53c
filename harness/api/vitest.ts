// `lockstep/vitest`: a scenario as a test. What stays out: exploring (explore.ts).
import { dirname, join, relative } from 'node:path';
import { vi } from 'vitest';
import { writeNew } from '../host/write-whole.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import { runsNeeded } from '../model/verdict.ts';
import { planText } from '../search/plan-file.ts';
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
    const result = await explore(scenario, exploring);
    if (result.plan !== null) throw failure(failedText(result, keep(result, result.plan, task.file.filepath)));
    if (result.verdict === 'inconclusive' && inconclusive === 'fail')
      throw failure(inconclusiveText(scenario, result, options));
  };
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

function headOf({ scenario, strategy, engine }: Result): string {
  return `${scenario}, strategy ${strategy}, SQLite ${engine}`;
}

function failedText(result: Result, file: string): string {
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
    `See it again: npx lockstep replay ${file}`,
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
