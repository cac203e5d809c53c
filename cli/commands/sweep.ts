// lockstep sweep: one plan, and a crash before each of its steps in turn, or an error in place of it.
import { join } from 'node:path';
import { usageError } from '../../harness/errors/errors.ts';
import { Coordinator } from '../../harness/run/coordinator.ts';
import {
  type CrashFinding,
  type CrashSweep,
  crashSweep,
  type Kill,
  type SecondSweep,
} from '../../harness/search/crash-sweep.ts';
import { count } from '../../harness/model/count.ts';
import { percent } from '../../harness/model/percent.ts';
import { checkWritable } from '../../harness/search/plan-file.ts';
import {
  defaultBound,
  exitCodes,
  missingRuns,
  runsNeeded,
  type Verdict,
  verdictOf,
} from '../../harness/model/verdict.ts';
import { complaintsText } from '../../harness/model/reading/complaints.ts';
import { readJson } from '../../harness/model/reading/json-text.ts';
import { faultSchema } from '../../harness/model/fault.ts';
import { windowOf } from '../../harness/model/scenario.ts';
import { type SweepStrike, sweepWord } from '../../harness/model/sweep-strike.ts';
import { findInvariants } from '../../scenarios/find.ts';
import type { Interrupt } from '../interrupt.ts';
import { keepPlan, tellPlan } from '../keep-plan.ts';
import { machineFor } from '../machine.ts';
import type { SweepOptions } from '../declared/sweep.ts';
import type { Output } from '../output.ts';
import { StatusLine } from '../status-line.ts';
import { tellViolations } from '../tell-violations.ts';
import { type Target, targetOf } from '../target.ts';
import { verdictWord } from '../words.ts';

