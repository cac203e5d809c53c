// Sentences about what the plan itself did: faults that struck, and preemptions, with the operation that a lane was left
// before. What stays out: what the lanes made of it.
import type { Fault, Address } from '../model/fault.ts';
import type { History, PowerLoss, Strike } from '../model/history.ts';
import { count } from '../model/count.ts';
import type { TraceStep } from '../observe/trace.ts';
import { nextStepOf, stepBefore } from './run-steps.ts';
import type { Telling } from './telling.ts';
import { operationOf } from './words.ts';

/** Faults that are told one by one. */
const toldMax = 4;

/** Faults that never struck are told one by one while they are few. */
export function tellUnstruck(telling: Telling, history: History): void {
  const all = unstruck(history);
  const more = all.length - toldMax;
  const told = more > 0 ? [...all.slice(0, toldMax), `${count(more, 'more fault')} of the plan never struck.`] : all;
  for (const sentence of told) telling.add(sentence, { step: null, kind: 'fault', sentence, lanes: [] });
}

/** Preemptions that are told one by one: more than plans have that were made smaller. Of more, so many of those that matter. */
const preemptionsTold = { all: 16, ofMore: 4 } as const;

export function tellFaults(telling: Telling, steps: readonly TraceStep[], history: History): void {
  const { strikes } = history;
  const kinds = Map.groupBy(strikes, ({ kind }) => kind);
  for (const strike of strikes) {
    const same = kinds.get(strike.kind) ?? [];
    if (strikes.length > toldMax && strike !== same[0]) continue;
    const more = strikes.length > toldMax && same.length > 1 ? ` It struck ${same.length} times in all.` : '';
    telling.add(strike, {
      step: strike.step,
      kind: 'fault',
      sentence: strikeSentence(strike, steps, history) + more,
      lanes: [],
    });
  }
}

/** Faults of the plan that never struck, one sentence each: in what they wait for, the run did not come so far. */
export function unstruck({ plan, strikes }: Pick<History, 'plan' | 'strikes'>): readonly string[] {
  const struck = new Set(strikes.map(({ fault }) => fault));
  return plan.faults.flatMap((fault, index) =>
    struck.has(index)
      ? []
      : [`The fault ${fault.kind}${detailsOf(fault)} never struck${victimOf(fault)}: ${neverCame(fault.at)}.`],
  );
}

function neverCame(at: Address): string {
  if ('step' in at) return `the run was over before step ${at.step}`;
  if ('timeMs' in at) return `the run was over before ${at.timeMs} virtual ms`;
  return `${at.lane} never stood before its ${at.op}${at.role === undefined ? '' : ` (${at.role})`} number ${at.nth}`;
}

function strikeSentence(strike: Strike, steps: readonly TraceStep[], { plan, deaths }: History): string {
  const fault = plan.faults[strike.fault];
  const note = strike.note === undefined ? '' : `: ${strike.note}`;
  if (fault?.kind === 'pause') {
    const lane = fault.lane ?? ('lane' in fault.at ? fault.at.lane : undefined) ?? 'the lane about to run';
    const next = nextStepOf(steps, lane, strike.step);
    const before = operationOf(next);
    const where =
      before === undefined || next === undefined ? '' : ` before its ${before}, which came at step ${next.step}`;
    return `The plan stopped ${lane} for ${fault.ms} virtual ms${where}.`;
  }
  if (strike.powerLoss !== undefined && fault !== undefined)
    return powerSentence(strike, strike.powerLoss, fault, deaths);
  const died = deaths.filter(({ step }) => step > strike.step && step <= strike.step + 2).map(({ process }) => process);
  if (strike.kind === 'kill' && died.length > 0) {
    const where = fault === undefined ? '' : addressOf(fault.at);
    return `The plan killed ${died.join(', ')} (SIGKILL)${where}.`;
  }
  return `The fault ${strike.kind}${fault === undefined ? '' : detailsOf(fault)} struck${fault === undefined ? '' : victimOf(fault) + addressOf(fault.at)}${note}.`;
}

/** The processes that died are told by name while they are few. */
const namedMost = 4;

function powerSentence(strike: Strike, { model }: PowerLoss, fault: Fault, deaths: History['deaths']): string {
  const died: string[] = [];
  // One after the other, each by a step of its own; one that died before has none.
  for (const { process, step } of deaths) if (step === strike.step + died.length + 1) died.push(process);
  const who = died.length <= namedMost ? died.join(', ') : `${died.length} processes`;
  const note = strike.note === undefined ? '' : `; ${strike.note}`;
  const again =
    strike.liftedMs === null || strike.liftedMs <= strike.nowMs
      ? ''
      : `; the machine was on again ${((strike.liftedMs - strike.nowMs) / 1000).toFixed(1)} s later`;
  return `The power went${addressOf(fault.at)}, over a file system ${model}: ${died.length === 0 ? 'nobody lived' : `${who} died`}${note}${again}.`;
}

/** What the plan says of it that is not where, when and whom. */
function detailsOf(fault: Fault): string {
  const told = Object.entries(fault).flatMap(([name, value]) =>
    toldElsewhere.has(name) || typeof value === 'object' ? [] : [`${name} ${String(value)}`],
  );
  return told.length === 0 ? '' : ` (${told.join(', ')})`;
}

const toldElsewhere: ReadonlySet<string> = new Set(['kind', 'at', 'lane', 'process']);

function victimOf(fault: Fault): string {
  if ('process' in fault && fault.process !== undefined) return ` ${fault.process}`;
  return 'lane' in fault && fault.lane !== undefined ? ` ${fault.lane}` : '';
}

function addressOf(at: Address): string {
  if (!('op' in at)) return '';
  return ` as ${at.lane} stood before its ${at.op}${at.role === undefined ? '' : ` (${at.role})`} number ${at.nth}`;
}

/** Preemptions between two steps; all of them where they are few. */
export function tellPreemptions(
  telling: Telling,
  steps: readonly TraceStep[],
  { preemptions }: History,
  matters: readonly { readonly from: number; readonly to: number }[],
): void {
  const chosen =
    preemptions.length <= preemptionsTold.all
      ? preemptions
      : preemptions
          .filter(({ at }) => matters.some(({ from, to }) => at >= from && at <= to))
          .slice(0, preemptionsTold.ofMore);
  for (const preemption of chosen) {
    const { at, to } = preemption;
    const last = stepBefore(steps, at);
    const before = last === undefined || last.lane === to ? undefined : nextStepOf(steps, last.lane, at);
    const operation = operationOf(before);
    telling.add(preemption, {
      step: at,
      kind: 'preempted',
      sentence:
        operation === undefined || last === undefined || before === undefined
          ? `The schedule let ${to} go on.`
          : `The schedule left ${last.lane} before its ${operation}, which came at step ${before.step}, and let ${to} go on.`,
      lanes: last === undefined ? [to] : [to, last.lane],
    });
  }
  const untold = preemptions.length - chosen.length;
  if (untold === 0) return;
  telling.add('untold preemptions', {
    step: null,
    kind: 'preempted',
    sentence: `${count(untold, 'more preemption')} of the plan ${untold === 1 ? 'is' : 'are'} not told here: a plan with so many was hardly made smaller, and most of them do not matter.`,
    lanes: [],
  });
}
