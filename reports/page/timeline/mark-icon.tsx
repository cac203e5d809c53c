// The shape of a kind of event as a small picture in the page: the same shape as on the canvas. What stays out: its name.
import type { TimelineEventKind } from '../../../harness/model/timeline.ts';
import { marks } from './marks.ts';

/** @param number what a fact's disc bears */
export function MarkIcon({ kind, number = null }: { kind: TimelineEventKind; number?: number | null }) {
  const { path, colour, line } = marks[kind];
  const paint = `var(--${colour})`;
  const sign = kind === 'violation' ? '!' : number === null ? '' : String(number);
  return (
    <svg class="tl-mark" viewBox="-1 -1 14 14" width="14" height="14" aria-hidden="true">
      <path
        d={path}
        fill={line === true ? 'none' : paint}
        stroke={line === true ? paint : 'none'}
        stroke-width="2.5"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
      {sign === '' ? null : (
        <text
          x="6"
          y="9.4"
          text-anchor="middle"
          font-size={sign.length > 1 ? 8 : 9.5}
          font-weight="700"
          fill="var(--surface)"
        >
          {sign}
        </text>
      )}
    </svg>
  );
}
