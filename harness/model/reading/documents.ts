// Which of Lockstep's documents a text is, whoever was given it: so that a mix-up is told as one, with the command that takes what
// was given. What stays out: whether it is valid (each format's own reader).
import { readJson } from './json-text.ts';

/**
 * @property what the end of a sentence that begins with the file: `it is …`
 * @property remedy what to do with it, as a sentence
 */
export interface KnownDocument {
  readonly kind: 'plan' | 'results' | 'other';
  readonly what: string;
  readonly remedy: string;
}

type Known = readonly [fields: readonly string[], what: string, remedy: string];

const plan: Known = [
  ['preemptions', 'workload'],
  'a plan',
  'Run it again with `npx lockstep replay FILE`; `shrink`, `bisect`, `sweep`, `crash` and `run --plan` take it too.',
];

const results: Known = [
  ['cells'],
  'the results of a comparison',
  'Make its page again with `npx lockstep report FILE`; `compare --baseline` takes it too, and the plans of its failing cells are in plans/ beside it.',
];

const inPlan = 'The plan that it is of has the path that its field "plan" says.';

const perfetto: Known = [['traceEvents'], 'a trace for Perfetto', 'Open it in ui.perfetto.dev.'];

/** By fields that only they have, all of them, beside the `format` that each of our own has; the first that fits. */
const others: readonly Known[] = [
  [
    ['timeline', 'full'],
    'the evidence of one cell',
    'Its plan is the file of the same name in plans/, beside evidence/.',
  ],
  [['lanes', 'inodes'], 'a timeline', 'It is shown by the page of a comparison.'],
  [
    ['observations', 'autopsy'],
    'the history of a run',
    'Its field "plan" is the plan: a file with that alone can be replayed.',
  ],
  [['plans'], 'the index of the corpus', 'The plans lie beside it.'],
  [['knownBug'], 'what `lockstep bench --json` prints', 'No command reads it.'],
  [['costs', 'interrupted'], 'what `lockstep bench --costs --json` prints', 'No command reads it.'],
  [['capabilities'], 'what `lockstep doctor --json` prints', 'No command reads it.'],
  [['scenarios', 'strategies'], 'what `lockstep list --json` prints', 'No command reads it.'],
  [['lastBad', 'firstGood'], 'what `lockstep bisect --json` prints', inPlan],
  [['engines'], 'what `lockstep engines --json` prints', 'No command reads it.'],
  [['symptoms', 'claims'], 'what `lockstep reproduce --json` prints', 'No command reads it.'],
  [['hashes', 'times'], 'what `lockstep replay --json` prints', inPlan],
  [
    ['findings', 'places'],
    'what `lockstep sweep --json` prints',
    'The plans that fail have the paths in its "findings".',
  ],
  [
    ['findings', 'promise'],
    'what `lockstep crash --json` prints',
    'The plans that fail have the paths in its "findings".',
  ],
  [['violations', 'verdict'], 'what `lockstep run --json` or `lockstep shrink --json` prints', inPlan],
  [['error'], 'an error that a command printed', 'Give that command again.'],
];

function has(json: unknown, [fields]: Known): boolean {
  return typeof json === 'object' && json !== null && fields.every((field) => Object.hasOwn(json, field));
}

/** A package.json has `engines`, too. */
function ofFormat([fields, ...rest]: Known): Known {
  return [['format', ...fields], ...rest];
}

function known(kind: KnownDocument['kind'], [, what, remedy]: Known): KnownDocument {
  return { kind, what, remedy };
}

/**
 * The document that a value is.
 *
 * @returns undefined for what is none of Lockstep's
 */
export function documentOf(json: unknown): KnownDocument | undefined {
  // A history has preemptions too, and results have all sorts of names.
  if (has(json, results)) return known('results', results);
  if (has(json, plan)) return known('plan', plan);
  const other = [perfetto, ...others.map(ofFormat)].find((one) => has(json, one));
  return other === undefined ? undefined : known('other', other);
}

/** The same for a text that is no JSON: a page, or a trace, whose lines are JSON each. */
export function textDocumentOf(text: string): KnownDocument | undefined {
  if (/^\s*<!doctype html/i.test(text))
    return {
      kind: 'other',
      what: 'a page',
      remedy: 'A browser opens it; the results.json beside it is what commands read.',
    };
  const { json } = { json: undefined, ...readJson(text.slice(0, text.indexOf('\n') + 1)) };
  if (!has(json, [['format', 'plan'], '', ''])) return undefined;
  const remedy = 'The field "plan" of its first line is the plan: a file with that alone can be replayed.';
  return { kind: 'other', what: 'the trace of a run', remedy };
}
