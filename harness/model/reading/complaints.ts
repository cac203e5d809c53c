// What is wrong with a document, as text for a person: one screen, however much is wrong, and nothing in it that a
// terminal obeys: Zod words a complaint, once its message and its path are bounded. The one place where complaints of a schema
// become text. What stays out: the sentence before them.
import { z } from 'zod';
import { quoted, visible } from '../visible.ts';

const complaintsMax = 8;
const charactersMax = 1600;
const messageMax = 300;
const keysMax = 12;
const keyMax = 60;

/** A bounded list stops looking when it has as many complaints (bounded-list.ts). */
export const countedMax = 1000;

function cut(text: string, most: number): string {
  const shown = visible(text.slice(0, most));
  return text.length > most || shown.length > most ? `${shown.slice(0, most)}…` : shown;
}

/** Of a path so much as is shown: keys come from the document, as many and as long as its author likes. */
function shownPath(path: readonly PropertyKey[]): PropertyKey[] {
  const keys = path.slice(0, keysMax).map((key) => (typeof key === 'number' ? key : cut(String(key), keyMax)));
  return path.length > keysMax ? [...keys, '…'] : keys;
}

/** One complaint, on one line. */
export function complaintText(message: string): string {
  return cut(message, messageMax);
}

/** That there are more complaints than those told; '' when there are none. */
function moreText(told: number, all: number): string {
  if (all <= told) return '';
  return all >= countedMax ? `and ${all - told} or more others` : `and ${all - told} more`;
}

/** All complaints of a schema, as far as they fit on a screen, one after the other. */
export function complaintsText({ issues }: Pick<z.ZodError, 'issues'>): string {
  const lines: string[] = [];
  let told = 0;
  let characters = 0;
  for (const issue of issues.toSorted((a, b) => a.path.length - b.path.length)) {
    const bounded = { ...issue, message: complaintText(issue.message), path: shownPath(issue.path) };
    const text = z.prettifyError({ issues: [bounded] });
    characters += text.length;
    if (told === complaintsMax || (told > 0 && characters > charactersMax)) break;
    lines.push(text);
    told++;
  }
  const more = moreText(told, issues.length);
  return [...lines, ...(more === '' ? [] : [`… ${more}`])].join('\n');
}

/** A value of a document as a sentence quotes it: a word, or what kind of thing it is. */
export function shownValue(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
