// What power losses in recorded runs came to: a row a cell, a column a file system. What stays out: the words (power-words.ts).
import type { JSX } from 'preact';
import { powerSays, powerTable } from '../power-words.ts';
import type { Report } from './report.ts';

export function PowerView({ report }: { readonly report: Report }): JSX.Element | null {
  const table = powerTable(report.results);
  if (table === undefined) return null;
  return (
    <section id="power" class="told">
      <h2>Power losses</h2>
      {powerSays.map((sentence) => (
        <p>{sentence}</p>
      ))}
      <div class="scroll">
        <table class="plain">
          <thead>
            <tr>
              {table.head.map((name) => (
                <th scope="col">{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row) => (
              <tr>
                {row.map((text) => (
                  <td>{text}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
