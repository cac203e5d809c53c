// What a process printed before its end, as part of a sentence.

/** Lines of a log that a sentence may have: the first say what happened, the last where. */
const headLines = 8;
const tailLines = 16;

/** What a broken process printed, short enough for a sentence that begins with something else; begins with `before`. */
export function lastWords(log: string, before = '; it said:\n'): string {
  const lines = log.trim().split('\n');
  const gap = lines.length - headLines - tailLines;
  const kept =
    gap <= 1
      ? lines
      : [...lines.slice(0, headLines), `… ${gap} more lines …`, ...lines.slice(lines.length - tailLines)];
  return log.trim() === '' ? '.' : `${before}${kept.join('\n')}`;
}
