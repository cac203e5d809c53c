// A result document on its way in: it comes from another machine, from CI, from a disk that was full. Every complaint
// says what is wrong with which file. What stays out: reading the file, and whether documents fit together (merge.ts).
import { missingRuns } from '../harness/model/verdict.ts';
import { isFileName } from '../harness/model/names.ts';
import { complaintsText, complaintText, shownValue } from '../harness/model/reading/complaints.ts';
import { documentOf, type KnownDocument, textDocumentOf } from '../harness/model/reading/documents.ts';
import { type JsonProblem, readJson } from '../harness/model/reading/json-text.ts';
import { quoted } from '../harness/model/visible.ts';
import { ReportError } from './errors.ts';
import { filesOf, type Results, resultsFormat, resultsSchema } from './results.ts';
import { upgraded } from './upgrade.ts';
import { keyOf, missingWords, nameOf } from './words.ts';

const again = 'Copy it again, or make it anew with `lockstep compare` (with --resume where its folder is still there).';

const codes: Readonly<Record<JsonProblem, string>> = {
  empty: 'RESULTS_EMPTY',
  'cut-off': 'RESULTS_CUT_OFF',
  broken: 'RESULTS_NOT_JSON',
  'too-much': 'RESULTS_TOO_MUCH',
};

function parse(text: string, path: string): unknown {
  const read = readJson(text);
  if (read.problem === undefined) return read.json;
  const other = textDocumentOf(text);
  if (other !== undefined) throw notResults(other, path);
  throw new ReportError(codes[read.problem], `${path} ${read.says}.`, again);
}

function notResults({ what, remedy }: KnownDocument, path: string): ReportError {
  return new ReportError(
    'RESULTS_NOT_RESULTS',
    `${path} is no result document: it is ${what}.`,
    remedy.replace('FILE', path),
  );
}

function checkFormat(json: unknown, path: string): void {
  const what = `${path} is no result document`;
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new ReportError('RESULTS_NOT_RESULTS', `${what}: it is not a JSON object.`, again);
  }
  const other = documentOf(json);
  if (other !== undefined && other.kind !== 'results') throw notResults(other, path);
  const format: unknown = 'format' in json ? json.format : undefined;
  if (format === resultsFormat || format === 1) return;
  if (typeof format !== 'number') {
    const has = format === undefined ? 'no "format"' : `"format" ${shownValue(format)}, which is no number`;
    throw new ReportError('RESULTS_NOT_RESULTS', `${what}: it has ${has}.`, again);
  }
  const [age, remedy] =
    format > resultsFormat
      ? ['a newer', 'Update Lockstep to the version that wrote it, or make the results anew with this one.']
      : ['an older', 'Make the results anew, or read them with the version that wrote them.'];
  const reads = `it has format ${format}, and this one reads formats 1 to ${resultsFormat}`;
  throw new ReportError('RESULTS_FORMAT', `${path} was written by ${age} Lockstep: ${reads}.`, remedy);
}

/**
 * As a comparison names its files: nothing else below the folder of a document is read, copied or removed because a
 * document names it. Documents come from elsewhere.
 */
function isOurs(file: string): boolean {
  return isFileName(file) && /^(plans|evidence)\/[^/]+\.json$/.test(file);
}

function checkCells({ about, cells }: Results, path: string): void {
  const seen = new Set<string>();
  for (const cell of cells) {
    const name = complaintText(nameOf(cell));
    if (seen.has(keyOf(cell))) {
      throw new ReportError('RESULTS_INVALID', `${path} is not valid: it has ${name} twice.`, again);
    }
    seen.add(keyOf(cell));
    if (cell.verdict === 'pass' && missingRuns(cell.reached, about.bound) > 0) {
      const what = `${name} is a pass with ${missingWords(cell, about.bound)}`;
      throw new ReportError('RESULTS_INVALID', `${path} is not valid: ${what}.`, again);
    }
    const other = filesOf(cell).find((file) => !isOurs(file));
    if (other === undefined) continue;
    const what = `${name} names ${quoted(other)}, which is no file of plans/ or evidence/`;
    throw new ReportError('RESULTS_INVALID', `${path} is not valid: ${what}.`, again);
  }
}

/**
 * Reads a result document.
 *
 * @param text of the file
 * @param path for the sentences only
 * @throws ReportError: empty, cut off, not JSON, another kind of document, of another format version, or not valid; then the
 *   fields that are missing or wrong are named, as many as fit on a screen
 */
export function readResults(text: string, path: string): Results {
  const read = parse(text, path);
  checkFormat(read, path);
  const old = read as { readonly format: number };
  const json: unknown = old.format === resultsFormat ? read : upgraded(old);
  const parsed = resultsSchema.safeParse(json);
  if (!parsed.success) {
    const message = `${path} is not valid:\n${complaintsText(parsed.error)}`;
    throw new ReportError('RESULTS_INVALID', message, again, parsed.error);
  }
  checkCells(parsed.data, path);
  return parsed.data;
}
