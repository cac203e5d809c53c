// Two texts side by side, line by line: what both have, what only one has. Pure. What stays out: how a plan becomes lines.
import diffSequences from '@jest/diff-sequences';

/** @property left, right the line there; null where the text has none in this row */
export interface DiffRow {
  readonly left: string | null;
  readonly right: string | null;
}

/** The lines of both texts in order: equal ones in one row, and between those what only the left one has before the right. */
export function diff(left: readonly string[], right: readonly string[]): readonly DiffRow[] {
  const rows: DiffRow[] = [];
  let [row, column] = [0, 0];
  const apartUntil = (leftEnd: number, rightEnd: number): void => {
    rows.push(...left.slice(row, leftEnd).map((line) => ({ left: line, right: null })));
    rows.push(...right.slice(column, rightEnd).map((line) => ({ left: null, right: line })));
  };
  diffSequences(
    left.length,
    right.length,
    (one, other) => left[one] === right[other],
    (common, leftStart, rightStart) => {
      apartUntil(leftStart, rightStart);
      [row, column] = [leftStart + common, rightStart + common];
      rows.push(...left.slice(leftStart, row).map((line) => ({ left: line, right: line })));
    },
  );
  apartUntil(left.length, right.length);
  return rows;
}
