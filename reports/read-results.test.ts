// A result document on its way in: every complaint is a sentence with the file's name and what to do.
import { test as property, fc } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { hasUnseen } from '../harness/model/visible.ts';
import { answerOf } from './answer.ts';
import { ReportError } from './errors.ts';
import { readResults } from './read-results.ts';
import type { Results } from './results.ts';
import { documentOf, failing, passing } from './testing/cells.test-support.ts';
import { catalogue, empty, longNames, oneCell, sixtyCells } from './testing/results.test-support.ts';

function complaint(text: string): ReportError {
  try {
    readResults(text, 'a/results.json');
  } catch (error) {
    if (error instanceof ReportError) return error;
    throw error;
  }
  throw new Error('was read');
}

const gone = Symbol('gone');

/** A document of two cells as text, with another value (or none) at each of some places. */
function changed(changes: readonly (readonly [path: string, value: unknown])[]): string {
  const json: unknown = JSON.parse(JSON.stringify(documentOf([passing(), failing({ strategy: 'delete' })])));
  for (const [path, value] of changes) {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    const holder = keys.reduce((at, key) => at[key] as Record<string, unknown>, json as Record<string, unknown>);
    if (value === gone) delete holder[last];
    else holder[last] = value;
  }
  return JSON.stringify(json);
}

test.each(Object.entries({ empty, oneCell, sixtyCells, catalogue, longNames }))(
  'reads what was written: %s',
  (_, make) => {
    const results: Results = make();
    expect(readResults(JSON.stringify(results), 'x')).toEqual(results);
    expect(readResults(`\uFEFF${JSON.stringify(results, null, 2)}\n`, 'x')).toEqual(results);
  },
);

test.each([
  ['', 'RESULTS_EMPTY', 'a/results.json is empty.'],
  [' \n', 'RESULTS_EMPTY', 'a/results.json is empty.'],
  ['<html>', 'RESULTS_NOT_JSON', 'a/results.json is not JSON: '],
  ['{"format":1} x', 'RESULTS_NOT_JSON', 'a/results.json is not JSON: '],
  ['[]', 'RESULTS_NOT_RESULTS', 'a/results.json is no result document: it is not a JSON object.'],
  ['null', 'RESULTS_NOT_RESULTS', 'a/results.json is no result document: it is not a JSON object.'],
  ['{}', 'RESULTS_NOT_RESULTS', 'a/results.json is no result document: it has no "format".'],
  ['{"format":"1"}', 'RESULTS_NOT_RESULTS', 'it has "format" "1", which is no number.'],
  ['{"format":1,"preemptions":[],"workload":{}}', 'RESULTS_NOT_RESULTS', 'no result document: it is a plan.'],
  ['<!doctype html>', 'RESULTS_NOT_RESULTS', 'no result document: it is a page.'],
  [
    '{"format":3,"cells":[]}',
    'RESULTS_FORMAT',
    'was written by a newer Lockstep: it has format 3, and this one reads formats 1 to 2.',
  ],
  [
    '{"name":"some package","engines":{"node":">=24"}}',
    'RESULTS_NOT_RESULTS',
    'is no result document: it has no "format".',
  ],
  [
    '{"format":1,"engines":[]}',
    'RESULTS_NOT_RESULTS',
    'is no result document: it is what `lockstep engines --json` prints.',
  ],
  [
    '{"format":0,"cells":[]}',
    'RESULTS_FORMAT',
    'was written by an older Lockstep: it has format 0, and this one reads formats 1 to 2.',
  ],
])('%j', (text, code, message) => {
  const error = complaint(text);
  expect(error.code).toBe(code);
  expect(error.message).toContain(message);
  expect(error.remedy).toMatch(/^[A-Z].*\.$/);
});

type Change = readonly [path: string, value: unknown];

