// Designs that passed everywhere, a column each, and the same as text to be copied into a thread. What stays out: which designs, and
// what is said of them (beside.ts).
import type { JSX } from 'preact';
import { besideText, designsBeside } from '../../beside.ts';
import { count } from '../../words.ts';
import { Block } from '../parts/copy-button.tsx';
import { type Report, rowIdOf } from '../report.ts';
import './ablation.css';

export function BesideView({ report }: { readonly report: Report }): JSX.Element | null {
  const beside = designsBeside(report.results);
  if (beside === undefined) return null;
  const { designs, more } = beside;
  return (
    <section id="beside" class="beside" aria-labelledby="beside-title">
      <h2 id="beside-title">
        Side by side <span class="rest">what did not fail anywhere</span>
      </h2>
      {more > 0 && <p class="soft small">{count(more, 'further design')} did not fail anywhere either.</p>}
      <div class="scroll" tabIndex={0} role="region" aria-label="Designs side by side">
        <table class="plain beside-table">
          <thead>
            <tr>
              <th scope="col">
                <span class="sr">What</span>
              </th>
              {designs.map(({ strategy }) => (
                <th key={strategy} scope="col">
                  <a href={`#${encodeURIComponent(rowIdOf(strategy))}`}>{strategy}</a>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">Evidence</th>
              {designs.map(({ strategy, evidence }) => (
                <td key={strategy}>{evidence}</td>
              ))}
            </tr>
            <tr>
              <th scope="row">Cost</th>
              {designs.map(({ strategy, cost }) => (
                <td key={strategy}>{cost}</td>
              ))}
            </tr>
            <tr>
              <th scope="row">To change</th>
              {designs.map(({ strategy, changes, as }) => (
                <td key={strategy}>
                  {as !== null && `as ${as}, but`}
                  {changes.length === 0 ? (
                    'nothing'
                  ) : (
                    <ul>
                      {changes.map(({ axis, to, says }) => (
                        <li key={axis}>
                          <b>
                            {axis}={to}
                          </b>{' '}
                          {says}
                        </li>
                      ))}
                    </ul>
                  )}
                </td>
              ))}
            </tr>
          </tbody>
        </table>
      </div>
      <Block text={besideText(beside, report.results)} label="The same as text, for a thread" />
    </section>
  );
}
