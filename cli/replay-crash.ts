// lockstep replay of a plan in which the power goes: the run, what is left of its disk, and what a fresh process finds there.
import { dirname } from 'node:path';
import { Openers } from '../harness/crash/openers.ts';
import { promisedBy } from '../harness/disk/promised.ts';
import { type ReplayedCrash, replayCrash } from '../harness/crash/replay-crash.ts';
import { usageError } from '../harness/errors/errors.ts';
import { RunInterrupted } from '../harness/errors/interrupted.ts';
import { writeWhole } from '../harness/host/write-whole.ts';
import type { Crash } from '../harness/model/crash.ts';
import { durabilitySays } from '../harness/model/file-systems.ts';
import type { Plan } from '../harness/model/plan.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { exitCodes, verdictOf } from '../harness/model/verdict.ts';
import { Coordinator } from '../harness/run/coordinator.ts';
import { checkWritable } from '../harness/search/plan-file.ts';
import { replayRemedy } from '../harness/search/replay-differs.ts';
import { count } from '../reports/words.ts';
import type { ReplayOptions } from './declared/replay.ts';
import type { Interrupt } from './interrupt.ts';
import { machineFor } from './machine.ts';
import type { Output } from './output.ts';
import { StatusLine } from './status-line.ts';
import { tellViolations } from './tell-violations.ts';
import { verdictWord } from './words.ts';

interface Task {
  readonly path: string;
  readonly scenario: Scenario;
  readonly plan: Plan & { readonly crash: Crash };
  readonly options: ReplayOptions;
}

export async function replayPowerLoss(output: Output, interrupt: Interrupt, task: Task): Promise<number> {
  const { scenario, plan, options } = task;
  for (const option of ['trace', 'perfetto'] as const) {
    if (options[option] === undefined) continue;
    throw usageError(
      'NO_TRACE_OF_CRASH',
      `--${option} is for the steps of a run, and in the plan ${task.path} the power goes ("crash").`,
      'Take "crash" out of a copy of the plan: its run up to the power loss is the same.',
    );
  }
  if (options.history !== undefined) checkWritable(dirname(options.history), 'Name another file with --history.');
  const machine = await machineFor(plan.engine, output, interrupt, { host: options.host, scenarios: [scenario] });
  const stop = () => interrupt.requested;
  const coordinator = new Coordinator({ machine, fresh: options.fresh, limitMs: options.limit * 1000, stop });
  const durability = plan.crash.promise ?? promisedBy(scenario, plan.strategy);
  const hashes = new Set<string>();
  let last: ReplayedCrash | undefined;
  let times = 0;
  let openers: Openers | undefined;
  try {
    openers = new Openers({ database: scenario.database, queries: scenario.queries, stop });
    using status = new StatusLine(output, 'the first replay');
    while (times < options.times && !stop()) {
      last = await replayCrash({ coordinator, openers, scenario, plan, stop });
      hashes.add(last.history.hash);
      status.says(`${++times} of ${options.times} replays`);
    }
  } catch (error) {
    if (!(error instanceof RunInterrupted)) throw error;
  } finally {
    openers?.close();
    coordinator.close();
  }
  if (options.history !== undefined && last !== undefined)
    writeWhole(options.history, `${JSON.stringify(last.history, null, 2)}\n`);
  const verdict = verdictOf({ broken: hashes.size > 1, failed: (last?.violations.length ?? 0) > 0 });
  output.result({
    format: 1,
    plan: task.path,
    scenario: plan.scenario,
    strategy: plan.strategy,
    engine: plan.engine,
    model: plan.crash.model,
    promise: durability,
    times,
    interrupted: stop(),
    hashes: [...hashes],
    verdict,
    violations: last?.violations ?? [],
    lostRows: last?.lostRows ?? null,
    says: last?.says ?? [],
    steps: last?.history.steps ?? 0,
    marks: last?.history.marks ?? {},
  });
  if (!output.json) {
    const { scenario: name, strategy, engine, crash } = plan;
    output.say(`${verdictWord(output, verdict)}  ${name}, strategy ${strategy}, SQLite ${engine}, ${crash.model}`);
    output.say(`  promised: ${durabilitySays[durability]}`);
    output.say(
      times === 0
        ? '  interrupted before its first replay was over'
        : `  ${count(times, 'replay')}, ${count(hashes.size, 'hash', 'hashes')}: ${[...hashes].join(', ')}`,
    );
    if (hashes.size > 1) for (const line of ['two replays of one plan differ', replayRemedy]) output.say(`  ${line}`);
    for (const line of last?.says ?? []) output.say(`  ${line}`);
    if (last !== undefined) output.say(`  a fresh process finds ${count(last.lostRows, 'acknowledged row')} gone`);
    tellViolations(last?.violations ?? [], scenario, output, '  ');
  }
  return stop() && verdict !== 'error' ? interrupt.exitCode : exitCodes[verdict];
}
