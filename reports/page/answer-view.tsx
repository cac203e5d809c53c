// The answer in words, at the top: what did not fail, what failed where, what shows nothing; each name opens its cell. What
// stays out: the sentences (answer.ts) and the grouping (html/groups.ts).
import type { JSX } from 'preact';
import { type Answer, answerOf } from '../answer.ts';
import type { Link, Sentence, SentenceKind } from '../sentence.ts';
import { groupsOf, onlyReason, type ScenarioGroups } from '../html/groups.ts';
import { titleOf } from '../html/title.ts';
import { count } from '../words.ts';
import { VerdictMark } from './parts/icon.tsx';
import { hrefOf, type Report, rowIdOf, type Verdict, verdictWords } from './report.ts';

function hrefOfLink({ strategy, scenario, engine }: Link): string {
  if (scenario === undefined || engine === undefined) return `#${encodeURIComponent(rowIdOf(strategy))}`;
  return hrefOf({ strategy, scenario, engine });
}

function Words({ sentence }: { readonly sentence: Sentence }): JSX.Element {
  return (
    <>
      {sentence.pieces.map((piece) =>
        typeof piece === 'string' ? piece : <a href={hrefOfLink(piece)}>{piece.text}</a>,
      )}
    </>
  );
}

const titles: Readonly<Record<Exclude<Verdict, 'pass'>, string>> = {
  fail: 'by scenario',
  inconclusive: 'nothing is shown',
  error: 'the harness itself failed',
};

interface ScenarioProps {
  readonly groups: ScenarioGroups;
  readonly verdict: Verdict;
  /** A reason that stands in the title: not told again. */
  readonly told: string | undefined;
}

function Scenario({ groups, verdict, told }: ScenarioProps): JSX.Element {
  const untold = groups.reasons.filter(([name]) => name !== told);
  const reasons = untold.map(([name, cells]) => `${name} (${count(cells, 'cell')})`);
  return (
    <>
      <dt>
        <b>{groups.scenario}</b>
        <span class="soft">
          {groups.strategies} of {count(groups.of, 'strategy', 'strategies')}
        </span>
      </dt>
      <dd>
        {groups.groups.map(({ where, strategies }) => (
          <span key={where} class="group">
            <span class="where">{where}</span>{' '}
            {strategies.map(({ name, cell }, place) => (
              <>
                {place > 0 && ', '}
                <a
                  href={hrefOf(cell)}
                  aria-label={`${name}, ${groups.scenario} on ${cell.engine}: ${verdictWords[verdict]}`}
                >
                  {name}
                </a>
              </>
            ))}
          </span>
        ))}
        {reasons.length > 0 && <p class="soft small">{reasons.join(' · ')}</p>}
      </dd>
    </>
  );
}

function Section({ report, verdict }: { readonly report: Report; readonly verdict: keyof typeof titles }) {
  const groups = groupsOf(report.results, verdict);
  if (groups.length === 0) return null;
  const told = verdict === 'inconclusive' ? onlyReason(groups) : undefined;
  return (
    <section class="told">
      <h2>
        <VerdictMark verdict={verdict} /> <span class="rest">{told ?? titles[verdict]}</span>
      </h2>
      <dl class="by-scenario">
        {groups.map((one) => (
          <Scenario key={one.scenario} groups={one} verdict={verdict} told={told} />
        ))}
      </dl>
    </section>
  );
}

function Paragraphs({ sentences, title }: { readonly sentences: readonly Sentence[]; readonly title: string }) {
  if (sentences.length === 0) return null;
  return (
    <section class="told">
      <h2>{title}</h2>
      {sentences.map((sentence) => (
        <p>
          <Words sentence={sentence} />
        </p>
      ))}
    </section>
  );
}

