// Markdown to paste: what it says, that it fits, and that no text breaks out of its place.
import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { visible, visibleLines } from '../harness/model/visible.ts';
import { markdown } from './markdown.ts';
import { codeBlock, codeSpan, html, plain } from './markdown-text.ts';
import { broken, documentOf, failing, failingBesides, passing, unsure } from './testing/cells.test-support.ts';
import {
  catalogue,
  empty,
  longNames,
  oneCell,
  onlyFailures,
  sixHundredCells,
  sixtyCells,
} from './testing/results.test-support.ts';

test('the answer, a table an engine, and what is folded', () => {
  const results = documentOf([
    passing(),
    failing({ strategy: 'delete' }),
    unsure({ strategy: 'best', engine: '3.51.2' }),
    broken({ strategy: 'leader', engine: '3.51.2' }),
  ]);
  const text = markdown(results, { title: 'Fixes', folder: 'out' });
  const [answer = '', ...rest] = text.split('\n\n#### ');
  expect(answer).toMatch(/^### Fixes\n\n- /);
  expect(answer).toContain('- `delete` failed in wal-unlink-wedge.');
  const tables = rest.map((table) => table.split('\n\n<details>')[0]);
  expect(tables).toEqual([
    'SQLite 3.50.4\n\n|  | wal-unlink-wedge |\n| --- | --- |\n' +
      '| `wal` | pass: 100 runs, 80 in the window, ≤ 3.7 % (all runs ≤ 3.0 %) |\n| `delete` | **FAIL** no-wedge · search run 12 · memory – |',
    'SQLite 3.51.2\n\n|  | wal-unlink-wedge |\n| --- | --- |\n' +
      '| `best` | *inconclusive*: 100 runs; 0 of 59 runs in the window, 59 missing |\n| `leader` | *error* LANE\\_SILENT |',
  ]);
  expect(text).toContain('<details><summary>wal-unlink-wedge under delete on SQLite 3.50.4: no-wedge</summary>\n\n');
  expect(text).toContain('- step 31: The kernel dropped its locks.');
  expect(text).toContain('```sh\nnpx lockstep replay out/plans/wal-unlink-wedge-wal-3.50.4.json\n```');
  expect(text).not.toContain('Left out');
});

test('what another run violated than the one that is shown is told too', () => {
  const text = markdown(documentOf([failingBesides()]));
  expect(text).toContain('**FAIL** no-wedge, bounded-reaction · ');
  expect(text).toContain('- **bounded-reaction**: Violated by random run 9 and a.json, not by the plan that is shown');
});

test('why a cell shows nothing, and what was left of the shipped plans', () => {
  const some = { replayed: 3, replayable: 21 };
  const cells = [
    unsure({ strategy: 'a', runs: 0 }),
    unsure({ strategy: 'b', runs: 0, ...some, reachedByReplay: 2 }),
    unsure({ strategy: 'c', ...some, reachedByReplay: 2 }),
    unsure({ strategy: 'd', replayed: 2, replayable: 2 }),
    passing({ strategy: 'e', ...some }),
  ];
  const text = markdown(documentOf(cells));
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  expect(rows).toEqual([
    '| `a` | *inconclusive*: nothing was run |',
    '| `b` | *inconclusive*: 3 of 21 replays, no random run; 0 of 59 runs in the window, 59 missing |',
    '| `c` | *inconclusive*: 100 runs and 3 of 21 replays, only replays in the window; 0 of 59 runs in the window, 59 missing |',
    '| `d` | *inconclusive*: 100 runs and 2 replays; 0 of 59 runs in the window, 59 missing |',
    '| `e` | pass: 100 runs and 3 of 21 replays, 80 in the window, ≤ 3.7 % (all runs ≤ 3.0 %) |',
  ]);
  expect(markdown(documentOf([failing(some)]))).toContain(
    'Found by search, in random run 12; not by memory (none of 3 shipped plans). 3 of 21 shipped plans were replayed before the budget was spent.',
  );
  expect(markdown(documentOf([failing({ ...some, how: 'shipped' })]))).not.toContain('budget was spent');
});

const documents = { empty, oneCell, sixtyCells, catalogue, sixHundredCells, longNames, onlyFailures };

test.each(Object.entries(documents))('it fits, and what was cut is said: %s', (_, make) => {
  const results = make();
  const text = markdown(results);
  expect(text.replaceAll('\n', '\r\n').length).toBeLessThanOrEqual(65_536);
  expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
  const told = results.cells.filter(({ verdict }) => verdict === 'fail' || verdict === 'error').length;
  const shown = text.match(/<summary>\S+ under /g)?.length ?? 0;
  const cut = Number(/Left out here.*: (\d+) cells? in full/.exec(text)?.[1] ?? 0);
  expect(shown + cut).toBe(told);
});

test('the answer stays when hardly anything else does', () => {
  const long = 'x'.repeat(3000);
  const explanation = [{ step: 1, kind: 'error', sentence: long, lanes: [] }];
  const cells = Array.from({ length: 40 }, (_, i) => failing({ strategy: `s${i}`, explanation }));
  const text = markdown(documentOf(cells));
  expect(text).toContain('Every strategy failed somewhere.');
  expect(text).toMatch(
    /Left out here, since GitHub takes 65,536 characters: \d+ cells in full\. All of it is in the result document\.\n$/,
  );
  const huge = markdown(documentOf([failing({ scenario: 'y'.repeat(70_000) })]));
  expect(huge.length).toBeLessThan(65_536);
  expect(huge).toContain('1 sentence of the answer');
  expect(huge).toContain('1 table of the matrix');
});

const tricky = fc.string({
  unit: fc.oneof(
    fc.constantFrom('|', '`', '\\', '\n', '\r\n', '<', '</details>', '```', '*', '_', '@user', '&amp;', '#', '- '),
    fc.constantFrom(
      '\u001b[2J',
      '\u0085',
      '\u202e',
      '\0',
      'https://a.b/c',
      'www.a.b',
      '#12',
      'GH-12',
      '[a](javascript:b)',
    ),
    fc.string(),
  ),
});

/** What Markdown and HTML would read: without code, escaped characters, and the tags that fold. */
function outsideCode(text: string): string {
  const lines = Map.groupBy(text.split('\n'), (line) => (/^<\/?details>/.test(line) ? 'tags' : 'prose'));
  const of = (what: 'tags' | 'prose'): string => lines.get(what)?.join('\n') ?? '';
  const read = of('prose').replace(/\\.|(?<!`)(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, ' ');
  return `${of('tags').replace(/<\/?(?:details|summary)>/g, '')}\n${read}`;
}

/** Cells of a row of a table, as GFM splits it: at pipes that no backslash escapes. */
function cellsOf(row: string): readonly string[] {
  return row
    .replace(/\\[\\|]/g, '..')
    .split('|')
    .slice(1, -1);
}

property.prop([tricky, tricky], { numRuns: 300 })('names and sentences break out of nothing', (name, sentence) => {
  const violations = [{ invariant: name, message: sentence, step: null }];
  const explanation = [{ step: 1, kind: 'error', sentence, lanes: [] }];
  const text = markdown(documentOf([failing({ strategy: name, scenario: `s${name}`, violations, explanation })]));
  expect(text.match(/^<details>/gm)).toHaveLength(2);
  expect(text.match(/^<\/details>$/gm)).toHaveLength(2);
  expect(text.match(/^```/gm)).toHaveLength(2);
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  expect(rows).toHaveLength(3);
  for (const row of rows) expect(cellsOf(row)).toHaveLength(2);
  const outside = outsideCode(text);
  expect(outside).not.toMatch(/<|@\w|:\/\/|#\d|GH-\d|www\./);
  const seen = text.replaceAll('\u200B', '');
  expect(visibleLines(seen)).toBe(seen);
});

property.prop([tricky])('code holds its text as it was, in one line', (text) => {
  const line = visible(text.replace(/\s+/g, ' ').trim());
  const [, marks = '', inner = ''] = /^(`+)([^]*?)\1$/.exec(codeSpan(text)) ?? [];
  if (line === '') return;
  expect(inner.replace(/^ (.*) $/, '$1')).toBe(line);
  expect(inner.match(/`+/g)?.map((run) => run.length) ?? []).not.toContain(marks.length);
  expect(codeBlock(text, 'sh').split('\n')[0]).toMatch(/^`{3,}sh$/);
});

test('what Markdown would read as something else', () => {
  expect(plain('a*b_c`d|e<f>[g]~h&i\\j')).toBe('a\\*b\\_c\\`d\\|e\\<f\\>\\[g\\]\\~h\\&i\\\\j');
  expect(plain('# no heading')).toBe('\\# no heading');
  expect(plain('1. no list')).toBe('1\\. no list');
  expect(plain('hello @user')).toBe('hello @\u200Buser');
  expect(plain('see http://a.b, www.a.b, #12, GH-12')).toBe(
    'see http:\u200B//a.b, www\u200B.a.b, #\u200B12, GH-\u200B12',
  );
  expect(plain('\u001b[2J\u202ea\nb')).toBe(String.raw`\\u001b\[2J\\u202ea b`);
  expect(html('<b> & </b>')).toBe('&lt;b&gt; &amp; &lt;/b&gt;');
});