test.each<readonly [message: string, changes: readonly Change[]]>([
  ['✖ Invalid input: expected string, received undefined\n  → at about.code', [['about.code', gone]]],
  [
    '✖ Invalid option: expected one of "fail"|"pass"|"inconclusive"|"error"\n  → at cells[1].verdict',
    [['cells.1.verdict', gone]],
  ],
  ['→ at about.shard.of', [['about.shard', { index: 1 }]]],
  [
    '→ at cells\n✖ Invalid input: expected array, received undefined\n  → at claims',
    [
      ['cells', gone],
      ['claims', gone],
    ],
  ],
  ['✖ Invalid input: expected number, received string\n  → at cells[0].runs', [['cells.0.runs', '3']]],
  [
    '✖ Invalid option: expected one of "fail"|"pass"|"inconclusive"|"error"\n  → at cells[0].verdict',
    [['cells.0.verdict', 'safe']],
  ],
  ['✖ Too big: expected number to be <=1\n  → at cells[0].upperBound', [['cells.0.upperBound', 3]]],
  ['✖ Unrecognized key: "extra"\n  → at about', [['about.extra', 1]]],
  [
    'wal-unlink-wedge under wal on SQLite 3.50.4 is a pass with 1 of 59 runs in the window, 58 missing.',
    [['cells.0.reached', 1]],
  ],
  ['it has wal-unlink-wedge under wal on SQLite 3.50.4 twice.', [['cells.1', passing()]]],
  ['names "../../etc/passwd", which is no file of plans/ or evidence/.', [['cells.1.plan', '../../etc/passwd']]],
  ['names "/etc/passwd", which is no file of plans/ or evidence/.', [['cells.1.evidence', '/etc/passwd']]],
  ['names "C:\\x", which is no file of plans/ or evidence/.', [['cells.1.full', 'C:\\x']]],
  ['names "package.json", which is no file of plans/ or evidence/.', [['cells.1.plan', 'package.json']]],
  ['names "plans/a/../../x.json", which is no', [['cells.1.plan', 'plans/a/../../x.json']]],
  ['names "plans/a\\u000a.json", which is no', [['cells.1.plan', 'plans/a\n.json']]],
  ['✖ Unrecognized key: "\\u001b[2J"\n  → at about', [['about.\u001b[2J', 1]]],
])('%s', (message, changes) => {
  const error = complaint(changed(changes));
  expect(error.code).toBe('RESULTS_INVALID');
  expect(error.message).toMatch(/^a\/results\.json is not valid:/);
  expect(error.message).toContain(message);
});

test('format 1 is read by the rules of today: what was a pass with one run in the window is none', () => {
  const claim = { scenario: 's', claim: 'nothing is lost', source: 'reported: #1', strategy: 'wal', engine: '3.50.4' };
  const said = { ...claim, outcome: 'confirmed', tried: true, evidence: '60 runs' } as const;
  const results = documentOf(
    [passing({ reached: 1, upperBound: 0.03 }), passing({ strategy: 'best' })],
    {},
    {
      claims: [
        { ...said, expects: 'none' },
        { ...said, expects: 'violation' },
      ],
    },
  );
  const old = JSON.parse(JSON.stringify({ ...results, format: 1 })) as Record<'cells' | 'claims', object[]> & {
    about: object;
  };
  Reflect.deleteProperty(old.about, 'bound');
  for (const one of old.claims) Reflect.deleteProperty(one, 'tried');
  for (const cell of old.cells)
    for (const field of ['repeats', 'upperBoundAllRuns', 'invariants']) Reflect.deleteProperty(cell, field);
  const read = readResults(JSON.stringify(old), 'a');
  expect(read.about).toMatchObject({ bound: 0.05, upgraded: 1 });
  expect(read.cells.map(({ verdict, upperBound }) => [verdict, upperBound])).toEqual([
    ['inconclusive', null],
    ['pass', passing().upperBound],
  ]);
  expect(read.claims.map(({ outcome, tried, evidence }) => [outcome, tried, evidence])).toEqual([
    ['untested', true, '60 runs (by the rules of format 1)'],
    ['confirmed', true, '60 runs'],
  ]);
  expect(answerOf(read).sentences[0]?.text).toMatch(
    /^These results were written in format 1, where one run in the window was a pass/,
  );
});

test('however much is wrong, and whatever names it has, the complaint is a screen that nothing obeys', () => {
  const names = Array.from({ length: 5000 }, (_, i) => [`\u001b[2J${'k'.repeat(1000)}${i}`, i]);
  const cells = Array.from({ length: 5000 }, () => Object.fromEntries(names.slice(0, 3)) as object);
  const about = Object.fromEntries(names) as object;
  const { message } = complaint(JSON.stringify({ format: 2, about, cells, claims: [], costs: [] }));
  expect(message.length).toBeLessThan(2500);
  expect(message.split('\n').length).toBeLessThan(20);
  expect(hasUnseen(message.replaceAll('\n', ''))).toBe(false);
  expect(message).toMatch(/… and \d+ or more others$/);
});

const awkward = { invariant: 'i', message: 'a "quoted { and a \\ at the end: \\', step: null };
const whole = JSON.stringify(documentOf([failing({ violations: [awkward] })]), null, 1);

property.prop([fc.integer({ min: 1, max: whole.length - 1 })])('cut off anywhere, it says so', (length) => {
  expect(complaint(whole.slice(0, length)).code).toBe('RESULTS_CUT_OFF');
});

test('what stands in strings does not make a document look cut off', () => {
  expect(complaint(`${whole}}`).code).toBe('RESULTS_NOT_JSON');
  expect(complaint(`{"a": "\\"{", "b": x}`).code).toBe('RESULTS_NOT_JSON');
});

property.prop([fc.oneof(fc.json(), fc.string())])(
  'whatever a file holds, it is read or refused with a sentence',
  (text) => {
    expect(complaint(text).message).toMatch(/^a\/results\.json is [^]*\.$/);
  },
);