function scopeOf({ results, strategies, scenarios, engines }: Report): string {
  const runs = results.cells.reduce((sum, cell) => sum + cell.runs, 0);
  const replays = results.cells.reduce((sum, cell) => sum + cell.replayed, 0);
  return [
    count(strategies.length, 'strategy', 'strategies'),
    count(scenarios.length, 'scenario'),
    count(engines.length, 'SQLite version'),
    count(results.cells.length, 'cell'),
    `${count(runs, 'random run')} and ${count(replays, 'replay')}`,
  ]
    .map((part) => part.replaceAll(' ', '\u00a0'))
    .join(' · ');
}

/** So many refuted claims are told at the top; all stand at the end. */
const refutedMax = 3;

/** So many sentences about who failed where stand at the top; of more the sections below are the better list. */
const failedMax = 6;

/** A longer sentence is no heading: a shorter one stands above it. */
const headlineMax = 150;

function plainSentence(text: string): Sentence {
  return { kind: 'survived', text, pieces: [text] };
}

/** What somebody reads who reads one line. */
function headlineOf({ sentences, survivors, partial }: Answer, { results, strategies }: Report): Sentence {
  const first = sentences.find(({ kind }) => kind === 'survived') ?? sentences.find(({ kind }) => kind === 'partial');
  if (first !== undefined && first.text.length <= headlineMax) return first;
  const of = `of ${count(strategies.length, 'strategy', 'strategies')} did not fail`;
  if (survivors.length === strategies.length && survivors.length > 0) {
    return plainSentence(`None of ${count(strategies.length, 'strategy', 'strategies')} failed in any scenario.`);
  }
  const [lone, ...others] = survivors;
  if (lone !== undefined && others.length === 0) return plainSentence(`${lone.strategy} did not fail in any scenario.`);
  if (survivors.length > 0) return plainSentence(`${survivors.length} ${of} in any scenario.`);
  if (first !== undefined) return plainSentence(`${partial.length} ${of} where they were run.`);
  return plainSentence(`${titleOf(results)}.`);
}

function Claims({ sentences }: { readonly sentences: readonly Sentence[] }): JSX.Element | null {
  if (sentences.length === 0) return null;
  return (
    <section class="told">
      <h2>Claims</h2>
      {sentences.slice(0, refutedMax + 1).map((sentence) => (
        <p key={sentence.text}>
          <Words sentence={sentence} />
        </p>
      ))}
      <p class="controls">
        <a href="#claims">All claims</a>
      </p>
    </section>
  );
}

export function AnswerView({ report }: { readonly report: Report }): JSX.Element {
  const answer = answerOf(report.results);
  const { sentences } = answer;
  const headline = headlineOf(answer, report);
  const of = (...kinds: readonly SentenceKind[]) => sentences.filter(({ kind }) => kinds.includes(kind));
  const passed = report.results.cells.some(({ verdict }) => verdict === 'pass');
  return (
    <section class="answer" aria-label="The answer">
      {of('coverage').map((sentence) => (
        <p class="notice">
          <Words sentence={sentence} />
        </p>
      ))}
      <h1>
        <Words sentence={headline} />
      </h1>
      <p class="scope soft">{scopeOf(report)}</p>
      <div class="lead">
        {of('survived', 'ablation', 'choice', 'partial', 'bound', 'found', 'missing')
          .filter((sentence) => sentence !== headline)
          .map((sentence) => (
            <p key={sentence.text}>
              <Words sentence={sentence} />
            </p>
          ))}
        {of('failed').length <= failedMax &&
          of('failed').map((sentence) => (
            <p key={sentence.text}>
              <Words sentence={sentence} />
            </p>
          ))}
        {passed && (
          <p class="soft">
            “Did not fail” says that no invariant was violated in the runs that were made. It is evidence, not proof;
            the bound beside each pass says how much.
          </p>
        )}
      </div>
      <div class="columns">
        <Section report={report} verdict="fail" />
        <div class="aside">
          <Section report={report} verdict="inconclusive" />
          <Section report={report} verdict="error" />
          <Paragraphs sentences={of('baseline')} title="Since the baseline" />
          <Claims sentences={of('claims')} />
        </div>
      </div>
    </section>
  );
}
