// What the file itself carries: the result document, and the evidence of cells, unpacked when it is asked for. What stays
// out: everything shown.
import { type Evidence, evidenceIn, shown } from '../evidence.ts';
import type { Results } from '../results.ts';

/** The result document in the page. @throws when there is none, or it is no JSON */
export function readResults(): Results {
  return JSON.parse(document.querySelector('#results')?.textContent ?? '', shown) as Results;
}

function find(path: string): string | undefined {
  for (const element of document.querySelectorAll<HTMLScriptElement>('script[data-evidence]')) {
    if (element.dataset['evidence'] === path) return element.textContent;
  }
  return undefined;
}

async function unpack(packed: string): Promise<string> {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).text();
}

/**
 * The evidence of a cell.
 *
 * @param path as `cells[].evidence` names it
 * @returns the evidence, or a sentence that says why there is none
 */
export async function readEvidence(path: string): Promise<Evidence | string> {
  const packed = find(path);
  if (packed === undefined)
    return `This file does not hold ${path}: the evidence was missing when the report was made.`;
  let text: string;
  try {
    text = await unpack(packed);
  } catch {
    return `${path} cannot be read: it was damaged, or cut short, when the report was made.`;
  }
  return evidenceIn(text, path);
}
