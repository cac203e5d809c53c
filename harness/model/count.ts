// Numbers of things, for sentences.

/** `3 backups`, `1 backup`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
