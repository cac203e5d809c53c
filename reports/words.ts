// How reports put things: counts, lists, shares, what a cell is called, why it is inconclusive, and the commands that replay it
// or run more. Plain strings, the same in every output and on the page. What stays out: sentences about a whole comparison
// (answer.ts), and each output's escaping.
import { isAbout } from '../harness/model/judge-claim.ts';
import { percent } from '../harness/model/percent.ts';
import { defaultBound, missingRuns, runsNeeded } from '../harness/model/verdict.ts';
import { visible } from '../harness/model/visible.ts';
import type { ResultCell, ResultInvariant, Results } from './results.ts';

type Effort = 'runs' | 'replayed' | 'replayable';
type Tries = 'runs' | 'replayed' | 'reached' | 'reachedByReplay';

const grouped = new Intl.NumberFormat('en-GB');

/** `12345` as `12,345`. */
export function figure(number: number): string {
  return grouped.format(number);
}

/** `1 run`, `1,200 runs`. */
export function count(number: number, what: string, many = `${what}s`): string {
  return `${figure(number)} ${number === 1 ? what : many}`;
}

/** `a`, `a and b`, `a, b and c`; beyond `most` names the rest is a number: `a, b and 4 more`. */
export function listOf(names: readonly string[], most = Infinity): string {
  const shown = names.length > most ? names.slice(0, Math.max(1, most - 1)) : names;
  const more = names.length - shown.length;
  const all = more > 0 ? [...shown, `${figure(more)} more`] : shown;
  return all.length < 2 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} and ${all.at(-1) ?? ''}`;
}

/** A word as a shell takes it. With no control character, which a terminal obeys where the line is pasted. */
function quoted(given: string): string {
  const word = visible(given);
  return /^[\w./@%+=:,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** What names a cell. */
export type CellName = Pick<ResultCell, 'scenario' | 'strategy' | 'engine'>;

export function nameOf({ scenario, strategy, engine }: CellName): string {
  return `${scenario} under ${strategy} on SQLite ${engine}`;
}

/** One string a cell, the same for no two cells: for maps. */
export function keyOf({ scenario, strategy, engine }: CellName): string {
  return JSON.stringify([scenario, strategy, engine]);
}

/** The cell that a claim is about, whichever way round a combination is named. */
export function cellOf<T extends CellName>(claim: CellName, cells: Iterable<T>): T | undefined {
  return [...cells].find((cell) => cell.scenario === claim.scenario && isAbout(claim, cell));
}

/**
 * The different invariants that were violated in a cell: in the order of its violations, then those that other runs or plans
 * violated than the one that is shown. Every count of violated invariants is of these.
 */
export function violated(cell: Pick<ResultCell, 'violations' | 'invariants'>): readonly string[] {
  const shown = cell.violations.map(({ invariant }) => invariant);
  return [...new Set([...shown, ...notShown(cell).map(({ name }) => name)])];
}

/** Invariants that were violated in a cell, and not by the plan that is shown of it. */
export function notShown({
  violations,
  invariants,
}: Pick<ResultCell, 'violations' | 'invariants'>): readonly ResultInvariant[] {
  const shown = new Set(violations.map(({ invariant }) => invariant));
  return invariants.filter(({ name, verdict }) => verdict === 'fail' && !shown.has(name));
}

/** What violated an invariant, search and memory: `random run 12 and minimal/a.json`. */
function foundByWords({ run, shipped }: ResultInvariant): string {
  return listOf([...(run === null ? [] : [`random run ${figure(run)}`]), ...(shipped === null ? [] : [shipped])]);
}

/** Why an invariant that was violated has no message: as a sentence. */
export function notShownWords(one: ResultInvariant): string {
  const by = foundByWords(one);
  const plan = one.plan === null ? '' : `; its own plan: ${one.plan}`;
  return `Violated${by === '' ? '' : ` by ${by}`}, not by the plan that is shown${plan}.`;
}

/**
 * The one line that makes a failure happen again.
 *
 * @param plan its path below the folder of the result document
 * @param folder of the result document, as seen from where the line is to be typed; '' when it is that one
 */
export function replayCommand(plan: string, folder = ''): string {
  const path = folder === '' ? plan : `${folder.replace(/\/+$/, '')}/${plan}`;
  return `npx lockstep replay ${quoted(path.startsWith('-') ? `./${path}` : path)}`;
}

/**
 * The line that makes other runs of a cell: ten times as many, from a seed that was not used. It asks what the comparison
 * asked: with the same chooser, for harm only, and with short runs where those were.
 */
export function moreCommand(
  { about, merged = [about] }: Pick<Results, 'about' | 'merged'>,
  { scenario, strategy, engine, runs }: CellName & Pick<ResultCell, 'runs'>,
): string {
  const [s, t, e, chooser] = [scenario, strategy, engine, about.chooser].map(quoted);
  const seed = Math.max(...merged.map((part) => part.seed)) + 1;
  const bound = about.bound === defaultBound ? '' : ` --bound ${about.bound}`;
  const budget = `--runs ${Math.max(1000, runs * 10)} --seed ${seed} --chooser ${chooser}${bound}`;
  if (about.short) {
    return `npx lockstep compare --short --scenarios ${s} --strategies ${t} --engines ${e} ${budget} --no-costs --out more`;
  }
  return `npx lockstep run ${s} --strategy ${t} --engine ${e} ${budget} --only harm`;
}

/** Runs and replays of a cell: `200 runs`, `200 runs and 3 replays`, `200 runs and 3 of 21 replays`. */
export function effortOf({ runs, replayed, replayable }: Pick<ResultCell, Effort>): string {
  const replays =
    replayed < replayable ? `${figure(replayed)} of ${count(replayable, 'replay')}` : count(replayed, 'replay');
  if (replayed === 0) return count(runs, 'run');
  return runs === 0 ? replays : `${count(runs, 'run')} and ${replays}`;
}

/**
 * That not all shipped plans of a scenario were replayed in a cell, as a sentence; undefined where they were, and where
 * something else than the budget ended the replays: one of them failed, or the harness did.
 */
export function replaysLeft(cell: Pick<ResultCell, 'replayed' | 'replayable' | 'verdict' | 'how'>): string | undefined {
  const { replayed, replayable, verdict, how } = cell;
  if (replayed >= replayable || verdict === 'error' || how === 'shipped') return undefined;
  const plans = count(replayable, 'shipped plan');
  const some = `${replayed === 0 ? 'None' : figure(replayed)} of ${plans} ${replayed < 2 ? 'was' : 'were'} replayed`;
  return `${some} before the budget was spent.`;
}

/**
 * Why nothing is shown: nothing was run · only replays were made · only replays reached the window · nothing reached it ·
 * too few random runs did
 */
export type Doubt = 'unrun' | 'only-replays' | 'reached-by-replay' | 'unreached' | 'too-few';

export function doubtOf({ runs, replayed, reached, reachedByReplay }: Pick<ResultCell, Tries>): Doubt {
  if (runs + replayed === 0) return 'unrun';
  if (runs === 0) return 'only-replays';
  if (reached > 0) return 'too-few';
  return reachedByReplay > 0 ? 'reached-by-replay' : 'unreached';
}

/** Each doubt as a clause: after `since`, `but`, or by itself. */
export const doubts: Readonly<Record<Doubt, string>> = {
  unrun: 'nothing was run',
  'only-replays': 'no random run was made',
  'reached-by-replay': 'only replays of shipped plans reached the dangerous window',
  unreached: 'the dangerous window was never reached',
  'too-few': 'too few random runs reached the dangerous window',
};

/** What a cell has of the runs that a pass takes: `12 of 59 runs in the window, 47 missing`. */
export function missingWords({ reached }: Pick<ResultCell, 'reached'>, bound: number): string {
  const missing = missingRuns(reached, bound);
  return `${figure(reached)} of ${count(runsNeeded(bound), 'run')} in the window${missing === 0 ? '' : `, ${figure(missing)} missing`}`;
}

/**
 * Why a cell is inconclusive, as sentences.
 *
 * @param bound that a pass must keep to
 */
export function whyInconclusive(cell: Pick<ResultCell, Tries | Effort | 'repeats'>, bound: number): string {
  const doubt = doubtOf(cell);
  if (doubt === 'unrun') return 'Nothing was run before the budget was spent.';
  const repeats =
    cell.repeats === 0
      ? ''
      : ` ${figure(cell.repeats)} of the runs did what an earlier one had done, and do not count.`;
  return `Nothing failed in ${effortOf(cell)}, but ${doubts[doubt]}, so nothing is shown: ${missingWords(cell, bound)}.${repeats}`;
}

/** What found a cell's failure, in few words, search and memory apart: `search: run 12 · memory: no shipped plan`. */
export function foundBy(cell: Pick<ResultCell, 'shipped' | 'failedRun' | 'runs' | 'replayed'>): string {
  return `search: ${bySearch(cell)} · memory: ${byMemory(cell)}`;
}

/** Did a random run find it? `run 12`, `none of 59 runs`, `no run was made`. */
export function bySearch({ failedRun, runs }: Pick<ResultCell, 'failedRun' | 'runs'>): string {
  if (failedRun !== null) return `run ${figure(failedRun)}`;
  return runs === 0 ? 'no run was made' : `none of ${count(runs, 'run')}`;
}

/** Does a shipped plan show it? Its name, or how many were replayed. */
export function byMemory({ shipped, replayed }: Pick<ResultCell, 'shipped' | 'replayed'>): string {
  if (shipped !== null) return shipped;
  return replayed === 0 ? 'no plan was replayed' : `none of ${count(replayed, 'shipped plan')}`;
}

/** A plan that was replayed, by what it is: `the shipped plan a.json`. Plans of other cells lie in the comparison's own folder. */
export function planWords(plan: string): string {
  return `${plan.startsWith('plans/') ? 'the plan of another strategy,' : 'the shipped plan'} ${plan}`;
}

/** Does some power loss violate what is promised? */
export function failsByPower({ powerLoss }: Pick<ResultCell, 'powerLoss'>): boolean {
  return powerLoss.some(({ failing }) => failing > 0);
}

/** How a failure was found, as a sentence. */
export function howFound(cell: Pick<ResultCell, 'shipped' | 'failedRun' | 'runs' | 'replayed' | 'powerLoss'>): string {
  const search =
    cell.failedRun === null ? `not by search (${bySearch(cell)})` : `by search, in random ${bySearch(cell)}`;
  const memory =
    cell.shipped === null ? `not by memory (${byMemory(cell)})` : `by memory, by ${planWords(cell.shipped)}`;
  if (cell.failedRun === null && cell.shipped === null && failsByPower(cell))
    return `Found in recorded runs that lose their power; ${search}; ${memory}.`;
  return cell.failedRun === null ? `Found ${memory}; ${search}.` : `Found ${search}; ${memory}.`;
}

/**
 * What the runs of a cell say of its invariants, as sentences: those that were violated, each with what found it, and the
 * others together. Empty for a cell that says nothing of them.
 */
export function invariantsWords({ invariants }: Pick<ResultCell, 'invariants'>, bound: number): readonly string[] {
  const failed = invariants.filter(({ verdict }) => verdict === 'fail');
  const said = failed.map((one) => `${one.name}: fails, by ${foundByWords(one)}`);
  const rest = invariants.filter(({ verdict }) => verdict === 'pass' || verdict === 'inconclusive');
  const [one] = rest;
  if (one === undefined || failed.length === 0) return said;
  const worth =
    one.upperBound === null ? `inconclusive (${missingWords(one, bound)})` : `pass (≤ ${percent(one.upperBound)})`;
  return [...said, `${listOf(rest.map(({ name }) => name))}: ${worth}`];
}
