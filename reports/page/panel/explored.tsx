// What the runs of a cell have explored: the ways in which lanes met, over runs, as a curve that flattens; and who touched what after
// whom, in both orders or in one only. What stays out: the estimators (harness/model/unseen.ts) and the sentences (explored-words.ts).
import type { JSX } from 'preact';
import { exploredWords } from '../../explored-words.ts';
import type { ResultCell } from '../../results.ts';
import { count, figure } from '../../words.ts';

type Explored = NonNullable<ResultCell['explored']>;

const width = 480;
const height = 90;

/** Runs on a logarithmic axis: what a plateau is, is seen there. */
function Curve({ curve, runs, meetings }: Explored): JSX.Element {
  const x = (n: number): number => (runs <= 1 ? 0 : (Math.log(n) / Math.log(runs)) * width);
  const y = (n: number): number => height - (n / Math.max(1, meetings.seen)) * height;
  const points = curve.map(([n, seen]) => `${x(n).toFixed(1)},${y(seen).toFixed(1)}`).join(' ');
  const label = curve.map(([n, seen]) => `${figure(seen)} after ${count(n, 'run')}`).join(', ');
  return (
    <figure class="explored">
      <svg viewBox={`-4 -6 ${width + 8} ${height + 12}`} role="img" aria-label={`Ways to meet: ${label}`}>
        <line class="axis-line" x1="0" x2={width} y1={height} y2={height} />
        <polyline class="curve" points={points} />
        {curve.map(([n, seen]) => (
          <circle key={n} class="dot" cx={x(n)} cy={y(seen)} r="2.5">
            <title>{`${figure(seen)} ways to meet after ${count(n, 'run')}`}</title>
          </circle>
        ))}
      </svg>
      <figcaption class="soft small">
        Ways in which lanes met ({figure(meetings.seen)} at the end), after 1 to {count(runs, 'run')}, on a logarithmic
        axis.
      </figcaption>
    </figure>
  );
}

/** Two lanes at one file, and in how many runs each came after the other. */
interface Both {
  readonly file: string;
  readonly one: string;
  readonly other: string;
  readonly first: number;
  readonly second: number;
}

function bothOrders(pairs: Explored['pairs']): readonly Both[] {
  const runsOf = (file: string, before: string, after: string): number =>
    pairs.find((pair) => pair.file === file && pair.before === before && pair.after === after)?.runs ?? 0;
  const names = new Map(
    pairs.map(({ file, before, after }) => {
      const [one, other] = before < after ? [before, after] : [after, before];
      return [`${file}\t${one}\t${other}`, { file, one, other }];
    }),
  );
  return [...names.values()].map(({ file, one, other }) => ({
    file,
    one,
    other,
    first: runsOf(file, one, other),
    second: runsOf(file, other, one),
  }));
}

function Orders({ pairs, runs }: Pick<Explored, 'pairs' | 'runs'>): JSX.Element | null {
  const rows = bothOrders(pairs);
  if (rows.length === 0) return null;
  return (
    <details>
      <summary>Who came after whom</summary>
      <div class="scroll">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">File</th>
              <th scope="col">Lanes, one and other</th>
              <th scope="col" class="number">
                Other after one, in runs
              </th>
              <th scope="col" class="number">
                One after other
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ file, one, other, first, second }) => (
              <tr key={`${file} ${one} ${other}`}>
                <th scope="row">{file === '' ? 'messages and what is said' : file}</th>
                <td>
                  {one}, {other}
                </td>
                <td class="number">{first === 0 ? 'not seen' : figure(first)}</td>
                <td class="number">{second === 0 ? 'not seen' : figure(second)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="soft small">
        Of {count(runs, 'run')}. One lane comes after another at a file when it touches what the other has touched
        before it, and one of the two changes it. At most 100 orders are kept, the most frequent ones.
      </p>
    </details>
  );
}

export function ExploredView({ cell: { explored } }: { readonly cell: ResultCell }): JSX.Element | null {
  if (explored === null || explored.meetings.seen === 0) return null;
  return (
    <section>
      <h3>What the runs explored</h3>
      <Curve {...explored} />
      {exploredWords(explored).map((sentence) => (
        <p key={sentence} class="small">
          {sentence.charAt(0).toUpperCase() + sentence.slice(1)}.
        </p>
      ))}
      <Orders pairs={explored.pairs} runs={explored.runs} />
    </section>
  );
}
