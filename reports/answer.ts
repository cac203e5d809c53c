// The answer of a comparison in words: which strategies did not fail anywhere, which failed what, what shows nothing, how
// sure the passes are, which claims did not hold. One place for it: the page and every other output say the same. It says
// "did not fail in so many runs" and never "safe". What stays out: layout, and escaping.
import { outcomeWord, outcomeWords } from '../harness/model/judge-claim.ts';
import { missingRuns, runsNeeded } from '../harness/model/verdict.ts';
import { percent } from '../harness/model/percent.ts';
import { ablationSentences } from './ablation-answer.ts';
import { choiceSentences } from './choice.ts';
import type { ResultCell, Results } from './results.ts';
import { linkTo, named, type Pieces, say, type Sentence, series } from './sentence.ts';
import { type Coverage, coverageOf, type Place, standingsOf, type StrategyStanding } from './standing.ts';
import { cellOf, count, doubtOf, doubts, figure, listOf, nameOf } from './words.ts';

/**
 * @property survivors ran everywhere and passed everywhere
 * @property failing failed somewhere
 * @property inconclusive did not fail, but some of their cells show nothing
 * @property errors did not fail, but the harness did in some of their cells
 * @property partial passed wherever they were run, but were not run everywhere, or nowhere
 * @property sentences the answer, the most important one first
 *
 * The variants of an ablation are in none of the lists: sentences of their own tell what came of them.
 */
export interface Answer {
  readonly coverage: Coverage;
  readonly survivors: readonly StrategyStanding[];
  readonly failing: readonly StrategyStanding[];
  readonly inconclusive: readonly StrategyStanding[];
  readonly errors: readonly StrategyStanding[];
  readonly partial: readonly StrategyStanding[];
  readonly sentences: readonly Sentence[];
}

