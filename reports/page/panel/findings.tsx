// What is known of a cell as tables: invariants violated, symptoms, claims, marks. What stays out: the verdict's sentences.
import type { JSX } from 'preact';
import { outcomeWord } from '../../../harness/model/judge-claim.ts';
import type { ResultCell } from '../../results.ts';
import { cellOf, figure, notShown, notShownWords } from '../../words.ts';
import { Outcome } from '../parts/outcome.tsx';
import { Term } from '../parts/terms.tsx';
import { type Report, triesOf } from '../report.ts';

interface Props {
  readonly report: Report;
  readonly cell: ResultCell;
}

export function Violations({ report, cell }: Props): JSX.Element | null {
  const { violations, hazards } = cell;
  const others = notShown(cell);
  if (violations.length + others.length + hazards.length === 0) return null;
  return (
    <section>
      {violations.length + others.length > 0 && (
        <>
          <h3>Violated</h3>
          <dl class="violations">
            {[...Map.groupBy(violations, ({ invariant }) => invariant)].map(([invariant, all]) => (
              <>
                <dt>{invariant}</dt>
                {report.says.has(invariant) && <dd class="soft">Must hold: {report.says.get(invariant)}.</dd>}
                {all.map(({ message, step }) => (
                  <dd key={message}>
                    {message}
                    {step !== null && <span class="soft"> At step {step}.</span>}
                  </dd>
                ))}
              </>
            ))}
            {others.map((one) => (
              <>
                <dt>{one.name}</dt>
                {report.says.has(one.name) && <dd class="soft">Must hold: {report.says.get(one.name)}.</dd>}
                <dd>{notShownWords(one)}</dd>
              </>
            ))}
          </dl>
        </>
      )}
      {hazards.length > 0 && (
        <p class="hazards">
          <b>
            <Term name="hazard">Hazards</Term> met
          </b>{' '}
          {hazards.map((name, place) => (
            <>
              {place > 0 && ', '}
              <span title={report.says.get(name)}>{name}</span>
            </>
          ))}
          <span class="soft"> (no harm by themselves)</span>
        </p>
      )}
    </section>
  );
}

export function Symptoms({ cell: { symptoms } }: { readonly cell: ResultCell }): JSX.Element | null {
  if (symptoms.length === 0) return null;
  return (
    <section>
      <h3>Reported against seen</h3>
      <div class="scroll">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">The report says</th>
              <th scope="col">In this run</th>
              <th scope="col">By what</th>
            </tr>
          </thead>
          <tbody>
            {symptoms.map(({ reported, seen, staged, evidence }) => (
              <tr key={reported}>
                <td>{reported}</td>
                <td>
                  <Outcome good={seen ? true : null}>
                    {seen ? 'seen' : staged === null ? 'not seen' : <Term name="staged">staged</Term>}
                  </Outcome>
                </td>
                <td class="soft">
                  {evidence}
                  {staged !== null && ` (Not counted as seen: ${staged}.)`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

export function Claims({ report, cell }: Props): JSX.Element | null {
  const claims = report.results.claims.filter((claim) => cellOf(claim, [cell]) !== undefined);
  if (claims.length === 0) return null;
  return (
    <section>
      <h3>Claims about this cell</h3>
      <ul class="claims">
        {claims.map(({ claim, source, outcome, tried, evidence }) => (
          <li key={claim}>
            <Outcome good={outcome === 'confirmed' ? true : outcome === 'refuted' ? false : null}>
              {outcomeWord({ outcome, tried })}
            </Outcome>{' '}
            <q>{claim}</q> <span class="soft">{source}</span>
            <br />
            <span class="soft">{evidence}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Marks({ report, cell }: Props): JSX.Element | null {
  const marks = Object.entries(cell.marks);
  if (marks.length === 0) return null;
  const window = cell.window ?? report.scenarios.find(({ name }) => name === cell.scenario)?.window;
  return (
    <section>
      <h3>Marks</h3>
      <div class="scroll">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Mark</th>
              <th scope="col" class="number">
                Reached in, of runs and replays
              </th>
              <th scope="col">What it is</th>
            </tr>
          </thead>
          <tbody>
            {marks.map(([name, reached]) => (
              <tr key={name}>
                <th scope="row">
                  {name}
                  {name === window && <span class="soft"> (the window)</span>}
                </th>
                <td class="number">
                  {figure(reached)} of {figure(triesOf(cell))}
                </td>
                <td class="soft">{report.says.get(name)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
