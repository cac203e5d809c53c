// What the shapes and bands mean. Kinds of events are switches: a hidden kind is neither drawn nor stepped to. What stays
// out: drawing.
import type { TimelineEventKind } from '../../../harness/model/timeline.ts';
import { figure } from '../../words.ts';
import { MarkIcon } from './mark-icon.tsx';
import { eventKinds, kindNames, type Model } from './model.ts';

const bands: readonly (readonly [name: string, says: string])[] = [
  ['shared', 'shared'],
  ['reserved', 'reserved, pending'],
  ['exclusive', 'exclusive'],
  ['lost', 'lost: believed, not held'],
  ['deleted', 'deleted, still open'],
];

interface Props {
  readonly model: Model;
  readonly hidden: ReadonlySet<TimelineEventKind>;
  readonly onToggle: (kind: TimelineEventKind) => void;
}

export function Legend({ model, hidden, onToggle }: Props) {
  const count = (kind: TimelineEventKind): number => model.events.filter((event) => event.kind === kind).length;
  return (
    <div class="tl-legend">
      <div role="group" aria-label="Events shown" class="tl-legend-part">
        {eventKinds
          .filter((kind) => count(kind) > 0)
          .map((kind) => (
            <button
              key={kind}
              type="button"
              class="tl-kind"
              aria-pressed={!hidden.has(kind)}
              onClick={() => onToggle(kind)}
            >
              <MarkIcon kind={kind} />
              {kindNames[kind]} <span class="tl-count">{figure(count(kind))}</span>
            </button>
          ))}
      </div>
      <ul aria-label="Bands" class="tl-legend-part tl-bands">
        {bands.map(([name, says]) => (
          <li key={name}>
            <span class={`tl-swatch tl-swatch-${name}`} aria-hidden="true" />
            {says}
          </li>
        ))}
      </ul>
    </div>
  );
}