function asSentence(text: string): string {
  return /[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`;
}

function coverageSentences({ interrupted, shards }: Coverage, results: Results): readonly Sentence[] {
  const said: Sentence[] = [];
  const what = count(results.cells.length, 'cell');
  if (interrupted) {
    const who = results.merged === undefined ? 'It' : 'A part of it';
    said.push(
      say('coverage', `This comparison is not complete. ${who} was stopped before its end: it has ${what} so far.`),
    );
  }
  for (const { of, missing, scenarios } of shards) {
    const others = shards.filter((one) => one.of === of).length > 1;
    const split = others ? ` (of the comparison of ${listOf(scenarios, 6)})` : '';
    const names = listOf(missing.map(String), 12);
    const are = missing.length === 1 ? `shard ${names} of ${figure(of)} is` : `shards ${names} of ${figure(of)} are`;
    said.push(
      say('coverage', `This comparison is not complete: ${are} not in this document${split}, which has ${what}.`),
    );
  }
  return said;
}

/**
 * Engines of some cells of a scenario, where it was run on several: ` (3.50.4 and 3.51.2)`.
 *
 * @param all cells of the scenario
 * @param engines how many the whole comparison has
 */
function enginesOf(
  cells: readonly ResultCell[],
  all: readonly ResultCell[],
  { engines, links }: { readonly engines: number; readonly links: boolean },
): Pieces {
  const run = new Set(all.map(({ engine }) => engine));
  if (run.size < 2) return [];
  if (cells.length === engines) return [` (on ${engines === 2 ? 'both' : `all ${figure(engines)}`} SQLite versions)`];
  return [' (', ...series(cells.map((cell) => [links ? linkTo(cell, cell.engine) : cell.engine])), ')'];
}

function scenariosOf(cells: readonly Place[]): readonly string[] {
  return [...new Set(cells.map(({ scenario }) => scenario))];
}

/**
 * Strategies with the same places together, in the order of the first of each group: only those that were run on the same
 * engines there, since what is said of one is said of all.
 */
function alike(standings: readonly StrategyStanding[], pick: (s: StrategyStanding) => readonly Place[]) {
  const groups = Map.groupBy(standings, (standing) => {
    const places = pick(standing).map(({ scenario, engine }) => [scenario, engine]);
    const there = scenariosOf(pick(standing));
    const run = standing.cells.filter(({ scenario }) => there.includes(scenario));
    const engines = there.map((name) => run.filter(({ scenario }) => scenario === name).map(({ engine }) => engine));
    return JSON.stringify([scenariosOf(standing.cells).length, places, engines.map((some) => some.toSorted())]);
  });
  return [...groups.values()];
}

/** `in 2 of 5 scenarios: `, of those that a strategy was run in; just `in ` where that is one. */
function inOf(some: number, { cells }: StrategyStanding): string {
  const all = scenariosOf(cells).length;
  if (all === 1) return 'in ';
  return some === all ? `in all ${figure(all)} scenarios: ` : `in ${figure(some)} of ${figure(all)} scenarios: `;
}

/** `wal and leader failed in 2 of 5 scenarios: …`: a sentence for strategies with the same bad cells. */
function whereSentences(
  kind: 'failed' | 'inconclusive',
  standings: readonly StrategyStanding[],
  { pick, tell }: { pick: (standing: StrategyStanding) => readonly ResultCell[]; tell: (many: boolean) => string },
): readonly Sentence[] {
  const engines = new Set(standings.flatMap(({ cells }) => cells.map(({ engine }) => engine))).size;
  return alike(
    standings.filter((standing) => pick(standing).length > 0),
    pick,
  ).map((group) => {
    const [first] = group;
    if (first === undefined) return say(kind);
    const bad = pick(first);
    const scenarios = scenariosOf(bad);
    const lone = group.length === 1;
    const where = series(
      scenarios.map((scenario) => {
        const cells = bad.filter((cell) => cell.scenario === scenario);
        const all = first.cells.filter((cell) => cell.scenario === scenario);
        const [cell] = cells;
        return [
          lone && cell !== undefined ? linkTo(cell, scenario) : scenario,
          ...enginesOf(cells, all, { engines, links: lone }),
        ];
      }),
    );
    return say(
      kind,
      ...named(group.map(({ strategy }) => strategy)),
      ` ${tell(group.length > 1)} ${inOf(scenarios.length, first)}`,
      ...where,
      '.',
    );
  });
}

/** What is inconclusive, one reason after the other. */
function inconclusiveSentences(standings: readonly StrategyStanding[]): readonly Sentence[] {
  const reasons = new Set(standings.flatMap(({ inconclusive }) => inconclusive.map(doubtOf)));
  return [...reasons].flatMap((reason) => {
    const pick = ({ inconclusive }: StrategyStanding) => inconclusive.filter((cell) => doubtOf(cell) === reason);
    const tell = (many: boolean) => `${many ? 'are' : 'is'} inconclusive, since ${doubts[reason]},`;
    return whereSentences('inconclusive', standings, { pick, tell });
  });
}

/** `best (600 runs) and leader (600 runs)` */
function withRuns(standings: readonly StrategyStanding[]): Pieces {
  return series(standings.map(({ strategy, runs }) => [{ text: strategy, strategy }, ` (${count(runs, 'run')})`]));
}

/**
 * Where all failed: those that failed in the fewest scenarios, of those that were run in most. A cell without an answer may
 * hide a failure: strategies with such cells are left out.
 */
function fewestSentences(failing: readonly StrategyStanding[]): readonly Sentence[] {
  const all = Math.max(...failing.map(({ cells }) => scenariosOf(cells).length));
  const most = failing.filter(({ cells }) => scenariosOf(cells).length === all);
  const tried = most.filter(({ inconclusive, errors }) => inconclusive.length + errors.length === 0);
  const failedIn = ({ failed }: StrategyStanding): number => scenariosOf(failed).length;
  const fewest = Math.min(...tried.map(failedIn));
  const best = tried.filter((standing) => failedIn(standing) === fewest);
  if (best.length === tried.length) return [];
  const where = scenariosOf(best.flatMap(({ failed }) => failed));
  const which = where.length === fewest ? `: ${listOf(where)}` : '';
  const of: Pieces = tried.length === most.length ? [] : ['Of those with an answer everywhere, '];
  const rest = ` failed in the fewest scenarios, ${figure(fewest)} of ${figure(all)}${which}.`;
  return [say('survived', ...of, ...named(best.map(({ strategy }) => strategy)), rest)];
}

/** What passes are worth together: what the least certain of them is. Replays are no evidence of a pass. */
function evidenceOf(passed: readonly ResultCell[]): string {
  const least = Math.min(...passed.map(({ reached }) => reached));
  const worst = Math.max(...passed.map(({ upperBound }) => upperBound ?? 1));
  return `in each cell ${count(least, 'random run')} or more in the window, failure rate ≤ ${percent(worst)} (95 %)`;
}

/** The first sentence; none when strategies that passed wherever they were run are told instead. */
function survivedSentences(
  answer: Omit<Answer, 'sentences'>,
  { cells, about, ablation }: Results,
): readonly Sentence[] {
  const { survivors, failing, inconclusive, errors, partial } = answer;
  if (cells.length === 0) return [say('survived', 'Nothing was run, so there is no answer.')];
  if (survivors.length > 0) {
    const engines = new Set(cells.map(({ engine }) => engine)).size;
    const scenarios = scenariosOf(cells).length;
    const all = scenarios === 1 ? 'in the one scenario' : `in any of ${figure(scenarios)} scenarios`;
    const on = engines === 1 ? 'one SQLite version' : `${figure(engines)} SQLite versions`;
    const worth = evidenceOf(survivors.flatMap(({ passed }) => passed));
    return [
      say('survived', ...named(survivors.map(({ strategy }) => strategy)), ` did not fail ${all} on ${on}: ${worth}.`),
      ...(about.short
        ? [say('survived', 'All runs were short: minutes of virtual time, also where a report has hours.')]
        : []),
    ];
  }
  if (partial.some(({ standing }) => standing === 'partial')) return [];
  if (failing.length > 0 && inconclusive.length + errors.length === 0) {
    const one = ablation === undefined ? 'The one strategy that was tried failed' : `${ablation.strategy} failed`;
    const all = failing.length === 1 ? one : 'Every strategy failed somewhere';
    return [say('survived', `${all}.`), ...fewestSentences(failing)];
  }
  const none = ablation === undefined ? 'No strategy is' : `${ablation.strategy} is not`;
  return [say('survived', `${none} shown to get through everything.`)];
}

/** Places as scenarios, each with its engines where the strategy was run on others: `checkpoint-race (3.51.2)`. */
function missedPlaces({ missing, cells }: StrategyStanding): string {
  const run = scenariosOf(cells);
  const places = scenariosOf(missing).map((scenario) => {
    const engines = missing.filter((place) => place.scenario === scenario).map(({ engine }) => engine);
    return run.includes(scenario) ? `${scenario} (${listOf(engines)})` : scenario;
  });
  return listOf(places, 6);
}

function partialSentences(partial: readonly StrategyStanding[]): readonly Sentence[] {
  const absent = partial.filter(({ standing }) => standing === 'absent');
  const run = partial.filter(({ standing }) => standing === 'partial');
  const said = alike(run, ({ missing }) => missing).flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const they = group.length === 1 ? 'it was' : 'they were';
    const scenarios = scenariosOf(first.cells).length;
    const where = scenarios === 1 ? 'the one scenario' : `the ${figure(scenarios)} scenarios`;
    const rest = ` did not fail in ${where} ${they} run in; ${they} not run in ${missedPlaces(first)}.`;
    return [say('partial', ...withRuns(group), rest)];
  });
  if (absent.length === 0) return said;
  return [
    ...said,
    say(
      'partial',
      ...named(absent.map(({ strategy }) => strategy)),
      ` ${absent.length === 1 ? 'was' : 'were'} not run.`,
    ),
  ];
}

function errorSentences({ cells }: Results): readonly Sentence[] {
  const errors = cells.filter(({ verdict }) => verdict === 'error');
  if (errors.length === 0) return [];
  const shown = errors.slice(0, 6).map((cell): Pieces => [linkTo(cell, nameOf(cell))]);
  const more = errors.length > 6 ? [[`${figure(errors.length - 6)} more`]] : [];
  const which = series([...shown, ...more]);
  return [
    say(
      'error',
      `The harness itself failed in ${count(errors.length, 'cell')}, which ${errors.length === 1 ? 'says' : 'say'} nothing: `,
      ...which,
      '.',
    ),
  ];
}

/** What found the failures: chance, or plans that were kept because they fail. */
function foundSentences({ cells }: Results): readonly Sentence[] {
  const failed = cells.filter(({ verdict }) => verdict === 'fail');
  if (failed.length === 0) return [];
  const search = failed.filter(({ failedRun }) => failedRun !== null);
  const memory = failed.filter(({ failedRun }) => failedRun === null);
  const untried = memory.filter(({ runs }) => runs === 0).length;
  const runs = memory.reduce((sum, cell) => sum + cell.runs, 0);
  const tried = runs === 0 ? '' : `, and by none of ${count(runs, 'random run')} there`;
  const without = untried === 0 ? '' : `; in ${figure(untried)} of these no random run was made`;
  const isLent = memory.some(({ shipped }) => shipped?.startsWith('plans/') === true);
  const plan = isLent ? 'a shipped plan or that of another strategy' : 'a shipped plan';
  const found = (some: number): string => `${figure(some)} ${some === 1 ? 'was' : 'were'} found`;
  const parts = [
    ...(search.length === 0 ? [] : [`${found(search.length)} by search, in a random run`]),
    ...(memory.length === 0 ? [] : [`${found(memory.length)} by memory only, by ${plan}${tried}${without}`]),
  ];
  return [say('found', `Of ${count(failed.length, 'failing cell')}, ${parts.join('; ')}.`)];
}

/** That the document was written by other rules. */
function upgradedSentences({ about, merged = [about] }: Results): readonly Sentence[] {
  const old = merged.find(({ upgraded }) => upgraded !== undefined)?.upgraded;
  if (old === undefined) return [];
  const rule = `verdicts were decided anew, with a bound of ${percent(about.bound)} on runs in the window`;
  return [
    say(
      'coverage',
      `These results were written in format ${figure(old)}, where one run in the window was a pass: ${rule}.`,
    ),
  ];
}

/** What an inconclusive cell lacks: the sentence for all of them. */
function missingSentences({ cells, about: { bound } }: Results): readonly Sentence[] {
  const unclear = cells.filter(({ verdict }) => verdict === 'inconclusive');
  const missing = unclear.map(({ reached }) => missingRuns(reached, bound));
  if (missing.length === 0) return [];
  const sum = missing.reduce((all, one) => all + one, 0);
  const takes = `A pass takes ${count(runsNeeded(bound), 'random run')} in the window without a failure`;
  return [
    say(
      'missing',
      `${takes}; the ${count(unclear.length, 'inconclusive cell')} lack ${count(sum, 'such run')} in all.`,
    ),
  ];
}

/** How sure the least certain pass is: of the strategies that are told to have passed, else of all. */
function boundSentences({ survivors, partial }: Omit<Answer, 'sentences'>, { cells }: Results): readonly Sentence[] {
  const told = (survivors.length > 0 ? survivors : partial).flatMap((standing) => standing.passed);
  const passed = told.length > 0 ? told : cells.filter(({ verdict }) => verdict === 'pass');
  const doubt = ({ upperBound }: ResultCell): number => upperBound ?? Infinity;
  const [worst] = passed.toSorted((a, b) => doubt(b) - doubt(a) || 0);
  if (worst === undefined) return [];
  const { runs, reached, upperBound, upperBoundAllRuns } = worst;
  const of = told.length > 0 ? 'of these passes' : 'of all passes';
  const where: Pieces = [`The least certain ${of} is `, linkTo(worst, nameOf(worst)), ': '];
  const window = `${figure(reached)} of them in the dangerous window`;
  const rate =
    `a failure rate of up to ${percent(upperBound ?? 1)} of the runs in the window, and of ` +
    `${percent(upperBoundAllRuns ?? 1)} of all runs, is not ruled out (95 %)`;
  return [say('bound', ...where, `${count(runs, 'random run')}, ${window}; ${rate}.`)];
}

function claimSentences({ claims, cells }: Results): readonly Sentence[] {
  if (claims.length === 0) return [];
  const by = Map.groupBy(claims, outcomeWord);
  const counted = outcomeWords.flatMap((word) => {
    const some = by.get(word)?.length ?? 0;
    return some === 0 ? [] : [`${figure(some)} ${word}`];
  });
  return [
    say('claims', `Of ${count(claims.length, 'claim')}: ${listOf(counted)}.`),
    ...(by.get('refuted') ?? []).map((claim) => {
      const cell = cellOf(claim, cells);
      const where = cell === undefined ? nameOf(claim) : linkTo(cell, nameOf(cell));
      const what = `Refuted: “${claim.claim}” (${claim.source}; `;
      return say('claims', what, where, `): ${asSentence(claim.evidence)}`);
    }),
  ];
}

function baselineSentences({ baseline }: Results): readonly Sentence[] {
  if (baseline === undefined) return [];
  const { at, commit, changes } = baseline;
  const since = `Since ${at.slice(0, 10)}${commit === null ? '' : ` (commit ${commit.slice(0, 10)})`}`;
  if (changes.length === 0) return [say('baseline', `${since}: no verdict changed.`)];
  type Change = (typeof changes)[number];
  const kinds: readonly (readonly [string, (change: Change) => boolean])[] = [
    ['newly failing', ({ before, after }) => after === 'fail' && before !== null],
    ['no longer failing', ({ before, after }) => before === 'fail' && after === 'pass'],
    [
      'failed before, now without an answer',
      ({ before, after }) => before === 'fail' && (after === 'error' || after === 'inconclusive'),
    ],
    ['changed otherwise', ({ before, after }) => ![before, after].some((v) => v === 'fail' || v === null)],
    ['new', ({ before }) => before === null],
    ['not run this time', ({ after }) => after === null],
  ];
  const said = kinds.flatMap(([what, fits]): readonly Pieces[] => {
    const those = changes.filter(fits);
    if (those.length === 0) return [];
    const shown = those
      .slice(0, 4)
      .map((cell): Pieces => [cell.after === null ? nameOf(cell) : linkTo(cell, nameOf(cell))]);
    const more = those.length > 4 ? [[`${figure(those.length - 4)} more`]] : [];
    return [[`${figure(those.length)} ${what}: `, ...series([...shown, ...more])]];
  });
  return [say('baseline', `${since}: `, ...said.flatMap((part, i) => [...(i === 0 ? [] : ['; ']), ...part]), '.')];
}

/** Reads the answer off a comparison. */
export function answerOf(results: Results): Answer {
  const variants = new Set(results.ablation?.variants.map(({ strategy }) => strategy));
  const standings = standingsOf(results).filter(({ strategy }) => !variants.has(strategy));
  const of = (...which: readonly StrategyStanding['standing'][]): readonly StrategyStanding[] =>
    standings.filter(({ standing }) => which.includes(standing));
  const answer = {
    coverage: coverageOf(results),
    survivors: of('survived'),
    failing: of('failed'),
    inconclusive: of('inconclusive'),
    errors: of('error'),
    partial: of('partial', 'absent'),
  };
  return {
    ...answer,
    sentences: [
      ...coverageSentences(answer.coverage, results),
      ...upgradedSentences(results),
      ...survivedSentences(answer, results),
      ...ablationSentences(results),
      ...choiceSentences(answer.survivors, results),
      ...partialSentences(answer.partial),
      ...whereSentences('failed', standings, { pick: ({ failed }) => failed, tell: () => 'failed' }),
      ...foundSentences(results),
      ...inconclusiveSentences(standings),
      ...missingSentences(results),
      ...errorSentences(results),
      ...boundSentences(answer, results),
      ...claimSentences(results),
      ...baselineSentences(results),
    ],
  };
}
