// The HTML file from outside: what it embeds, that nothing in the data can break out of it, and that it is always the same.
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { renderReport } from './render.ts';
import { answerOf } from './answer.ts';
import type { Results } from './results.ts';
import { allEvidence } from './testing/evidence.test-support.ts';
import { empty, oneCell, sixtyCells } from './testing/results.test-support.ts';

/** What the elements that hold data hold, as a browser would read it. */
function embedded(html: string): { readonly results: Results; readonly evidence: ReadonlyMap<string, string> } {
  const results = /<script type="application\/json" id="results">([^<]*)<\/script>/.exec(html)?.[1] ?? '';
  const packed = html.matchAll(/<script type="text\/plain" data-evidence="([^"]*)">([^<]*)<\/script>/g);
  return {
    results: JSON.parse(results) as Results,
    evidence: new Map(
      [...packed].map(([, path = '', text = '']) => [path, gunzipSync(Buffer.from(text, 'base64')).toString()]),
    ),
  };
}

let html: string;
const results = sixtyCells();
const evidence = allEvidence(results);
beforeAll(async () => {
  html = await renderReport(results, evidence);
});

test('the results and the evidence of all cells that name some are in the file, as they were', () => {
  const inside = embedded(html);
  expect(inside.results).toEqual(results);
  expect(inside.evidence).toEqual(evidence);
  expect(inside.evidence.size).toBeGreaterThan(0);
});

test('the same input gives the same bytes', async () => {
  expect(await renderReport(sixtyCells(), allEvidence(sixtyCells()))).toBe(html);
});

test('the file names no other file, and forbids all network', () => {
  expect(html).not.toMatch(/<(?:script|img|iframe)[^>]*\ssrc=|<link(?![^>]*href="data:)/);
  expect(html).not.toMatch(/@import|url\(\s*["']?(?:https?:|\/\/)/);
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
  expect(policy).toContain("default-src 'none'");
  expect(policy).toMatch(/script-src 'sha256-[\w+/=]{44}';/);
  expect(policy).not.toMatch(/http|\*|connect-src/);
});

test('60 cells with their evidence stay far below 5 MB, and script with style below 227 kB', async () => {
  expect(html.length).toBeLessThan(2_000_000);
  expect((await renderReport(empty(), new Map())).length).toBeLessThan(227_000);
});

test('the answer stands in the file as words, for browsers without scripts', () => {
  const words = /<noscript>([\s\S]*)<\/noscript>/.exec(html)?.[1] ?? '';
  const { sentences } = answerOf(results);
  expect(sentences.length).toBeGreaterThan(2);
  expect(words.match(/<p>/g)?.length).toBe(sentences.length + 1);
  expect(words).toContain('Every strategy failed somewhere.');
});

describe('text that looks like HTML', () => {
  const hostile = '</script><script>alert(1)</script><!--<script>"&\u2028';

  function poisoned(): Results {
    const one = oneCell();
    return {
      ...one,
      about: { ...one.about, strategies: [{ name: hostile, says: hostile }], scenarios: [] },
      cells: one.cells.map((cell) => ({ ...cell, strategy: hostile, evidence: `evidence/${hostile}.json` })),
    };
  }

  test('comes back as it was, and opens and closes no element', async () => {
    const bad = poisoned();
    const [path] = bad.cells.map((cell) => cell.evidence ?? '');
    const page = await renderReport(bad, new Map([[path ?? '', '{"format":1}']]));
    expect(embedded(page).results).toEqual(bad);
    expect(page).not.toContain('<script>alert');
    expect(page.match(/<script/g)?.length).toBe(page.match(/<\/script/g)?.length);
    expect(page.match(/<script/g)?.length).toBe(3);
    expect(page).not.toContain('<!--');
  });
});

test('evidence that no cell names is left out, and evidence that is missing is no error', async () => {
  const page = await renderReport(oneCell(), new Map([['evidence/of-another.json', '{}']]));
  expect(embedded(page).evidence.size).toBe(0);
});

test('a comparison without cells is a page too', async () => {
  const page = await renderReport(empty(), new Map());
  expect(page).toContain('Nothing was run');
  expect(embedded(page).results.cells).toEqual([]);
});
