// Sentences about the way from what the plan did to the harm: what one lane had from another, a sentence a link. What stays out: which
// links those are (slice.ts), and what other facts tell.
import type { History, Strike } from '../model/history.ts';
import type { Violation } from '../model/invariant.ts';
import { processOf } from '../model/names.ts';
import { lanesOf } from '../judge/signature.ts';
import type { TraceStep } from '../observe/trace.ts';
import type { RunEvents } from './events.ts';
import type { Link, Place } from './links.ts';
import type { LostRows } from './lost-rows.ts';
import { nextStepOf, stepBefore } from './run-steps.ts';
import { type Cause, sliceOf } from './slice.ts';
import type { Telling } from './telling.ts';

/** Preemptions and faults that are followed, and sentences. */
const causesMost = 16;
const toldMost = 4;

/** A preemption or fault, in words. */
interface NamedCause extends Cause {
  readonly named: string;
}

/** The step that did the harm: where it is known, the last that took rows away; else what was refused, or was seen. */
export function harmOf(
  rows: readonly LostRows[],
  violations: readonly Violation[],
  run: RunEvents,
  steps: readonly TraceStep[],
  history: History,
): Place | undefined {
  for (const { place } of rows) {
    if (place.kind === 'skipped')
      return { step: place.event.endStep ?? place.event.step, lane: place.event.checkpoint.lane };
    if (place.kind !== 'kept' && place.kind !== 'unknown') return place.event;
  }
  const [violation] = violations;
  if (violation === undefined) return undefined;
  const until = violation.step ?? Infinity;
  const about = lanesOf(violation, history);
  const concerns = (lane: string): boolean => about.some((one) => one === lane || one === processOf(lane));
  const refused = run.events.findLast(
    ({ kind, lane, step }) => kind === 'refused-write' && concerns(lane) && step <= until,
  );
  const overtaken = run.events.findLast(
    ({ kind, lane, step }) => kind === 'overtaken' && step <= until && (about.length === 0 || concerns(lane)),
  );
  const seen = steps.findLast(({ step, lane, op }) => step <= until && op !== 'fault' && concerns(lane));
  return refused ?? overtaken ?? seen;
}

export function tellSlice(
  telling: Telling,
  harm: Place,
  run: RunEvents,
  steps: readonly TraceStep[],
  history: History,
): void {
  const links = run.links.all();
  let told = 0;
  for (const cause of causesOf(steps, history)) {
    if (cause.step > harm.step) continue;
    const way = sliceOf(links, cause, harm) ?? [];
    if (way.every(({ weak }) => weak)) continue; // that one came after the other, every run has
    for (const [place, link] of way.entries()) {
      if (told >= toldMost || telling.has(link) || (link.about !== undefined && telling.has(link.about))) continue;
      const before = way[place - 1]?.to.step;
      tellLink(telling, link, before === undefined ? cause.named : `step ${before}`);
      told++;
    }
  }
}

function tellLink(telling: Telling, link: Link, origin: string): void {
  const { from, to, says } = link;
  const clause = says(`${from.lane} (step ${from.step})`, `${to.lane} (step ${to.step})`);
  telling.add(link, {
    step: to.step,
    kind: 'led-there',
    sentence: `From ${origin} the way to the harm leads here: ${clause}.`,
    lanes: [from.lane, to.lane],
    also: [from],
  });
}

function causesOf(steps: readonly TraceStep[], { preemptions, strikes, plan }: History): readonly NamedCause[] {
  const switched = preemptions.map(({ at, to }): NamedCause => {
    const left = stepBefore(steps, at)?.lane ?? '';
    const until = nextStepOf(steps, left, at)?.step ?? Infinity;
    const turn = steps.find(({ step, lane }) => step >= at && lane !== to)?.step ?? Infinity;
    const inTurn = ({ step, lane }: Place): boolean => lane === to && step >= at && step < turn;
    const begins = (link: Link): boolean => inTurn(link.from) || isBetween(link, left, at, until);
    return { step: at, named: `the preemption at step ${at}`, begins };
  });
  const struck = strikes.map((strike): NamedCause => {
    const victim = victimOf(strike, plan, steps);
    const begins = ({ from }: Link): boolean => processOf(from.lane) === processOf(victim) && from.step >= strike.step;
    return { step: strike.step, named: `the fault ${strike.kind} at step ${strike.step}`, begins };
  });
  return [...switched, ...struck].slice(0, causesMost);
}

/** Does a lane that was left meet what others did meanwhile, or do these meet what it had left as it was? */
function isBetween({ from, to }: Link, left: string, at: number, until: number): boolean {
  const meanwhile = ({ step, lane }: Place): boolean => lane !== left && step >= at && step < until;
  return (meanwhile(from) && to.lane === left) || (meanwhile(to) && from.lane === left);
}

function victimOf({ fault: place, step }: Strike, { faults }: History['plan'], steps: readonly TraceStep[]): string {
  const fault = faults[place];
  if (fault !== undefined && 'lane' in fault && fault.lane !== undefined) return fault.lane;
  if (fault !== undefined && 'process' in fault && fault.process !== undefined) return fault.process;
  if (fault !== undefined && 'lane' in fault.at) return fault.at.lane;
  return steps.find((one) => one.step >= step && one.op !== 'fault')?.lane ?? '';
}
