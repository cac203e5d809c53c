// Cuts texts that are too long to show. What stays out: which texts.

/** At most `max` characters, the last one an ellipsis when something was cut. */
export function shortened(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
