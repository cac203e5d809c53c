// Verdicts as shapes that differ in outline, so that no one depends on colour. What stays out: the words beside them.
import type { JSX } from 'preact';
import { type Verdict, verdictWords } from '../report.ts';

/** The shapes, once in the page; {@link Icon} refers to them. */
export function Symbols(): JSX.Element {
  return (
    <svg class="symbols" width="0" height="0" aria-hidden="true">
      <symbol id="icon-fail" viewBox="0 0 12 12">
        <path d="M2 2l8 8M10 2l-8 8" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" />
      </symbol>
      <symbol id="icon-pass" viewBox="0 0 12 12">
        <circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" stroke-width="1.6" />
      </symbol>
      <symbol id="icon-inconclusive" viewBox="0 0 12 12">
        <path
          d="M1.4 6a4.6 4.6 0 0 1 9.2 0M10.6 6a4.6 4.6 0 0 1-9.2 0"
          fill="none"
          stroke="currentColor"
          stroke-width="1.6"
          stroke-dasharray="2.2 2.6"
        />
        <path d="M4 6h4" stroke="currentColor" stroke-width="1.6" />
      </symbol>
      <symbol id="icon-error" viewBox="0 0 12 12">
        <path d="M6 1L11.6 11H.4z" fill="currentColor" />
        <path d="M6 4.4v3M6 8.6v1.2" stroke="var(--surface)" stroke-width="1.3" />
      </symbol>
    </svg>
  );
}

export function Icon({ verdict }: { readonly verdict: Verdict }): JSX.Element {
  return (
    <svg class={`icon ${verdict}`} width="12" height="12" aria-hidden="true">
      <use href={`#icon-${verdict}`} />
    </svg>
  );
}

/** A verdict as shape and word. */
export function VerdictMark({ verdict }: { readonly verdict: Verdict }): JSX.Element {
  return (
    <span class={`verdict ${verdict}`}>
      <Icon verdict={verdict} />
      {verdictWords[verdict]}
    </span>
  );
}
