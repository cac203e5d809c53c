// lockstep crash: one run, and what a power loss at each of its moments leaves of the database.
import { join } from 'node:path';
import { type CrashFailure, type CrashSearch, crashSearch } from '../../harness/crash/crash-search.ts';
import { usageError } from '../../harness/errors/errors.ts';
import { promisedBy } from '../../harness/disk/promised.ts';
import { type Durability, durabilitySays, type ModelName } from '../../harness/model/file-systems.ts';
import { exitCodes, upperBound, type Verdict, verdictOf } from '../../harness/model/verdict.ts';
import { Coordinator } from '../../harness/run/coordinator.ts';
import { checkWritable } from '../../harness/search/plan-file.ts';
import { count } from '../../reports/words.ts';
import type { CrashOptions } from '../declared/crash.ts';
import type { Interrupt } from '../interrupt.ts';
import { keepPlan, tellPlan } from '../keep-plan.ts';
import { machineFor } from '../machine.ts';
import type { Output } from '../output.ts';
import { StatusLine } from '../status-line.ts';
import { type Target, targetOf } from '../target.ts';
import { tellViolations } from '../tell-violations.ts';
import { verdictWord } from '../words.ts';

/** Of what the run violates without a power loss. */
const baselineTold = 3;

interface Kept {
  readonly failure: CrashFailure;
  readonly file: string | null;
}

/** What was asked, and what came of it. */
interface Result {
  readonly target: Target;
  readonly model: ModelName;
  readonly promise: Durability;
  readonly found: CrashSearch;
  readonly verdict: Verdict;
  /** Of states that fail, where only a sample was tried: null where all were, or some do. */
  readonly bound: number | null;
  readonly kept: readonly Kept[];
}

export async function crash(
  output: Output,
  interrupt: Interrupt,
  name: string,
  options: CrashOptions,
): Promise<number> {
  const target = targetOf(name, options);
  const { scenario, plan } = target;
  const { model, liars, states: statesMax, recoveries: recoveriesMax, seed, time: timeMs } = options;
  const promise = options.promise ?? promisedBy(scenario, plan.strategy);
  checkWritable(options.out);
  if (liars !== undefined && model !== 'lying-sync')
    throw usageError('NO_LIARS', `With --model ${model} every sync does what it says.`, 'Take --model lying-sync.');
  const machine = await machineFor(plan.engine, output, interrupt, { host: options.host, scenarios: [scenario] });
  const stop = () => interrupt.requested;
  const coordinator = new Coordinator({ machine, limitMs: options.limit * 1000, stop });
  using status = new StatusLine(output, `${scenario.name}: the run`);
  let found: CrashSearch;
  try {
    found = await crashSearch({
      coordinator,
      scenario,
      plan,
      system: { model, ...(liars === undefined ? {} : { liars }) },
      durability: promise,
      statesMax,
      recoveriesMax,
      seed,
      stop,
      ...(timeMs === undefined ? {} : { timeMs }),
      onState: (tried, of) => status.says(`${scenario.name}: ${tried} of ${of} states of the disk`),
    });
  } finally {
    coordinator.close();
  }
  const { verdict, bound } = judged(found);
  const kept = found.failures.map((failure) => ({ failure, file: keep(target, model, failure, options.out, output) }));
  const result = { target, model, promise, found, verdict, bound, kept };
  output.result(documentOf(result));
  if (!output.json) tell(output, result);
  return found.interrupted && verdict !== 'fail' ? interrupt.exitCode : exitCodes[verdict];
}

/** States that were drawn count as runs do: what nobody tried may fail as often as the bound says. */
function judged(found: CrashSearch): { readonly verdict: Verdict; readonly bound: number | null } {
  const { failures, baseline, complete, underWay, states } = found;
  const verdict = verdictOf({
    failed: failures.length + baseline.length > 0,
    exhausted: { complete, inWindow: underWay },
    drawnInWindow: found.interrupted || underWay === 0 ? 0 : states.images,
  });
  return { verdict, bound: verdict === 'pass' && !complete ? upperBound(states.images) : null };
}

function keep({ plan }: Target, model: ModelName, { invariant, first }: CrashFailure, folder: string, output: Output) {
  const { scenario, strategy, engine } = plan;
  const file = join(folder, `${scenario}-${strategy}-${engine}-crash-${model}-${invariant}.json`);
  return keepPlan(file, first.plan, output);
}

function documentOf({ target, model, promise, found, verdict, bound, kept }: Result): object {
  const { scenario, plan, file } = target;
  const { history, failures: _, ...rest } = found;
  return {
    format: 1,
    plan: file,
    scenario: scenario.name,
    strategy: plan.strategy,
    engine: plan.engine,
    model,
    promise,
    verdict,
    upperBound: bound,
    hash: history?.hash ?? null,
    steps: history?.steps ?? 0,
    ...rest,
    findings: kept.map(({ failure: { invariant, states, first }, file: written }) => ({
      invariant,
      message: first.violation.message,
      states,
      says: first.says,
      plan: written,
      hash: first.hash,
    })),
  };
}

function tell(output: Output, { target, model, promise, found, verdict, bound, kept }: Result): void {
  const { scenario, plan } = target;
  const { operations, points, states, recoveries, losing, baseline, underWay } = found;
  const { strategy, engine } = plan;
  output.say(`${verdictWord(output, verdict)}  ${scenario.name}, strategy ${strategy}, SQLite ${engine}, ${model}`);
  output.say(`  promised: ${durabilitySays[promise]}`);
  if (found.history === undefined) {
    output.say(`  ${found.interrupted ? 'interrupted' : 'the time was up'} before the run was over`);
    return;
  }
  const early = found.interrupted ? ', interrupted' : found.timeUp ? ', the time was up' : '';
  output.say(`  ${count(operations, 'operation')} on the disk, the power goes at ${count(points, 'moment')}`);
  const all = states.tried === states.all ? `all ${states.all} states` : `${states.tried} of ${states.all} states`;
  output.say(`  ${all} tried, ${count(states.images, 'disk')} opened${early}; ${states.failing} fail`);
  if (recoveries.openings > 0) {
    const of = `${recoveries.openings} of ${count(recoveries.of, 'disk')} with something to recover`;
    output.say(
      `  the first opening of ${of} cut off in turn: ${count(recoveries.tried, 'state')}; ${recoveries.failing} fail`,
    );
  }
  if (losing.states > 0) {
    const may = promise === 'acknowledged' ? '' : ', as may be';
    output.say(`  acknowledged rows are gone in ${count(losing.states, 'state')}, ${losing.rowsMost} at most${may}`);
  }
  if (found.acknowledged === 0)
    output.say('  no commit was acknowledged in this run: only whether the database is sound was judged');
  if (bound !== null)
    output.say(
      `  a moment is drawn, then a state of it: of such at most ${(bound * 100).toPrecision(2)} % fail (95 %)`,
    );
  if (underWay === 0 && states.tried > 0) output.say('  nothing was under way at any of them: this is no pass');
  if (baseline.length > 0) output.say(`  without a power loss it violates ${baseline.length} times what must hold:`);
  tellViolations(baseline.slice(0, baselineTold), scenario, output);
  for (const { failure, file } of kept) {
    output.say(
      `  ${output.paint('red', failure.invariant)} in ${count(failure.states, 'state')}; where the least is lost:`,
    );
    for (const line of failure.first.says) output.say(`    ${line}`);
    tellViolations([failure.first.violation], scenario, output);
    if (failure.first.hash === null) output.say('    there was no time to confirm it by a replay');
    tellPlan(file, output, '    ');
  }
}
