// Text as GitHub's Markdown, so that it reads as it was and can do nothing else: no emphasis by accident, no broken table, no
// HTML, nobody notified, nothing linked, nothing that is not seen. What stays out: what is said.
import { visible, visibleLines } from '../harness/model/visible.ts';

/** One line: neither tables nor lists can have more. */
function oneLine(text: string): string {
  return visible(text.replace(/\s+/g, ' ').trim());
}

/**
 * A zero-width space within what GitHub makes a link of: mentions (which notify), issues (which get a note of it),
 * addresses (GFM, section 6.9).
 */
function unlinked(text: string): string {
  return text
    .replace(/@(?=\w)/g, '@\u200B')
    .replace(/#(?=\d)/g, '#\u200B')
    .replace(/GH-(?=\d)/gi, (found) => `${found}\u200B`)
    .replace(/:(?=\/\/)|(?:mailto|xmpp):/gi, (found) => `${found}\u200B`)
    .replace(/www(?=\.)/gi, (found) => `${found}\u200B`);
}

/** Text with nothing in it that Markdown, HTML or GitHub reads as something else. Spaces at its ends stay. */
export function plain(text: string): string {
  const escaped = visible(text.replace(/\s+/g, ' ')).replace(/[\\`*_[\]<>|~&]/g, (character) => `\\${character}`);
  return unlinked(escaped).replace(/^( ?\d*)([#+.)-])(?= )/, '$1\\$2');
}

/** The longest run of backticks in a text, plus one, but `least` at least. */
function fence(text: string, least: number): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  return '`'.repeat(Math.max(least, longest + 1));
}

/**
 * Text as code within a line.
 *
 * @param where in a table's cell a pipe ends the cell, code or not (GFM, section 4.10), and behind a backslash there is no
 *   way to write one in code: there, text with a pipe is no code
 */
export function codeSpan(text: string, where: 'line' | 'cell' = 'line'): string {
  const line = oneLine(text);
  if (line === '') return '';
  if (where === 'cell' && line.includes('|')) return plain(line);
  const marks = line.includes('`') ? fence(line, 1) : '`';
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${marks}${pad}${line}${pad}${marks}`;
}

/** Text as a block of code. */
export function codeBlock(text: string, language: string): string {
  const marks = fence(text, 3);
  return `${marks}${language}\n${visibleLines(text)}\n${marks}`;
}

/** Text within HTML tags, where Markdown is not read. */
export function html(text: string): string {
  const escaped = oneLine(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return unlinked(escaped);
}
