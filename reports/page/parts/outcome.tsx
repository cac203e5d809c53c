// A yes, a no or an open question, as word and sign. What stays out: verdicts (icon.tsx).
import type { ComponentChildren, JSX } from 'preact';

interface Props {
  /** null: not known */
  readonly good: boolean | null;
  readonly children: ComponentChildren;
}

export function Outcome({ good, children }: Props): JSX.Element {
  const sign = good === null ? '–' : good ? '✓' : '✕';
  const kind = good === null ? 'open' : good ? 'yes' : 'no';
  return (
    <span class={`outcome ${kind}`}>
      <span aria-hidden="true">{sign}</span> {children}
    </span>
  );
}
