// JUnit XML: well formed for whatever a result document holds, and it says what the cells say.
import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { visibleLines } from '../harness/model/visible.ts';
import { junit } from './junit.ts';
import { broken, documentOf, failing, failingBesides, passing, unsure } from './testing/cells.test-support.ts';
import { catalogue, empty, longNames, sixtyCells } from './testing/results.test-support.ts';
import { type Element, readXml } from './testing/xml.test-support.ts';

function all({ children }: Element, name: string): readonly Element[] {
  const here = children.filter((child) => typeof child !== 'string');
  return here.flatMap((child) => [...(child.name === name ? [child] : []), ...all(child, name)]);
}

function textOf({ children }: Element): string {
  return children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
}

test('a suite a scenario, a case a strategy on an engine, and what became of it', () => {
  const results = documentOf([
    passing({ seconds: 1.25 }),
    failing({ strategy: 'delete', seconds: 2 }),
    unsure({ strategy: 'best' }),
    broken({ strategy: 'leader' }),
    passing({ scenario: 'checkpoint-race' }),
  ]);
  const root = readXml(junit(results, { folder: 'out' }));
  expect(root).toMatchObject({
    name: 'testsuites',
    attributes: { tests: '5', failures: '1', errors: '1', skipped: '1' },
  });
  const [first, second] = all(root, 'testsuite');
  expect(first?.attributes).toMatchObject({
    name: 'wal-unlink-wedge',
    tests: '4',
    failures: '1',
    errors: '1',
    skipped: '1',
    timestamp: '2026-11-30T09:15:00',
  });
  expect(second?.attributes).toMatchObject({ name: 'checkpoint-race', tests: '1', failures: '0' });
  const [pass, fail, skipped, error] = all(first!, 'testcase');
  expect(pass?.attributes).toEqual({ classname: 'wal-unlink-wedge', name: 'wal on SQLite 3.50.4', time: '1.250' });
  expect(textOf(pass!)).toBe(
    'Did not fail in 100 runs; 80 random runs in the dangerous window; failure rate there at most 3.7 %, of any run 3.0 % (95 %).',
  );
  const [failure] = all(fail!, 'failure');
  expect(failure?.attributes).toEqual({ message: 'no-wedge: gateway-1 fails for 3 ticks in a row', type: 'no-wedge' });
  expect(textOf(failure!)).toContain('step 31: The kernel dropped its locks.');
  expect(textOf(failure!)).toContain('npx lockstep replay out/plans/wal-unlink-wedge-wal-3.50.4.json');
  expect(all(skipped!, 'skipped')[0]?.attributes['message']).toContain('0 of 59 runs in the window, 59 missing');
  expect(all(error!, 'error')[0]?.attributes).toMatchObject({
    type: 'LANE_SILENT',
    message: 'gateway-1 did not come back within 10 s.',
  });
});

test('what another run violated than the one that is shown is told too', () => {
  const [failure] = all(readXml(junit(documentOf([failingBesides()]))), 'failure');
  expect(failure?.attributes['type']).toBe('no-wedge, bounded-reaction');
  expect(textOf(failure!)).toContain('bounded-reaction: Violated by random run 9 and a.json, not by the plan that');
});

test.each(Object.entries({ empty, sixtyCells, catalogue, longNames }))('counts add up: %s', (_, make) => {
  const results = make();
  const root = readXml(junit(results));
  const sum = (name: string): number =>
    all(root, 'testsuite').reduce((total, { attributes }) => total + Number(attributes[name]), 0);
  for (const name of ['tests', 'failures', 'errors', 'skipped']) expect(sum(name)).toBe(Number(root.attributes[name]));
  expect(all(root, 'testcase')).toHaveLength(results.cells.length);
  for (const what of ['failure', 'error', 'skipped'] as const) {
    const verdict = { failure: 'fail', error: 'error', skipped: 'inconclusive' }[what];
    expect(all(root, what)).toHaveLength(results.cells.filter((cell) => cell.verdict === verdict).length);
  }
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      '\ud800',
      '\udc00',
      '\u0000',
      '\u001b',
      ']]>',
      '<![CDATA[',
      '&#0;',
      '"',
      "'",
      '\r',
      '\n',
      '\t',
      '<',
      '\ufffe',
      '\u202e',
      '😀',
    ),
  }),
);

property.prop([anyText, anyText])(
  'any text comes back as it was, what XML cannot hold and nobody can see as an escape',
  (name, message) => {
    const results = documentOf([
      failing({ strategy: name, violations: [{ invariant: 'i', message, step: null }], explanation: [] }),
    ]);
    const root = readXml(junit(results));
    expect(all(root, 'testcase')[0]?.attributes['name']).toBe(`${visibleLines(name)} on SQLite 3.50.4`);
    const [failure] = all(root, 'failure');
    expect(failure?.attributes['message']).toBe(`i: ${visibleLines(message)}`);
    expect(textOf(failure!).startsWith(`i: ${visibleLines(message)}\n`)).toBe(true);
  },
);
