// The verdict of a cell in sentences, and its numbers. What stays out: what was violated, and why.
import type { JSX } from 'preact';
import { noticedSays } from '../../../harness/model/noticed.ts';
import { percent } from '../../../harness/model/percent.ts';
import type { ResultCell } from '../../results.ts';
import {
  byMemory,
  bySearch,
  count,
  figure,
  howFound,
  invariantsWords,
  replaysLeft,
  violated,
  whyInconclusive,
} from '../../words.ts';
import { Term, type TermName } from '../parts/terms.tsx';
import { duration } from '../quantities.ts';
import type { Report } from '../report.ts';

function reachedWords({ reached, runs, reachedByReplay }: ResultCell): string {
  const replays = reachedByReplay === 0 ? '' : ` and in ${count(reachedByReplay, 'replay')}`;
  return `in ${figure(reached)} of ${count(runs, 'run')}${replays}`;
}

function passWords(cell: ResultCell): string {
  const { runs, replayed, upperBound, upperBoundAllRuns } = cell;
  const replays = replayed === 0 ? '' : ` and ${count(replayed, 'replay')} of shipped plans`;
  const start = `Did not fail in ${count(runs, 'run')}${replays}. The dangerous window was reached ${reachedWords(cell)}.`;
  const rates = `a random run in the window fails at most in ${percent(upperBound ?? 1)} of cases, any random run in ${percent(upperBoundAllRuns ?? 1)}`;
  return `${start} With 95 % confidence ${rates}; it is not shown that it never does.`;
}

function failWords(cell: ResultCell): string {
  return `Failed: ${count(violated(cell).length, 'invariant')} violated. ${howFound(cell)}`;
}

const words: Readonly<Record<ResultCell['verdict'], (cell: ResultCell, bound: number) => string>> = {
  fail: failWords,
  pass: passWords,
  inconclusive: whyInconclusive,
  error: ({ error }) =>
    `The harness itself failed, so this cell says nothing: ${error?.message ?? 'no reason was kept.'}`,
};

export function Summary({ report, cell }: { readonly report: Report; readonly cell: ResultCell }): JSX.Element {
  const scenario = report.scenarios.find(({ name }) => name === cell.scenario);
  const strategy = report.strategies.find(({ name }) => name === cell.strategy);
  const facts: readonly (readonly [name: string, value: string, term?: TermName])[] = [
    ['Runs', `${figure(cell.runs)}${cell.replayed === 0 ? '' : ` and ${count(cell.replayed, 'replay')}`}`],
    ['Window reached', cell.verdict === 'error' ? '' : reachedWords(cell).replace('in ', ''), 'window'],
    ['By search', cell.verdict === 'fail' ? bySearch(cell) : '', 'search'],
    ['By memory', cell.verdict === 'fail' ? byMemory(cell) : '', 'memory'],
    ['Bound in the window', cell.upperBound === null ? '' : `≤ ${percent(cell.upperBound)} (95 %)`, 'bound'],
    [
      'Bound on all runs',
      cell.upperBoundAllRuns === null ? '' : `≤ ${percent(cell.upperBoundAllRuns)} (95 %)`,
      'bound',
    ],
    ['Repeats', cell.repeats === 0 ? '' : `${figure(cell.repeats)} (do not count)`, 'repeat'],
    ['Steps', cell.steps === 0 ? '' : figure(cell.steps), 'step'],
    ['Time', duration(cell.seconds)],
    ['Error', cell.error?.code ?? ''],
    ['Trace hash', cell.hash?.slice(0, 16) ?? '', 'trace hash'],
  ];
  const left = replaysLeft(cell);
  return (
    <section class="summary">
      <p class="verdict-words">{words[cell.verdict](cell, report.results.about.bound)}</p>
      {left !== undefined && <p class="soft">{left}</p>}
      {noticedSays(cell.noticed, cell.runs).map((line) => (
        <p key={line} class="noticed">
          {line}.
        </p>
      ))}
      {cell.verdict === 'fail' && cell.invariants.length > 0 && (
        <ul class="invariants">
          {invariantsWords(cell, report.results.about.bound).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      <dl class="numbers">
        {facts
          .filter(([, value]) => value !== '')
          .map(([name, value, term]) => (
            <div key={name}>
              <dt>{term === undefined ? name : <Term name={term}>{name}</Term>}</dt>
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