export async function sweep(
  output: Output,
  interrupt: Interrupt,
  name: string,
  options: SweepOptions,
): Promise<number> {
  const target = targetOf(name, options);
  const { scenario, plan } = target;
  const { from, to, process, time: timeMs } = options;
  const strike = strikeOf(options.with);
  const kind = sweepWord(strike);
  if (from !== undefined && to !== undefined && from > to)
    throw usageError('EMPTY_RANGE', `From step ${from} to step ${to} there is none.`, 'Swap --from and --to.');
  const { twice, within, seed } = options;
  if (within !== undefined && twice === undefined)
    throw usageError('WITHIN_ALONE', '--within says where a second kill may be.', 'Give --twice too, or leave it out.');
  const only = options.only === undefined ? undefined : findInvariants(scenario, options.only);
  checkWritable(options.out);
  const machine = await machineFor(plan.engine, output, interrupt, { host: options.host, scenarios: [scenario] });
  const stop = () => interrupt.requested;
  const coordinator = new Coordinator({ machine, limitMs: options.limit * 1000, stop });
  using status = new StatusLine(output, `${scenario.name}: a run without a kill`);
  let swept: CrashSweep;
  try {
    swept = await crashSweep({
      coordinator,
      scenario,
      plan,
      stop,
      kind: strike,
      ...(process === undefined ? {} : { process }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(twice === undefined ? {} : { second: { each: twice, seed, ...(within === undefined ? {} : { within }) } }),
      ...(only === undefined ? {} : { only }),
      ...(timeMs === undefined ? {} : { timeMs }),
      onKill: (tried, places) => status.says(`${scenario.name}: ${tried} of ${places} ${kind}s`),
    });
  } finally {
    coordinator.close();
  }
  const isPart = from !== undefined || to !== undefined;
  const verdict = verdictOfSweep(swept, isPart);
  const findings = swept.findings.map((finding) => ({ finding, file: keep(target, finding, options.out, output) }));
  output.result({
    format: 1,
    plan: target.file,
    scenario: scenario.name,
    strategy: plan.strategy,
    engine: plan.engine,
    process: process ?? null,
    with: kind,
    verdict,
    steps: swept.steps,
    places: swept.places,
    reached: swept.reached,
    tried: swept.tried,
    violating: swept.violating,
    second: swept.second,
    baseline: swept.baseline,
    findings: findings.map(({ finding: { invariant, at, first }, file }) => ({
      invariant,
      message: first.violation.message,
      kills: at.length,
      at,
      plan: file,
      hash: first.hash,
      confirmed: first.confirmed,
    })),
    complete: swept.complete,
    interrupted: interrupt.requested,
    timeUp: swept.timeUp,
  });
  if (!output.json) tell(output, target, { ...swept, isPart, kind }, verdict, findings);
  if (verdict === 'fail') return exitCodes.fail;
  return interrupt.requested ? interrupt.exitCode : exitCodes[verdict];
}

/** What `--with` says. @throws a usage error */
function strikeOf(text: string): SweepStrike {
  if (text === 'kill' || text === 'error') return text;
  const wrong = (says: string) =>
    usageError(
      'NOT_A_STRIKE',
      `--with takes kill, error, or a fault of a plan as JSON without "at", and this is none: ${says}.`,
      'The faults and their fields are in docs/reference.md.',
    );
  const read = readJson(text);
  if (read.problem !== undefined) throw wrong(`it ${read.says}`);
  if (typeof read.json !== 'object' || read.json === null || 'at' in read.json)
    throw wrong('it has an address, or no fields');
  const parsed = faultSchema.safeParse({ ...read.json, at: { step: 0 } });
  if (!parsed.success) throw wrong(complaintsText(parsed.error));
  const { at: _, ...fault } = parsed.data;
  return fault;
}

/** A part of a run is no pass; of second kills that were drawn, so many must have reached the window as runs for any other pass. */
function verdictOfSweep(swept: CrashSweep, isPart: boolean): Verdict {
  const { baseline, findings, second, reached } = swept;
  const complete = swept.complete && !isPart;
  const isDrawn = second !== null && second.tried < second.places;
  return verdictOf({
    failed: baseline.length + findings.length > 0,
    exhausted: { complete: complete && !isDrawn, inWindow: reached },
    drawnInWindow: complete && isDrawn && reached > 0 ? second.reached : 0,
  });
}

function keep({ plan }: Target, { invariant, first }: CrashFinding, folder: string, output: Output): string | null {
  const { scenario, strategy, engine } = plan;
  return keepPlan(join(folder, `${scenario}-${strategy}-${engine}-sweep-${invariant}.json`), first.plan, output);
}

function tell(
  output: Output,
  { scenario, plan }: Target,
  swept: CrashSweep & { readonly isPart: boolean; readonly kind: string },
  verdict: Verdict,
  findings: readonly { readonly finding: CrashFinding; readonly file: string | null }[],
): void {
  const { steps, places, tried, violating, baseline, complete, reached, isPart, timeUp, kind } = swept;
  const early = timeUp ? 'the time was up' : 'interrupted';
  output.say(`${verdictWord(output, verdict)}  ${scenario.name}, strategy ${plan.strategy}, SQLite ${plan.engine}`);
  const after = tried === 0 ? '' : `; after ${violating} of them something was violated`;
  output.say(
    steps === 0
      ? `  ${early} before the run without one was over`
      : `  ${tried} of ${places} ${kind}s tried, in a run of ${steps} steps${complete ? '' : `; ${early}`}${after}`,
  );
  if (steps === 0) return;
  if (swept.second !== null) tellSecond(output, swept.second, windowOf(scenario, plan.strategy));
  if (places === 0) output.say('  there was no place for one: this is no pass');
  else if (reached === 0)
    output.say(`  no run reached the window ${windowOf(scenario, plan.strategy)}: this is no pass`);
  else if (isPart) output.say('  only a part of the run was swept: this is no pass');
  if (baseline.length > 0) output.say(`  without ${kind === 'error' ? 'an error' : `a ${kind}`} it violates`);
  tellViolations(baseline, scenario, output);
  for (const { finding, file } of findings) {
    const { invariant, at, first } = finding;
    output.say(`  ${output.paint('red', invariant)} after ${count(at.length, kind)}`);
    tellViolations([first.violation], scenario, output);
    output.say(`    first: ${killWords(at[0])}`);
    if (!first.confirmed) output.say('    there was no time to confirm it by a replay');
    tellPlan(file, output, '    ');
  }
}

function killWords(kill: Kill | undefined): string {
  if (kill === undefined) return '';
  const { step, process, fails, struck, again } = kill;
  const once =
    struck !== undefined
      ? `${struck.kind} before step ${step} of ${process}`
      : fails === undefined
        ? `${process} killed before step ${step}`
        : `step ${step}, ${fails.op} of ${fails.lane}, fails with ${fails.code}`;
  return again === undefined ? once : `${once}; ${again.process} killed before step ${again.step}`;
}

function tellSecond(
  output: Output,
  { places, tried, violating, reached, upperBound }: SecondSweep,
  window: string,
): void {
  const after = violating === 0 ? 'nothing was violated' : `after ${violating} of them something was violated`;
  const drawn =
    upperBound === null || upperBound === 0
      ? ''
      : `; harm at more than ${percent(upperBound)} of them is ruled out (95 %)`;
  output.say(`  ${tried} of ${places} second kills tried in what followed; ${after}${drawn}`);
  const takes = missingRuns(reached) === 0 ? '' : `; a pass takes ${runsNeeded(defaultBound)}`;
  if (tried < places) output.say(`  ${reached} of them reached the window ${window}${takes}`);
}
