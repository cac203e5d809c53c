// A strategy taken apart: a row a part that was taken away or a value that was put in, what came of it, and what it costs. What stays
// out: the outcomes (ablation.ts) and the words (ablation-words.ts).
import type { JSX } from 'preact';
import {
  againstWords,
  evidenceWords,
  oneAtATime,
  outcomeOfVariant,
  skippedWords,
  variantName,
} from '../../ablation-words.ts';
import { costBeside } from '../../cost-words.ts';
import type { ResultVariant } from '../../results.ts';
import { count } from '../../words.ts';
import { Icon } from '../parts/icon.tsx';
import { hrefOf, type Report, rowIdOf, type Verdict } from '../report.ts';
import './ablation.css';

/** The shape of each outcome: that of the verdict which it comes from. */
const shapes: Readonly<Record<ResultVariant['outcome'], Verdict>> = {
  fails: 'fail',
  gains: 'pass',
  alike: 'pass',
  unclear: 'inconclusive',
};

function Outcome({ variant }: { readonly variant: ResultVariant }): JSX.Element {
  const shape = shapes[variant.outcome];
  return (
    <span class={`verdict ${shape}`}>
      <Icon verdict={shape} />
      {outcomeOfVariant(variant)}
    </span>
  );
}

function Places({ variant, places }: { readonly variant: ResultVariant; readonly places: ResultVariant['against'] }) {
  return (
    <ul>
      {places.map((place) => (
        <li key={`${place.scenario} ${place.engine}`}>
          <a href={hrefOf({ ...place, strategy: variant.strategy })}>{place.scenario}</a>
          {againstWords(place).slice(place.scenario.length)}
        </li>
      ))}
    </ul>
  );
}

function Row({
  report,
  variant,
  whole,
}: {
  readonly report: Report;
  readonly variant: ResultVariant;
  readonly whole: string;
}) {
  const { changes, against, gains, strategy } = variant;
  return (
    <tr>
      <th scope="row">
        <a href={`#${encodeURIComponent(rowIdOf(strategy))}`}>{variantName(variant)}</a>
        {changes.map(({ axis, from, to, says }) => (
          <span key={axis} class="soft what">
            {axis}: {from} → {to}, {says}
          </span>
        ))}
      </th>
      <td>
        <Outcome variant={variant} />
      </td>
      <td>
        <Places variant={variant} places={against} />
        {gains.length > 0 && (
          <>
            <p>Where the whole fails and this passes:</p>
            <Places variant={variant} places={gains} />
          </>
        )}
        <p class={against.length > 0 ? 'soft' : ''}>{evidenceWords(variant)}</p>
      </td>
      <td class="cost">{costBeside(strategy, whole, report.results.costs) ?? 'not measured'}</td>
    </tr>
  );
}

interface TableProps {
  readonly report: Report;
  readonly whole: string;
  readonly title: string;
  readonly variants: readonly ResultVariant[];
}

function Table({ report, whole, title, variants }: TableProps): JSX.Element | null {
  if (variants.length === 0) return null;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={title}>
      <table class="plain ablation-table">
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">Change</th>
            <th scope="col">Outcome</th>
            <th scope="col">Against what, or how sure</th>
            <th scope="col">Cost beside {whole}</th>
          </tr>
        </thead>
        <tbody>
          {variants.map((variant) => (
            <Row key={variant.strategy} report={report} variant={variant} whole={whole} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The worst first; else as listed. */
const worst: readonly ResultVariant['outcome'][] = ['fails', 'gains', 'unclear', 'alike'];

export function AblationView({ report }: { readonly report: Report }): JSX.Element | null {
  const { ablation } = report.results;
  if (ablation === undefined) return null;
  const { strategy, variants, skipped } = ablation;
  const of = (kind: ResultVariant['kind']): readonly ResultVariant[] =>
    variants
      .filter((variant) => variant.kind === kind)
      .toSorted((a, b) => worst.indexOf(a.outcome) - worst.indexOf(b.outcome));
  return (
    <section id="ablation" class="ablation" aria-labelledby="ablation-title">
      <h2 id="ablation-title">
        {strategy} <span class="rest">taken apart</span>
      </h2>
      <p class="soft small">{oneAtATime}</p>
      <Table report={report} whole={strategy} title="Without each of its parts" variants={of('removal')} />
      <Table report={report} whole={strategy} title="With each other value" variants={of('addition')} />
      {skipped.length > 0 && (
        <details>
          <summary>Not run, since they contradict themselves: {count(skipped.length, 'variant')}</summary>
          <ul class="small">
            {skippedWords(ablation).map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
