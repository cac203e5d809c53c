// Arrow keys in the matrix: from a cell to its neighbours. What stays out: which cell the Tab key reaches (matrix.tsx).

/** The links of a row, undefined where it has none, from the last column to the first: what a row starts with varies. */
function columnsOf(row: HTMLTableRowElement): readonly (HTMLAnchorElement | undefined)[] {
  return [...row.cells].map((cell) => cell.querySelector<HTMLAnchorElement>('a[data-cell]') ?? undefined).toReversed();
}

function isLink(link: HTMLAnchorElement | undefined): link is HTMLAnchorElement {
  return link !== undefined;
}

/**
 * Where a key leads to: past what is empty.
 *
 * @param from the link that has the focus
 * @returns undefined when the key means nothing here, or there is nothing in that direction
 */
export function neighbour(from: HTMLAnchorElement, key: string, control: boolean): HTMLAnchorElement | undefined {
  const rows = [...(from.closest('table')?.rows ?? [])].map(columnsOf);
  const place = rows.findIndex((row) => row.includes(from));
  const row = rows[place] ?? [];
  const column = row.indexOf(from);
  const below = rows.slice(place + 1).map((other) => other[column]);
  const above = rows.slice(0, place).map((other) => other[column]);
  const along = (control ? rows.flatMap((other) => other.toReversed()) : row.toReversed()).filter(isLink);
  switch (key) {
    case 'ArrowRight':
      return row.slice(0, column).findLast(isLink);
    case 'ArrowLeft':
      return row.slice(column + 1).find(isLink);
    case 'ArrowDown':
      return below.find(isLink);
    case 'ArrowUp':
      return above.findLast(isLink);
    case 'Home':
      return along[0];
    case 'End':
      return along.at(-1);
    default:
      return undefined;
  }
}
