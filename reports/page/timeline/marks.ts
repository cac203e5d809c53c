// The shapes of events, each its own: as paths in a box of 12 by 12, so that the picture and the legend draw the same
// ones. What stays out: where they are drawn.
import type { TimelineEventKind } from '../../../harness/model/timeline.ts';

/**
 * @property path SVG path data in a box of 12 by 12 @property colour name of a custom property, without its dashes
 * @property line stroked, not filled
 */
export interface Mark {
  readonly path: string;
  readonly colour: 'fail' | 'text' | 'unsure' | 'accent' | 'pass' | 'text-soft';
  readonly line?: true;
}

export const marks: { readonly [kind in TimelineEventKind]: Mark } = {
  // An octagon, as a stop sign.
  violation: { path: 'M3.5 0H8.5L12 3.5V8.5L8.5 12H3.5L0 8.5V3.5Z', colour: 'fail' },
  // A cross.
  death: { path: 'M2 2L10 10M10 2L2 10', colour: 'text', line: true },
  // A lozenge.
  error: { path: 'M6 0L12 6L6 12L0 6Z', colour: 'fail' },
  // A bolt.
  fault: { path: 'M7.5 0L1.5 7H5.5L4.5 12L10.5 5H6.5Z', colour: 'unsure' },
  // A disc that bears its number.
  fact: { path: 'M6 0A6 6 0 1 1 6 12A6 6 0 1 1 6 0Z', colour: 'accent' },
  // A ring, empty where the fact's disc is full.
  link: { path: 'M6 1A5 5 0 1 1 6 11A5 5 0 1 1 6 1Z', colour: 'accent', line: true },
  // A tick.
  commit: { path: 'M1.5 6.5L4.8 9.8L10.5 2.5', colour: 'pass', line: true },
  // A wedge.
  preemption: { path: 'M2 1L10 6L2 11Z', colour: 'text-soft' },
};
