// What `lockstep bench` may be told to measure: choosers with their settings, plain and deep engines. What stays out: what is
// made of it (configurations.ts).
import { InvalidArgumentError } from '@commander-js/extra-typings';
import {
  type BaseChooserName,
  baseChooserNames,
  type RandomChooserName,
  randomChooserNames,
} from '../../harness/run/choosers/names.ts';
import type { RunnerOptions } from '../../harness/search/runner.ts';

/** Who chooses the schedules of a search, and with which settings. */
export type ChooserChoice = Pick<RunnerOptions, 'chooser' | 'preemptions' | 'depth' | 'over'>;

export interface NamedChoice {
  readonly name: string;
  readonly choice: ChooserChoice;
}

/** What the number behind a chooser's name sets; a chooser that is not here takes none. */
const numberSets: { readonly [name in RandomChooserName]?: 'preemptions' | 'depth' } = {
  preemptions: 'preemptions',
  pct: 'depth',
};

/** As `--choosers` takes them. */
export const defaultChoosers =
  'portfolio,preemptions,preemptions:8,preemptions:16,preemptions:32,preemptions:64,preemptions:128,pct:3,pct:5';

/** The same for `--bugs`. */
export const defaultBugChoosers = 'preemptions,pct:3,portfolio';

/** Reads `preemptions,preemptions:16,pct:3`. */
export function parseChoosers(text: string): readonly NamedChoice[] {
  return text.split(',').map(parseChooser);
}

function parseChooser(name: string): NamedChoice {
  const [chooser = '', number] = name.split(':');
  if (!isChooser(chooser)) {
    throw new InvalidArgumentError(`It takes choosers with commas between: ${randomChooserNames.join(', ')}.`);
  }
  if (number === undefined) return { name, choice: { chooser } };
  if (chooser === 'feedback' && isBase(number)) return { name, choice: { chooser, over: number } };
  const sets = numberSets[chooser];
  if (sets === undefined || !/^[1-9]\d{0,5}$/.test(number)) {
    throw new InvalidArgumentError(
      `"${name}" is none: ${Object.entries(numberSets)
        .map(([known, what]) => `${known}:N (${what})`)
        .join(' and ')} take a number, and feedback:CHOOSER a chooser.`,
    );
  }
  return { name, choice: { chooser, [sets]: Number(number) } };
}

function isChooser(name: string): name is RandomChooserName {
  return (randomChooserNames as readonly string[]).includes(name);
}

function isBase(name: string): name is BaseChooserName {
  return (baseChooserNames as readonly string[]).includes(name);
}

/** `plain` is what users run; `deep` has SQLite's wal-index accesses as switch points. */
export const depths = ['plain', 'deep'] as const;
export type Depth = (typeof depths)[number];
