// Finds steps by what was done, to which file, with what result, by whom, and by what was said. A pure function of the
// timeline. What stays out: going to what was found.
import type { Timeline, TimelineStep } from '../../../harness/model/timeline.ts';

/** A word of a search: where it may stand, and what must stand there. */
interface Term {
  readonly field: 'op' | 'file' | 'code' | 'lane' | 'text' | 'step' | null;
  readonly word: string;
}

const fields: ReadonlySet<string> = new Set(['op', 'file', 'code', 'lane', 'text', 'step']);

function parse(query: string): Term[] {
  return query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => {
      const [head = '', ...rest] = word.split(':');
      if (rest.length > 0 && fields.has(head)) return { field: head as Term['field'], word: rest.join(':') };
      return { field: null, word };
    })
    .filter((term) => term.word !== '');
}

/** Which names contain a word, by place. */
function containing(names: readonly (string | number)[], word: string): boolean[] {
  return names.map((name) => String(name).toLowerCase().includes(word));
}

function said(row: TimelineStep, events: readonly string[], word: string): boolean {
  if (row[7]?.toLowerCase().includes(word) === true) return true;
  for (const [name, value] of Object.entries(row[6] ?? {})) {
    if (`${name}=${value}`.toLowerCase().includes(word)) return true;
  }
  return events.some((text) => text.includes(word));
}

type Test = (row: TimelineStep) => boolean;

function testOf(term: Term, timeline: Timeline, eventTexts: ReadonlyMap<number, readonly string[]>): Test {
  const { field, word } = term;
  const named = (column: 1 | 3 | 4 | 5, names: readonly (string | number)[]): Test => {
    const hit = containing(names, word);
    return (row) => hit[row[column]] === true;
  };
  const tests: { readonly [field in NonNullable<Term['field']>]: Test } = {
    lane: named(1, timeline.lanes),
    op: named(3, timeline.ops),
    file: named(4, timeline.files),
    code: named(5, timeline.codes),
    text: (row) => said(row, eventTexts.get(row[0]) ?? [], word),
    step: (row) => String(row[0]) === word,
  };
  if (field !== null) return tests[field];
  const anywhere = Object.values(tests);
  return (row) => anywhere.some((fits) => fits(row));
}

/**
 * Steps that fit a search, rising. All of its words must fit; letter case does not matter. A word fits a step when it is
 * in its operation, file, result, lane, arguments, text or events, or is its number; `op:`, `file:`, `code:`, `lane:`,
 * `text:` and `step:` say where. An empty search finds nothing.
 */
export function searchSteps(timeline: Timeline, query: string): number[] {
  const terms = parse(query);
  if (terms.length === 0) return [];
  const eventTexts = new Map<number, string[]>();
  for (const event of timeline.events) {
    const text = `${event.kind} ${event.text}`.toLowerCase();
    const there = eventTexts.get(event.step);
    if (there === undefined) eventTexts.set(event.step, [text]);
    else there.push(text);
  }
  const tests = terms.map((term) => testOf(term, timeline, eventTexts));
  const found: number[] = [];
  for (const row of timeline.steps) if (tests.every((fits) => fits(row))) found.push(row[0]);
  return found;
}
