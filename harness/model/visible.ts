// Text from elsewhere (a file, a program's words), made safe to show: what a terminal, a log or a reader's eye would obey
// or not see becomes a visible escape. What stays out: the escapes of each format that reports are written in (reports/).

/**
 * Control characters (C0, DEL, C1), the line separators U+2028 and U+2029, format characters (those that turn the
 * direction of writing, and those without a width), lone halves of surrogate pairs, and what is no character. Nothing
 * that XML 1.0 cannot write is left (section 2.2).
 */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu;

function escaped(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
}

/** The text on one line: whatever is not seen, or moves the cursor, as an escape such as `\u001b`. */
export function visible(text: string): string {
  return text.replace(unseen, escaped);
}

/** As {@link visible}, with line feeds and tabs as they are: for text that has several lines of our own making. */
export function visibleLines(text: string): string {
  return text.replace(unseen, (character) => (/[\n\t]/.test(character) ? character : escaped(character)));
}

/** Has the text a character that {@link visible} turns into an escape? */
export function hasUnseen(text: string): boolean {
  return text.search(unseen) >= 0;
}

/**
 * A text as a sentence quotes it: in double quotes, visible, and cut where it is long.
 *
 * @param most characters that are shown
 */
export function quoted(text: string, most = 60): string {
  // Cut before it is looked at: a text may have megabytes.
  const shown = visible(text.slice(0, most)).slice(0, 2 * most);
  return text.length > most || shown.length === 2 * most ? `"${shown}…"` : `"${shown}"`;
}
