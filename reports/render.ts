// The HTML report of a comparison: one self-contained file, which asks no network for anything. What stays out: the page
// itself (page/), its bundling (html/bundle.ts), and where the files of a comparison lie.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { visible } from '../harness/model/visible.ts';
import { answerOf } from './answer.ts';
import { bundlePage } from './html/bundle.ts';
import { titleOf } from './html/title.ts';
import type { Results } from './results.ts';

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? '');
}

/** JSON that no `</script>` or `<!--` in a string can end. */
function embeddedJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', String.raw`\u003c`);
}

function evidenceScript([path, text]: readonly [string, string]): string {
  const packed = gzipSync(text, { level: 9 }).toString('base64');
  return `<script type="text/plain" data-evidence="${escapeHtml(path)}">${packed}</script>`;
}

/** No network at all; the one script by its hash, so that nothing in the data can be run. */
function policyOf(script: string): string {
  const hash = createHash('sha256').update(script).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/**
 * The report as one HTML file.
 *
 * @param results the result document
 * @param evidence by the path that `cells[].evidence` names, the JSON text of the evidence file (evidence.ts). What is
 *   missing or cannot be read is told where the cell is opened. Paths that no cell names are left out.
 * @returns HTML; the same for the same input
 * @throws when the page's sources cannot be bundled, which is a defect
 */
export async function renderReport(results: Results, evidence: ReadonlyMap<string, string>): Promise<string> {
  const { script, style } = await bundlePage();
  const named = [...new Set(results.cells.map((cell) => cell.evidence))].flatMap((path) => {
    const text = path === null ? undefined : evidence.get(path);
    return path === null || text === undefined ? [] : [[path, text] as const];
  });
  const words = answerOf(results).sentences.map(({ text }) => `<p>${escapeHtml(visible(text))}</p>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escapeHtml(titleOf(results))} · Lockstep comparison</title>
<style>${style}</style>
</head>
<body>
<div id="page"></div>
<noscript>
<main class="without-script">
<h1>Lockstep comparison</h1>
${words.join('\n')}
<p>The matrix and its evidence need scripts, which this browser does not run. All results are in results.json as well.</p>
</main>
</noscript>
<script type="application/json" id="results">${embeddedJson(results)}</script>
${named.map(evidenceScript).join('\n')}
<script>${script}</script>
</body>
</html>
`;
}
