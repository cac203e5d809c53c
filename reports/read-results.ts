// A result document on its way in: it comes from another machine, from CI, from a disk that was full. Every complaint is a
// sentence. What stays out: reading the file, and whether documents fit together (merge.ts).
import type { z } from 'zod';
import { ReportError } from './errors.ts';
import { type Results, resultsFormat, resultsSchema } from './results.ts';
import { keyOf, nameOf } from './words.ts';

const again = 'Copy it again, or make it anew with `lockstep compare` (with --resume where its folder is still there).';

/** Other documents of Lockstep, told by a field that only they have, so that a mix-up is told as one. */
const others: readonly (readonly [field: string, what: string])[] = [
  ['preemptions', 'a plan: `lockstep replay` takes it'],
  ['timeline', 'the evidence of one cell, which belongs to the results.json beside its folder'],
  ['lanes', 'a timeline'],
  ['symptoms', 'what `lockstep reproduce --json` prints'],
  ['violations', 'what `lockstep run --json` prints'],
];

/** Does the text end inside of a string, an array or an object? Then its end is missing. */
function isCutOff(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '\\' && inString) i++;
    else if (char === '"') inString = !inString;
    else if (!inString && (char === '{' || char === '[')) depth++;
    else if (!inString && (char === '}' || char === ']')) depth--;
  }
  return depth > 0 || inString;
}

function parse(text: string, path: string): unknown {
  const plain = text.replace(/^\uFEFF/, '');
  if (plain.trim() === '') throw new ReportError('RESULTS_EMPTY', `${path} is empty.`, again);
  try {
    return JSON.parse(plain);
  } catch (error) {
    const looksLike = plain.trimStart().startsWith('{');
    if (looksLike && isCutOff(plain)) {
      throw new ReportError('RESULTS_CUT_OFF', `${path} is cut off: its end is missing.`, again, error);
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new ReportError('RESULTS_NOT_JSON', `${path} is not JSON: ${reason}.`, again, error);
  }
}

function checkFormat(json: unknown, path: string): void {
  const what = `${path} is no result document`;
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new ReportError('RESULTS_NOT_RESULTS', `${what}: it is not a JSON object.`, again);
  }
  const other = others.find(([field]) => field in json && !('cells' in json));
  if (other !== undefined) {
    throw new ReportError('RESULTS_NOT_RESULTS', `${what}; it looks like ${other[1]}.`, 'Give it a results.json.');
  }
  const format: unknown = 'format' in json ? json.format : undefined;
  if (format === resultsFormat) return;
  if (typeof format !== 'number') {
    const has = format === undefined ? 'no "format"' : `"format" ${JSON.stringify(format)}, which is no number`;
    throw new ReportError('RESULTS_NOT_RESULTS', `${what}: it has ${has}.`, again);
  }
  const [age, remedy] =
    format > resultsFormat
      ? ['a newer', 'Update Lockstep to the version that wrote it, or make the results anew with this one.']
      : ['an older', 'Make the results anew, or read them with the version that wrote them.'];
  const reads = `it has format ${format}, and this one reads format ${resultsFormat}`;
  throw new ReportError('RESULTS_FORMAT', `${path} was written by ${age} Lockstep: ${reads}.`, remedy);
}

/** `cells[3].verdict` */
function fieldOf(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (Object(value) as Record<PropertyKey, unknown>)[key], json);
}

function complaintOf(issue: z.core.$ZodIssue, json: unknown): string {
  const field = fieldOf(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const where = field === '' ? '' : ` in "${field}"`;
    return `it has "${issue.keys.join('", "')}"${where}, which format ${resultsFormat} does not know`;
  }
  if (valueAt(json, issue.path) === undefined) return `"${field}" is missing`;
  return `"${field}" is wrong: ${issue.message.replace(/^Invalid \w+: /, '').replace(/\.$/, '')}`;
}

/** A path that leads out of the document's folder is not followed: documents come from elsewhere. */
function leadsOut(path: string): boolean {
  return path === '' || /^([/\\]|[A-Za-z]:)/.test(path) || path.includes('\0') || path.split(/[/\\]/).includes('..');
}

function checkCells({ cells }: Results, path: string): void {
  const seen = new Set<string>();
  for (const cell of cells) {
    if (seen.has(keyOf(cell))) {
      throw new ReportError('RESULTS_INVALID', `${path} is not valid: it has ${nameOf(cell)} twice.`, again);
    }
    seen.add(keyOf(cell));
    const out = [cell.plan, cell.full, cell.evidence].find((file) => file !== null && leadsOut(file));
    if (out === undefined) continue;
    const what = `${nameOf(cell)} names ${JSON.stringify(out)}, which is not below its folder`;
    throw new ReportError('RESULTS_INVALID', `${path} is not valid: ${what}.`, again);
  }
}

/**
 * Reads a result document.
 *
 * @param text of the file
 * @param path for the sentences only
 * @throws ReportError: empty, cut off, not JSON, another kind of document, of another format version, or not valid; then the
 *   first field that is missing or wrong is named
 */
export function readResults(text: string, path: string): Results {
  const json = parse(text, path);
  checkFormat(json, path);
  const parsed = resultsSchema.safeParse(json);
  if (!parsed.success) {
    const [first, ...rest] = parsed.error.issues;
    const complaint = first === undefined ? 'it does not fit its format' : complaintOf(first, json);
    const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
    const message = `${path} is not valid: ${complaint}${more}.`;
    throw new ReportError('RESULTS_INVALID', message, again, parsed.error);
  }
  checkCells(parsed.data, path);
  return parsed.data;
}
