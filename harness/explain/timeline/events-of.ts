// The events of a timeline: single moments that somebody who looks at a run looks for. What stays out: what lasts (the
// books beside this file), and how events are drawn.
import type { History, Observation } from '../../model/history.ts';
import type { TimelineEventKind } from '../../model/timeline.ts';
import type { TraceStep } from '../../observe/trace.ts';
import type { Violation } from '../../model/invariant.ts';
import type { KeysOfRows } from '../../judge/invariants/rows-present.ts';
import type { Ending } from '../../model/process.ts';
import { codeIn } from '../errors.ts';
import type { ExplainedFact } from '../fact.ts';
import { stepBefore } from '../run-steps.ts';
import { operationOf } from '../words.ts';
import { count } from '../../model/count.ts';
import { isFailed } from './failed.ts';
import { shortened } from './shortened.ts';

/** A TimelineEvent with a name for a place. */
export interface EventDraft {
  readonly step: number;
  readonly lane: string | null;
  readonly kind: TimelineEventKind;
  readonly text: string;
}

/** Longest text of an event, in characters. */
const textMax = 300;

/** Of one step: causes before what came of them. */
const order: readonly TimelineEventKind[] = [
  'preemption',
  'fault',
  'error',
  'death',
  'commit',
  'link',
  'fact',
  'violation',
];

/** All events of a run, in the order of steps. */
export function eventsOf(
  steps: readonly TraceStep[],
  history: History,
  facts: readonly ExplainedFact[],
  violations: readonly Violation[],
): readonly EventDraft[] {
  return [
    ...preemptions(steps, history),
    ...strikes(history),
    ...boots(steps),
    ...failures(steps),
    ...endings(steps, history),
    ...history.observations.flatMap(said),
    ...facts.flatMap(({ step, sentence, lanes }): readonly EventDraft[] =>
      step === null ? [] : [{ step, lane: lanes[0] ?? null, kind: 'fact', text: sentence }],
    ),
    ...facts.flatMap(({ sentence, also = [] }) =>
      also.map(({ step, lane }): EventDraft => ({ step, lane, kind: 'link', text: sentence })),
    ),
    ...violations.flatMap(({ invariant, message, step }): readonly EventDraft[] =>
      step === null ? [] : [{ step, lane: null, kind: 'violation', text: `${invariant}: ${message}` }],
    ),
  ]
    .map((event) => ({ ...event, text: shortened(event.text, textMax) }))
    .toSorted((a, b) => a.step - b.step || order.indexOf(a.kind) - order.indexOf(b.kind));
}

function preemptions(steps: readonly TraceStep[], history: History): readonly EventDraft[] {
  return history.preemptions.map(({ at, to }) => {
    const left = stepBefore(steps, at)?.lane;
    const instead = left === undefined || left === to ? '' : ` instead of ${left}`;
    return { step: at, lane: to, kind: 'preemption', text: `${to} goes on${instead}` };
  });
}

function strikes({ strikes: struck, plan }: History): readonly EventDraft[] {
  return struck.map(({ fault: place, kind, step, note }) => {
    const fault = plan.faults[place];
    const victim = fault === undefined ? undefined : victimOf(fault);
    const whom = victim === undefined || kind === 'power-loss' ? '' : ` ${victim}`;
    const lane = kind === 'power-loss' ? null : (victim ?? null); // it strikes everybody
    return { step, lane, kind: 'fault', text: `${kind}${whom}${note === undefined ? '' : `: ${note}`}` };
  });
}

/** The power has come back (run/lose-power.ts). */
function boots(steps: readonly TraceStep[]): readonly EventDraft[] {
  return steps.flatMap(({ op, step, text = '' }): readonly EventDraft[] => {
    const [, boot] = (op === 'fault' ? /^\{"kind":"power-loss","boot":(\d+)/.exec(text) : null) ?? [];
    return boot === undefined
      ? []
      : [{ step, lane: null, kind: 'fault', text: `the machine is on again (boot ${boot})` }];
  });
}

/** The lane or process that the plan names, as the victim or as where it waits. */
function victimOf(fault: History['plan']['faults'][number]): string | undefined {
  if ('lane' in fault && fault.lane !== undefined) return fault.lane;
  if ('process' in fault && fault.process !== undefined) return fault.process;
  return 'lane' in fault.at ? fault.at.lane : undefined;
}

function failures(steps: readonly TraceStep[]): readonly EventDraft[] {
  return steps.filter(isFailed).map((step) => {
    const code = typeof step.rc === 'number' && step.injected !== true ? `errno ${step.rc}` : String(step.rc);
    const operation = operationOf(step) ?? [step.op, step.file].filter((part) => part !== undefined).join(' ');
    return { step: step.step, lane: step.lane, kind: 'error', text: `${code} from ${operation}` };
  });
}

/** Processes that died, and threads that threw in a process that went on. */
function endings(steps: readonly TraceStep[], history: History): readonly EventDraft[] {
  const died = new Set(history.deaths.map(({ process }) => process));
  const deaths = history.deaths.map(
    ({ process, ending, step }): EventDraft => ({
      step,
      lane: process,
      kind: 'death',
      text: endingOf(process, ending),
    }),
  );
  const threw = history.endings.flatMap(({ lane, ending }): readonly EventDraft[] => {
    if (ending.how !== 'threw' || died.has(lane)) return [];
    const last = steps.findLast((one) => one.op === 'end' && one.lane === lane);
    return last === undefined ? [] : [{ step: last.step, lane, kind: 'error', text: endingOf(lane, ending) }];
  });
  return [...deaths, ...threw];
}

function endingOf(name: string, ending: Ending): string {
  if (ending.how === 'killed') return `${name} was killed by ${ending.signal}`;
  if (ending.how === 'exited') return `${name} exited with ${ending.code}`;
  return ending.how === 'threw' ? `${name} threw: ${ending.error}` : `${name} returned`;
}

/** What lanes said: commits that they were told of (see judge/invariants/acknowledged-commits.ts), and errors. */
function said({ kind, data, lane, step }: Observation): readonly EventDraft[] {
  if (kind === 'committed') {
    const { table, keys } = (data ?? {}) as Partial<KeysOfRows>;
    const rows = keys === undefined ? '' : ` ${count(keys.length, 'row')} of ${table}`;
    return [{ step, lane, kind: 'commit', text: `committed${rows}` }];
  }
  const code = codeIn(data);
  return code === undefined ? [] : [{ step, lane, kind: 'error', text: `${code} (${kind})` }];
}
