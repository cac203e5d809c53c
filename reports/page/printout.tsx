// What paper gets besides the page: every verdict as a table, and why the failing cells fail. It is made when the page has
// come to rest, so that it costs nobody time who only looks. What stays out: the style (print.css).
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { percent } from '../../harness/model/percent.ts';
import type { ResultCell } from '../results.ts';
import { figure, foundBy, keyOf, missingWords, nameOf, notShown, notShownWords, violated } from '../words.ts';
import { VerdictMark } from './parts/icon.tsx';
import { changeOf, type Report } from './report.ts';

function worthOf(cell: ResultCell, bound: number): string {
  if (cell.error !== null) return cell.error.code;
  if (cell.verdict === 'fail') return `${violated(cell).join(', ')}; ${foundBy(cell)}`;
  if (cell.upperBound === null) return missingWords(cell, bound);
  return `≤ ${percent(cell.upperBound)} in the window, ≤ ${percent(cell.upperBoundAllRuns ?? 1)} of all runs`;
}

function Verdicts({ report }: { readonly report: Report }): JSX.Element {
  return (
    <table class="plain print-verdicts">
      <caption>All verdicts</caption>
      <thead>
        <tr>
          <th scope="col">Scenario</th>
          <th scope="col">Strategy</th>
          <th scope="col">SQLite</th>
          <th scope="col">Verdict</th>
          <th scope="col">Bound, or what was violated</th>
          <th scope="col" class="number">
            Runs
          </th>
          <th scope="col" class="number">
            In window
          </th>
        </tr>
      </thead>
      <tbody>
        {report.results.cells.map((cell) => (
          <tr key={keyOf(cell)}>
            <td>{cell.scenario}</td>
            <td>{cell.strategy}</td>
            <td>{cell.engine}</td>
            <td>
              <VerdictMark verdict={cell.verdict} />
              {changeOf(report, cell) !== undefined && ` (${changeOf(report, cell) ?? ''})`}
            </td>
            <td>{worthOf(cell, report.results.about.bound)}</td>
            <td class="number">{figure(cell.runs)}</td>
            <td class="number">{figure(cell.reached)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Failure({ cell }: { readonly cell: ResultCell }): JSX.Element {
  return (
    <section class="print-failure">
      <h3>{nameOf(cell)}</h3>
      <ul>
        {[...Map.groupBy(cell.violations, ({ invariant }) => invariant)].map(([invariant, all]) => (
          <li key={invariant}>
            <b>{invariant}</b> {all.map(({ message }) => message).join('; ')}
          </li>
        ))}
        {notShown(cell).map((one) => (
          <li key={one.name}>
            <b>{one.name}</b> {notShownWords(one)}
          </li>
        ))}
      </ul>
      <ol>
        {cell.explanation.map(({ step, sentence }) => (
          <li key={sentence} value={undefined}>
            {step !== null && <b>{step}</b>} {sentence}
          </li>
        ))}
      </ol>
      {cell.plan !== null && <p class="mono">{cell.plan}</p>}
    </section>
  );
}

export function Printout({ report }: { readonly report: Report }): JSX.Element | null {
  const [ready, setReady] = useState(false);
  useEffect(() => {
    const waiting = setTimeout(() => setReady(true), 300);
    const now = (): void => setReady(true);
    addEventListener('beforeprint', now);
    return () => {
      clearTimeout(waiting);
      removeEventListener('beforeprint', now);
    };
  }, []);
  if (!ready) return null;
  const failing = report.results.cells.filter(({ verdict }) => verdict === 'fail');
  return (
    <div class="printout">
      <Verdicts report={report} />
      {failing.length > 0 && <h2>Why they fail</h2>}
      {failing.map((cell) => (
        <Failure key={keyOf(cell)} cell={cell} />
      ))}
    </div>
  );
}
