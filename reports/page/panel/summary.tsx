// The verdict of a cell in sentences, and its numbers. What stays out: what was violated, and why.
import type { JSX } from 'preact';
import type { ResultCell } from '../../results.ts';
import { count, figure, percent, replaysLeft, whyInconclusive } from '../../words.ts';
import { duration } from '../quantities.ts';
import type { Report } from '../report.ts';

function reachedWords({ reached, runs, reachedByReplay }: ResultCell): string {
  const replays = reachedByReplay === 0 ? '' : ` and in ${count(reachedByReplay, 'replay')}`;
  return `in ${figure(reached)} of ${count(runs, 'run')}${replays}`;
}

function passWords(cell: ResultCell): string {
  const { runs, replayed, upperBound } = cell;
  const replays = replayed === 0 ? '' : ` and ${count(replayed, 'replay')} of shipped plans`;
  const start = `Did not fail in ${count(runs, 'run')}${replays}. The dangerous window was reached ${reachedWords(cell)}.`;
  if (upperBound === null) return `${start} No random run reached it, so no bound can be given.`;
  return `${start} With 95 % confidence a random run fails at most in ${percent(upperBound)} of cases; it is not shown that it never does.`;
}

function failWords({ how, shipped, runs, failedRun, replayed, violations }: ResultCell): string {
  const what = new Set(violations.map(({ invariant }) => invariant)).size;
  const harm = `${count(what, 'invariant')} violated`;
  if (how === 'shipped') return `Failed: ${harm} by a shipped plan${shipped === null ? '' : `, ${shipped}`}.`;
  const replays = replayed === 0 ? '' : `, after ${count(replayed, 'replay')} of shipped plans`;
  const run = failedRun === null ? `random search within ${count(runs, 'run')}` : `random run ${figure(failedRun)}`;
  return `Failed: ${harm}, found by ${run}${replays}.`;
}

const words: Readonly<Record<ResultCell['verdict'], (cell: ResultCell) => string>> = {
  fail: failWords,
  pass: passWords,
  inconclusive: whyInconclusive,
  error: ({ error }) =>
    `The harness itself failed, so this cell says nothing: ${error?.message ?? 'no reason was kept.'}`,
};

export function Summary({ report, cell }: { readonly report: Report; readonly cell: ResultCell }): JSX.Element {
  const scenario = report.scenarios.find(({ name }) => name === cell.scenario);
  const strategy = report.strategies.find(({ name }) => name === cell.strategy);
  const facts: readonly (readonly [string, string])[] = [
    ['Runs', `${figure(cell.runs)}${cell.replayed === 0 ? '' : ` and ${count(cell.replayed, 'replay')}`}`],
    ['Window reached', cell.verdict === 'error' ? '' : reachedWords(cell).replace('in ', '')],
    ['Bound', cell.upperBound === null ? '' : `≤ ${percent(cell.upperBound)} (95 %)`],
    ['Steps', cell.steps === 0 ? '' : figure(cell.steps)],
    ['Time', duration(cell.seconds)],
    ['Error', cell.error?.code ?? ''],
    ['Trace hash', cell.hash?.slice(0, 16) ?? ''],
  ];
  const left = replaysLeft(cell);
  return (
    <section class="summary">
      <p class="verdict-words">{words[cell.verdict](cell)}</p>
      {left !== undefined && <p class="soft">{left}</p>}
      <dl class="numbers">
        {facts
          .filter(([, value]) => value !== '')
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd class={name === 'Trace hash' || name === 'Error' ? 'mono' : ''}>{value}</dd>
            </div>
          ))}
      </dl>
      <dl class="about-cell">
        {scenario !== undefined && scenario.says !== '' && (
          <>
            <dt>{cell.scenario}</dt>
            <dd>
              {scenario.says} <span class="soft">({scenario.source})</span>
            </dd>
          </>
        )}
        {strategy !== undefined && strategy.says !== '' && (
          <>
            <dt>{cell.strategy}</dt>
            <dd>{strategy.says}</dd>
          </>
        )}
      </dl>
    </section>
  );
}
