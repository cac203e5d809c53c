// What was tested: with what and where, how often each mark was reached, and which claims held. What stays out: verdicts.
import type { JSX } from 'preact';
import { outcomeWord } from '../../harness/model/judge-claim.ts';
import { percent } from '../../harness/model/percent.ts';
import type { About, ResultClaim } from '../results.ts';
import { cellOf, count, figure, keyOf } from '../words.ts';
import { Outcome } from './parts/outcome.tsx';
import { Term } from './parts/terms.tsx';
import { duration, moment } from './quantities.ts';
import { hrefOf, type Report, triesOf } from './report.ts';

function budgetOf({ budget: { runs, timeMs } }: About): string {
  const parts = [
    ...(runs === null ? [] : [`${count(runs, 'random run')} a cell at most`]),
    ...(timeMs === null ? [] : [`${duration(timeMs / 1000)} in all`]),
  ];
  return parts.join(', ') || 'none given';
}

function Facts({ about }: { readonly about: About }): JSX.Element {
  const { commit, changed, shard } = about;
  const facts: readonly (readonly [string, string])[] = [
    ['Lockstep', `${about.version}, code ${about.code.slice(0, 12)}`],
    [
      'Commit',
      `${commit?.slice(0, 12) ?? 'outside a repository'}${changed ? ', with changes that are no commit' : ''}`,
    ],
    ['Begun', moment(about.at)],
    ['Took', duration(about.seconds)],
    ['Budget', budgetOf(about)],
    ['A pass', `at most ${percent(about.bound)} of runs in the window fail, at 95 % confidence`],
    ['Runs', about.short ? 'short: minutes of virtual time, at most three gateways' : 'as long as reported'],
    ['Seed', `${String(about.seed)}, chooser ${about.chooser}`],
    ['Platform', about.platform],
    ['Processors', `${about.processors}; ${count(about.jobs, 'job')} side by side`],
    ['Node', about.node],
    ['SQLite', about.engines.join(', ')],
    ['Shard', shard === null ? '' : `${shard.index} of ${shard.of}`],
    ['Ended', about.interrupted ? 'stopped before all cells were done' : ''],
  ];
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function ScenarioTable({ report }: { readonly report: Report }): JSX.Element {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Scenarios and their windows">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">Scenario</th>
            <th scope="col">What happens</th>
            <th scope="col">
              <Term name="window">Window</Term>
            </th>
            <th scope="col" class="number">
              Runs and replays
            </th>
            <th scope="col" class="number">
              Reached
            </th>
          </tr>
        </thead>
        <tbody>
          {report.scenarios.map(({ name, says, source, window }) => {
            const cells = report.results.cells.filter(({ scenario }) => scenario === name);
            const tries = cells.reduce((sum, cell) => sum + triesOf(cell), 0);
            const reached = cells.reduce((sum, cell) => sum + cell.reached + cell.reachedByReplay, 0);
            return (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  {says} <span class="soft">{source}</span>
                </td>
                <td>
                  {window} <span class="soft">{report.says.get(window)}</span>
                </td>
                <td class="number">{figure(tries)}</td>
                <td class="number">{figure(reached)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** How often each mark was reached, in each scenario that reached it. */
function MarksTable({ report }: { readonly report: Report }): JSX.Element | null {
  const rows = report.scenarios.flatMap(({ name: scenario }) => {
    const sums = new Map<string, number>();
    const cells = report.results.cells.filter((cell) => cell.scenario === scenario);
    for (const { marks } of cells) {
      for (const [mark, reached] of Object.entries(marks)) sums.set(mark, (sums.get(mark) ?? 0) + reached);
    }
    const tries = cells.reduce((sum, cell) => sum + triesOf(cell), 0);
    return [...sums].map(([mark, reached]) => ({ scenario, mark, reached, tries }));
  });
  if (rows.length === 0) return null;
  return (
    <details>
      <summary>How often each mark was reached: {count(rows.length, 'row')}</summary>
      <div class="scroll" tabIndex={0} role="region" aria-label="Marks">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Scenario</th>
              <th scope="col">
                <Term name="mark">Mark</Term>
              </th>
              <th scope="col" class="number">
                Reached in, of runs and replays
              </th>
              <th scope="col">What it is</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ scenario, mark, reached, tries }) => (
              <tr key={`${scenario} ${mark}`}>
                <th scope="row">{scenario}</th>
                <td>{mark}</td>
                <td class="number">
                  {figure(reached)} of {figure(tries)}
                </td>
                <td class="soft">{report.says.get(mark)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

const goodness = { confirmed: true, refuted: false, untested: null } as const;

function Claim({ report, claim }: { readonly report: Report; readonly claim: ResultClaim }): JSX.Element {
  const place = `${claim.scenario} / ${claim.strategy} / ${claim.engine}`;
  const cell = cellOf(claim, report.results.cells);
  return (
    <tr>
      <td>
        <Outcome good={goodness[claim.outcome]}>{outcomeWord(claim)}</Outcome>
      </td>
      <th scope="row">
        {claim.claim} <span class="soft">{claim.source}</span>
      </th>
      <td>{cell === undefined ? place : <a href={hrefOf(cell)}>{place}</a>}</td>
      <td class="soft">{claim.evidence}</td>
    </tr>
  );
}

function ClaimTable({
  report,
  claims,
}: {
  readonly report: Report;
  readonly claims: readonly ResultClaim[];
}): JSX.Element {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Claims">
      <table class="plain claims-table">
        <thead>
          <tr>
            <th scope="col">Outcome</th>
            <th scope="col">Claim and its source</th>
            <th scope="col">Cell</th>
            <th scope="col">Evidence</th>
          </tr>
        </thead>
        <tbody>
          {claims.map((claim) => (
            <Claim key={keyOf(claim) + claim.claim} report={report} claim={claim} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Claims({ report }: { readonly report: Report }): JSX.Element | null {
  const { claims } = report.results;
  if (claims.length === 0) return null;
  const by = Map.groupBy(claims, outcomeWord);
  const of = (word: ReturnType<typeof outcomeWord>): readonly ResultClaim[] => by.get(word) ?? [];
  const [refuted, confirmed, undecided, untested] = [of('refuted'), of('confirmed'), of('undecided'), of('untested')];
  const tested = [...refuted, ...confirmed, ...undecided];
  return (
    <>
      <h3 id="claims">
        Claims{' '}
        <span class="rest">
          {refuted.length} refuted, {confirmed.length} confirmed, {undecided.length} undecided, {untested.length}{' '}
          untested
        </span>
      </h3>
      {tested.length > 0 && <ClaimTable report={report} claims={tested} />}
      {untested.length > 0 && (
        <details>
          <summary>What this comparison could not test: {count(untested.length, 'claim')}</summary>
          <ClaimTable report={report} claims={untested} />
        </details>
      )}
    </>
  );
}

function Invariants({ report }: { readonly report: Report }): JSX.Element | null {
  const { invariants } = report.results.about;
  if (invariants.length === 0) return null;
  return (
    <details>
      <summary>What had to hold: {count(invariants.length, 'invariant')}</summary>
      <dl class="glossary">
        {invariants.map(({ name, says, about }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {says} {about === 'hazard' && <span class="soft">(a hazard: no harm by itself, and no failure)</span>}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

export function TestedView({ report }: { readonly report: Report }): JSX.Element {
  const { about, merged } = report.results;
  const machines = merged ?? [about];
  return (
    <section id="tested" class="tested" aria-labelledby="tested-title">
      <h2 id="tested-title">
        What was tested {machines.length > 1 && <span class="rest">on {machines.length} machines</span>}
      </h2>
      {machines.map((machine, place) => (
        <div key={place}>
          {machines.length > 1 && <h3>Machine {place + 1}</h3>}
          <Facts about={machine} />
        </div>
      ))}
      {report.scenarios.length > 0 && (
        <>
          <h3>Scenarios and their windows</h3>
          <ScenarioTable report={report} />
        </>
      )}
      <MarksTable report={report} />
      <Invariants report={report} />
      <Claims report={report} />
    </section>
  );
}
