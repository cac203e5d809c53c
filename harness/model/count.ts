// Numbers of things, for sentences.

/** `3 backups`, `1 backup`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** A figure with so many digits that mean something, whole ones kept: `0.012`, `1.2`, `123`, `8151`. */
export function rounded(value: number, digits: number): string {
  return value >= 10 ** (digits - 1) ? String(Math.round(value)) : String(Number(value.toPrecision(digits)));
}
