// Arrow keys in the matrix: from a cell to its neighbours, through the engines that are stacked in one. What stays out: which
// cell the Tab key reaches (matrix.tsx).

const links = (cell: Element | undefined): readonly HTMLAnchorElement[] =>
  cell === undefined ? [] : [...cell.querySelectorAll<HTMLAnchorElement>('a[data-cell]')];

/** The nearest cell with something in it, from `start` on, `by` columns at a time. */
function sideways(row: HTMLTableRowElement, start: number, by: 1 | -1): HTMLTableCellElement | undefined {
  for (let column = start; column >= 0 && column < row.cells.length; column += by) {
    const cell = row.cells[column];
    if (links(cell).length > 0) return cell;
  }
  return undefined;
}

/** The nearest cell of the same column with something in it, above or below. */
function vertically(row: HTMLTableRowElement, column: number, down: boolean): HTMLTableCellElement | undefined {
  const next = (from: Element): Element | null => (down ? from.nextElementSibling : from.previousElementSibling);
  for (let other = next(row); other instanceof HTMLTableRowElement; other = next(other)) {
    const cell = other.cells[column];
    if (links(cell).length > 0) return cell;
  }
  return undefined;
}

/**
 * Where a key leads to.
 *
 * @param from the link that has the focus
 * @returns undefined when the key means nothing here, or there is nothing in that direction
 */
export function neighbour(from: HTMLAnchorElement, key: string, control: boolean): HTMLAnchorElement | undefined {
  const cell = from.closest('td');
  const row = cell?.parentElement;
  if (cell === null || !(row instanceof HTMLTableRowElement)) return undefined;
  const own = links(cell);
  const place = own.indexOf(from);
  const beside = (other: HTMLTableCellElement | undefined): HTMLAnchorElement | undefined =>
    links(other).find(({ dataset }) => dataset['engine'] === from.dataset['engine']) ?? links(other)[0];
  switch (key) {
    case 'ArrowRight':
      return beside(sideways(row, cell.cellIndex + 1, 1));
    case 'ArrowLeft':
      return beside(sideways(row, cell.cellIndex - 1, -1));
    case 'ArrowDown':
      return own[place + 1] ?? links(vertically(row, cell.cellIndex, true))[0];
    case 'ArrowUp':
      return own[place - 1] ?? links(vertically(row, cell.cellIndex, false)).at(-1);
    case 'Home':
      return control
        ? (from.closest('tbody')?.querySelector<HTMLAnchorElement>('a[data-cell]') ?? undefined)
        : beside(sideways(row, 0, 1));
    case 'End':
      return control
        ? [...(from.closest('tbody')?.querySelectorAll<HTMLAnchorElement>('a[data-cell]') ?? [])].at(-1)
        : beside(sideways(row, row.cells.length - 1, -1));
    default:
      return undefined;
  }
}
