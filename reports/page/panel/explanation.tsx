// Why a cell fails, in sentences, in the order of the steps. A sentence leads to its step in the timeline. What stays out: the
// timeline.
import type { JSX } from 'preact';
import type { ResultCell } from '../../results.ts';

interface Props {
  readonly facts: ResultCell['explanation'];
  /** Shows a step in the timeline; undefined while there is none. */
  readonly goTo: ((step: number) => void) | undefined;
}

export function Explanation({ facts, goTo }: Props): JSX.Element | null {
  if (facts.length === 0) return null;
  return (
    <section class="explanation">
      <h3>Why</h3>
      <ol>
        {facts.map(({ step, sentence, kind }) => (
          <li key={`${String(step)} ${sentence}`} class={kind === 'violation' ? 'violated' : ''}>
            {step === null ? (
              <span class="step soft">run</span>
            ) : (
              <span class="step">
                <span class="sr">step </span>
                {step}
              </span>
            )}
            {step === null || goTo === undefined ? (
              <span class="sentence">{sentence}</span>
            ) : (
              <button
                type="button"
                class="sentence"
                onClick={() => goTo(step)}
                title={`Show step ${step} in the timeline`}
              >
                {sentence}
              </button>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
