// How reports put things: counts, lists, shares, what a cell is called, why it is inconclusive, and the command that replays
// it. Plain strings, the same in every output and on the page. What stays out: sentences about a whole comparison
// (answer.ts), and each output's escaping.
import type { ResultCell } from './results.ts';

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

/**
 * A share that bounds another from above, with two significant digits: `0.0149` as `1.5 %`. Rounded up: a bound must not
 * come out smaller than it is.
 *
 * @param rate from 0 to 1
 */
export function percent(rate: number): string {
  const value = rate * 100;
  if (value <= 0) return '0 %';
  const decimals = Math.max(0, 1 - Math.floor(Math.log10(value)));
  // 1e-9: what a decimal such as 1.5 differs by in binary is no reason to round up.
  const up = Math.ceil(value * 10 ** decimals - 1e-9) / 10 ** decimals;
  return `${up.toFixed(decimals)} %`;
}

/** A word as a shell takes it. */
function quoted(word: string): string {
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

/** The different invariants that a cell violates, in the order of its violations. */
export function violated({ violations }: Pick<ResultCell, 'violations'>): readonly string[] {
  return [...new Set(violations.map(({ invariant }) => invariant))];
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

/** Runs and replays of a cell: `200 runs`, `200 runs and 3 replays`. */
export function effortOf({ runs, replayed }: Pick<ResultCell, 'runs' | 'replayed'>): string {
  const replays = count(replayed, 'replay');
  if (replayed === 0) return count(runs, 'run');
  return runs === 0 ? replays : `${count(runs, 'run')} and ${replays}`;
}

/** Why a cell is inconclusive, as a sentence. */
export function whyInconclusive(cell: Pick<ResultCell, 'runs' | 'replayed'>): string {
  if (cell.runs + cell.replayed === 0) return 'Nothing was run.';
  return `Nothing failed in ${effortOf(cell)}, but the dangerous window was never reached, so nothing is shown.`;
}

/** How a failure was found, as a sentence. */
export function howFound({ how, shipped, runs }: Pick<ResultCell, 'how' | 'shipped' | 'runs'>): string {
  if (how !== 'shipped') return `Found by random run ${figure(runs)}.`;
  return `Found by replaying a shipped plan${shipped === null ? '' : `, ${shipped}`}.`;
}
