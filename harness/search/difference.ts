// Where two replays of one plan part: the first step that differs, both sides, and what a program does that causes such. What
// stays out: making the replays (replay-differs.ts).
import type { TraceStep } from '../observe/trace.ts';
import { quoted, visible } from '../model/visible.ts';
import type { KeptStep, StepLog } from './step-log.ts';

/**
 * @property step number of the first step that differs
 * @property common the last one that both have
 * @property one, other undefined where that replay had ended
 * @property own where another lane took the step: the next step of a lane that differs from the same lane's in the other
 *   replay, which is why
 * @property causes what a program does that causes such, as sentences
 */
export interface Difference {
  readonly step: number;
  readonly common: TraceStep | undefined;
  readonly one: TraceStep | undefined;
  readonly other: TraceStep | undefined;
  readonly own: { readonly one: TraceStep | undefined; readonly other: TraceStep | undefined } | undefined;
  readonly causes: readonly string[];
}

/** So far ahead a lane's next step is looked for. */
const aheadMost = 20_000;

/** Undefined when the two are the same, as far as they were kept. */
export function differenceOf(first: StepLog, second: StepLog): Difference | undefined {
  const step = first.firstDifference(second);
  if (step === undefined) return undefined;
  const [common] = step === 0 ? [] : first.from(step - 1);
  const [one] = first.from(step);
  const [other] = second.from(step);
  const own = one?.step.lane === other?.step.lane ? undefined : ownDifference(first, second, step);
  const causes = causesOf(own?.one ?? one, own?.other ?? other);
  const sides = { one: one?.step, other: other?.step };
  return {
    step,
    common: common?.step,
    ...sides,
    own: own === undefined ? undefined : { one: own.one?.step, other: own.other?.step },
    causes,
  };
}

interface Sides {
  readonly one: KeptStep | undefined;
  readonly other: KeptStep | undefined;
}

/**
 * Who goes first is decided by what the lanes stand before, and that comes into the trace when it happens: so of each lane
 * the next steps are compared.
 */
function ownDifference(first: StepLog, second: StepLog, step: number): Sides | undefined {
  const [ones, others] = [nextOfLanes(first, step), nextOfLanes(second, step)];
  for (const [lane, one] of ones) {
    const other = others.get(lane);
    if (!isSame(one, other)) return { one, other };
  }
  return undefined;
}

function nextOfLanes(log: StepLog, step: number): ReadonlyMap<string, KeptStep> {
  const next = new Map<string, KeptStep>();
  let seen = 0;
  for (const kept of log.from(step)) {
    if (!next.has(kept.step.lane)) next.set(kept.step.lane, kept);
    if (++seen === aheadMost) break;
  }
  return next;
}

/** The same step of a lane, whenever it comes. */
function isSame(one: KeptStep, other: KeptStep | undefined): boolean {
  const timeless = (kept: KeptStep) => JSON.stringify({ ...kept, step: { ...kept.step, step: 0, nowMs: 0 } });
  return other !== undefined && timeless(one) === timeless(other);
}

// ---- causes ----

const outside =
  'Programs take time from world.now(), chance from world.random(), and nothing from the process, the environment or the ' +
  'disk but through the World.';

function causesOf(one: KeptStep | undefined, other: KeptStep | undefined): readonly string[] {
  if (one === undefined || other === undefined)
    return [
      'One of them ends there, and the other goes on: whether it goes on hangs on something that is not in the plan.',
      outside,
    ];
  const [a, b] = [one.step, other.step];
  if (a.lane !== b.lane)
    return [
      "Another lane goes first, though every lane stands before the same step: this is no program's doing, but a defect of Lockstep.",
    ];
  if (a.op !== b.op || a.file !== b.file || a.handle !== b.handle || a.opener !== b.opener)
    return [
      `${a.lane} goes another way: it decides by something that is not in the plan, such as the real clock, Math.random(), a ` +
        'process id, the order in which a directory or a hash table lists its entries, or memory that an earlier run has left ' +
        'in a module.',
      outside,
    ];
  const texts = textCauses(a.text, b.text);
  if (texts.length > 0) return [...texts, outside];
  const bytes = bytesCauses(a, one.record, other.record);
  if (bytes.length > 0) return bytes;
  if (a.rc !== b.rc)
    return [
      'The system answered the same call in two ways: the machine is short of something (space, memory, open files), or another ' +
        "process touches the run's files.",
    ];
  if (a.op === 'sleep' || a.op === 'busySleep')
    return [
      `${a.lane} sleeps for another time: it reckons with the real clock, or with chance that is not the plan's.`,
      outside,
    ];
  return [`${a.lane} does the same with other arguments: they hold something that is not in the plan.`, outside];
}

