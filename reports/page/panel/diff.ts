// Two texts side by side, line by line: what both have, what only one has. Pure. What stays out: how a plan becomes lines.

/** @property left, right the line there; null where the text has none in this row */
export interface DiffRow {
  readonly left: string | null;
  readonly right: string | null;
}

/** Longest common subsequence by dynamic programming; plans are some hundred lines, whose square is still small. */
const tableMax = 16_000_000;

function lengths(left: readonly string[], right: readonly string[]): Uint16Array {
  const width = right.length + 1;
  const table = new Uint16Array((left.length + 1) * width);
  for (let row = left.length - 1; row >= 0; row -= 1) {
    for (let column = right.length - 1; column >= 0; column -= 1) {
      const here = row * width + column;
      const below = table[here + width] ?? 0;
      const beside = table[here + 1] ?? 0;
      table[here] = left[row] === right[column] ? (table[here + width + 1] ?? 0) + 1 : Math.max(below, beside);
    }
  }
  return table;
}

function middleOf(left: readonly string[], right: readonly string[]): DiffRow[] {
  const width = right.length + 1;
  if ((left.length + 1) * width > tableMax) {
    return [
      ...left.map((line) => ({ left: line, right: null })),
      ...right.map((line) => ({ left: null, right: line })),
    ];
  }
  const table = lengths(left, right);
  const rows: DiffRow[] = [];
  let row = 0;
  let column = 0;
  while (row < left.length || column < right.length) {
    const [one, other] = [left[row] ?? null, right[column] ?? null];
    const below = table[(row + 1) * width + column] ?? 0;
    const beside = table[row * width + column + 1] ?? 0;
    if (one !== null && one === other) {
      rows.push({ left: one, right: other });
      row += 1;
      column += 1;
    } else if (other === null || (one !== null && below >= beside)) {
      rows.push({ left: one, right: null });
      row += 1;
    } else {
      rows.push({ left: null, right: other });
      column += 1;
    }
  }
  return rows;
}

/** The lines of both texts in order, equal ones in one row. */
export function diff(left: readonly string[], right: readonly string[]): readonly DiffRow[] {
  const least = Math.min(left.length, right.length);
  let start = 0;
  while (start < least && left[start] === right[start]) start += 1;
  let end = 0;
  while (end < least - start && left.at(-1 - end) === right.at(-1 - end)) end += 1;
  const same = (line: string): DiffRow => ({ left: line, right: line });
  return [
    ...left.slice(0, start).map(same),
    ...middleOf(left.slice(start, left.length - end), right.slice(start, right.length - end)),
    ...left.slice(left.length - end).map(same),
  ];
}
