// What runs show that is no violation and that somebody should know all the same: programs that print errors and end well, and programs that
// never work on a database. Counted over runs, and put together in one place. What stays out: where it is shown.
import { count } from './count.ts';
import type { History, Words } from './history.ts';
import { lastSaid } from './last-said.ts';

/** Of one run: the first process that printed on its standard error, and {@link History.atWork}. */
export interface NoticedInRun {
  readonly words?: Words | undefined;
  readonly atWork: History['atWork'];
}

/**
 * Of all runs.
 *
 * @property words in how many runs programs printed on their standard error, and what the first of them said; null where none did
 * @property idle programs no process of which has read or written a database in any run, nor any that it had started
 */
export interface Noticed {
  readonly words: { readonly runs: number; readonly first: Words } | null;
  readonly idle: readonly string[];
}

export const nothingNoticed: Noticed = { words: null, idle: [] };

export function noticedIn({ words, atWork }: Pick<History, 'words' | 'atWork'>): NoticedInRun {
  const [first] = words ?? [];
  return { ...(first && { words: first }), atWork };
}

/** @param runs in their order */
export function noticedOver(runs: readonly NoticedInRun[]): Noticed {
  const said = runs.flatMap(({ words }) => words ?? []);
  const [first] = said;
  const all = new Set(runs.flatMap(({ atWork }) => Object.keys(atWork)));
  const idle = [...all].filter((program) => runs.every(({ atWork }) => atWork[program] !== true));
  return { words: first === undefined ? null : { runs: said.length, first }, idle: idle.toSorted() };
}

/**
 * What was noticed in several lots of runs, none of which is in two of them.
 *
 * @param lots in their order; those without a run say nothing
 */
export function noticedTogether(lots: readonly { readonly runs: number; readonly noticed: Noticed }[]): Noticed {
  const made = lots.filter(({ runs }) => runs > 0).map(({ noticed }) => noticed);
  const said = made.flatMap(({ words }) => words ?? []);
  const [first] = said;
  const idle = made[0]?.idle.filter((program) => made.every((one) => one.idle.includes(program))) ?? [];
  const runs = said.reduce((sum, one) => sum + one.runs, 0);
  return { words: first === undefined ? null : { runs, first: first.first }, idle };
}

/** Characters of what the first said. */
const saidMost = 300;

/**
 * What was noticed, in sentences without a full stop.
 *
 * @param runs in how many it was looked for
 */
export function noticedSays({ words, idle }: Noticed, runs: number): readonly string[] {
  const of = count(runs, 'run');
  return [
    ...(words === null
      ? []
      : [
          `in ${words.runs} of ${of} programs printed on their standard error, first ${words.first.process}: ${lastSaid(words.first.text, saidMost)}`,
        ]),
    ...idle.map(
      (program) => `the program ${program} never read or wrote a database, in none of ${of}: is it told the right one?`,
    ),
  ];
}