/** The same operation on other bytes. */
function bytesCauses(step: TraceStep, one: readonly number[], other: readonly number[]): readonly string[] {
  const sum = 2; // its place in KeptStep.record
  const touches = ['read', 'write', 'fetch', 'fileRead', 'fileWrite', 'copy', 'fdRead', 'fdWrite'].includes(step.op);
  if (!touches || one[sum] === other[sum]) return [];
  if (/read|fetch/i.test(step.op))
    return [
      `The bytes that ${step.lane} reads differ, and nothing before wrote other ones: the files that the run began with differ ` +
        "(setup's program put a clock, chance, an id or a path into them), or somebody outside the run writes to them.",
      outside,
    ];
  return [
    `The bytes that ${step.lane} writes differ: the data hold the real clock, chance that is not the plan's (Math.random(), ` +
      'crypto.randomUUID()), a process id, or an absolute path.',
    outside,
  ];
}

/** What a text may hold that differs from replay to replay, by how it looks. */
const looks: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/i, 'a random id (crypto.randomUUID())'],
  [/(^|[^\w.])\/(?:[\w.@+-]+\/)+[\w.@+-]*/, 'an absolute path'],
  [/\b20\d\d-\d\d-\d\dT\d\d:\d\d/, 'a date of the real clock'],
  [/\b0\.\d{10,}\b/, 'a random number (Math.random())'],
];

function textCauses(one = '', other = ''): readonly string[] {
  if (one === other) return [];
  // From where they part, word by word: what both have says nothing.
  const [words, others] = [one.split(/(?<=[\s",:[\]{}])/), other.split(/(?<=[\s",:[\]{}])/)];
  const at = words.findIndex((word, i) => word !== others[i]);
  const part = words[at === -1 ? words.length - 1 : at] ?? '';
  const found = [...looks.flatMap(([pattern, what]) => (pattern.test(part) ? [what] : [])), ...clockOf(part)];
  const what =
    found.length > 0
      ? found.join(', ')
      : 'a clock, a random number, a process id, or a count that an earlier run has left in a module';
  return [`What it says differs: it looks like ${what}.`];
}

/** A number within a day of now, as seconds or milliseconds since 1970. */
function clockOf(part: string): readonly string[] {
  const number = Number(/\d{10,}(?:\.\d+)?/.exec(part)?.[0]);
  const dayMs = 86_400_000;
  const isNow = [number, number * 1000, number / 1000, number / 1e6].some((ms) => Math.abs(ms - Date.now()) < dayMs);
  return isNow ? ['the real clock (Date.now())'] : [];
}

// ---- words ----

/** A step as one line. */
export function stepLine(step: TraceStep | undefined): string {
  if (step === undefined) return 'nothing: it has ended';
  const { step: number, lane, nowMs, op, role, file, args = {}, rc, injected, text = '' } = step;
  const named = Object.entries(args).map(([name, value]) => `${name} ${value}`);
  const words = [
    `step ${number} at ${nowMs} ms: ${lane} ${op}`,
    role === undefined ? '' : ` ${file === '' || file === undefined ? role : `${visible(file)} (${role})`}`,
    named.length === 0 ? '' : ` ${named.join(', ')}`,
    text === '' ? '' : ` ${quoted(text, 300)}`,
    ` → ${rc}${injected === true ? ' (injected)' : ''}`,
  ];
  return words.join('');
}

/** The difference as lines to print. */
export function tellDifference({ step, common, one, other, own, causes }: Difference): readonly string[] {
  const same =
    common === undefined ? 'none before it' : `the ${step} before are the same; the last is ${stepLine(common)}`;
  const pair = (a: TraceStep | undefined, b: TraceStep | undefined) => [
    `  one:   ${stepLine(a)}`,
    `  other: ${stepLine(b)}`,
  ];
  return [
    `The first step that differs is ${step} (${same}):`,
    ...pair(one, other),
    ...(own === undefined
      ? []
      : ['Another lane goes first there, since a lane stands before another step:', ...pair(own.one, own.other)]),
    ...causes,
  ];
}
