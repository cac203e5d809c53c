// What the file itself carries: the result document, and the evidence of cells, unpacked when it is asked for. What stays
// out: everything shown.
import { shownValue } from '../../harness/reading/complaints.ts';
import { visibleLines } from '../../harness/visible.ts';
import { type Evidence, evidenceFormat } from '../evidence.ts';
import type { Results } from '../results.ts';

/** A reviver: what is not seen, or turns the direction of writing, becomes a visible escape. */
function shown(_: string, value: unknown): unknown {
  return typeof value === 'string' ? visibleLines(value) : value;
}

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

async function unpack(packed: string): Promise<unknown> {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text());
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function isEvidence(value: unknown): value is Evidence {
  const { plan, timeline } = value as Partial<Evidence>;
  return isObject(plan) && isObject(timeline);
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
  let value: unknown;
  try {
    value = await unpack(packed);
  } catch {
    return `${path} cannot be read: it was damaged, or cut short, when the report was made.`;
  }
  const format = value === null || typeof value !== 'object' ? undefined : (value as Partial<Evidence>).format;
  if (format !== evidenceFormat) {
    return `${path} has format ${shownValue(format)}; this page reads format ${evidenceFormat}.`;
  }
  if (!isEvidence(value)) return `${path} lacks its plan or its timeline.`;
  // The plans stay as they are: they can be saved.
  return { ...value, timeline: JSON.parse(JSON.stringify(value.timeline), shown) as Evidence['timeline'] };
}
