// A long table of which only the rows in view are in the page, so that twenty thousand cost no more than twenty. One row
// is current; arrow keys move it. What stays out: what the rows say.
import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualizerOptions,
} from '@tanstack/virtual-core';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';

/** Height of a row in CSS pixels; the style sheet keeps to it. */
const rowHeight = 26;

/** Rows beyond the edges, so that scrolling shows no gap. */
const spare = 10;

interface Props {
  readonly id: string;
  readonly label: string;
  readonly columns: readonly string[];
  /** Style of the table's columns. */
  readonly kind: string;
  readonly count: number;
  /** Place of the current row; -1 for none. */
  readonly current: number;
  /** Cells of a row, one a column. */
  readonly cells: (place: number) => readonly ComponentChildren[];
  readonly toneOf: (place: number) => string;
  readonly onPick: (place: number) => void;
}

export function RowsGrid({ id, label, columns, kind, count, current, cells, toneOf, onPick }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [, redraw] = useReducer((drawn: number) => drawn + 1, 0);
  const options: VirtualizerOptions<HTMLDivElement, HTMLDivElement> = {
    count,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: spare,
    // The head is above the rows, and stays there.
    scrollMargin: rowHeight,
    scrollPaddingStart: 3 * rowHeight,
    scrollPaddingEnd: 2 * rowHeight,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => redraw(undefined),
    rangeExtractor: (range) => {
      const places = defaultRangeExtractor(range);
      // Readers ask for the current row by its name: it is there even when it is scrolled away.
      return current < 0 || current >= count || places.includes(current) ? places : [...places, current];
    },
  };
  const [rows] = useState(() => new Virtualizer(options));
  rows.setOptions(options);
  useLayoutEffect(() => rows._didMount(), []);
  useLayoutEffect(() => rows._willUpdate());
  useLayoutEffect(() => {
    if (current < 0) return;
    const [nearest] = rows.getOffsetForIndex(current, 'auto') ?? [];
    if (nearest !== rows.scrollOffset) rows.scrollToIndex(current, { align: 'center' });
  }, [current, count]);

  const onKey = (event: KeyboardEvent): void => {
    const move = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (move === 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    onPick(Math.max(0, Math.min(count - 1, current + move)));
  };

  return (
    <div
      ref={box}
      class={`tl-grid tl-grid-${kind}`}
      role="grid"
      aria-label={label}
      aria-rowcount={count + 1}
      aria-colcount={columns.length}
      aria-activedescendant={current >= 0 && current < count ? `${id}-${current}` : undefined}
      tabIndex={0}
      onKeyDown={onKey}
    >
      <div role="row" aria-rowindex={1} class="tl-row tl-row-head">
        {columns.map((column) => (
          <span key={column} role="columnheader">
            {column}
          </span>
        ))}
      </div>
      <div role="rowgroup" class="tl-rows" style={{ height: `${rows.getTotalSize()}px` }}>
        {rows.getVirtualIndexes().map((place) => (
          <div
            key={place}
            id={`${id}-${place}`}
            role="row"
            aria-rowindex={place + 2}
            aria-selected={place === current}
            class={`tl-row ${toneOf(place)}`}
            style={{ top: `${place * rowHeight}px` }}
            onClick={() => onPick(place)}
          >
            {cells(place).map((cell, column) => (
              <span key={columns[column]} role="gridcell" title={typeof cell === 'string' ? cell : undefined}>
                {cell}
              </span>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
