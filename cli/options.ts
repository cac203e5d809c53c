// Options that several commands share, each read into what it means or refused with a sentence. What stays out: defaults
// that depend on a scenario.
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { type ModelName, modelNames } from '../harness/model/file-systems.ts';
import { defaultChooser, separateChooserNames } from '../harness/run/choosers/names.ts';
import { hosts } from '../harness/run/hosts.ts';
import { OWN_ENGINE } from '../harness/model/process.ts';
import { boundMost, defaultBound } from '../harness/model/verdict.ts';

export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || text.trim() === '' || value < least || value > most) {
      const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
      throw new InvalidArgumentError(`It takes a whole number ${range}.`);
    }
    return value;
  };
}

/** `all` as infinitely many, or a number. */
export function allOr(read: (text: string) => number): (text: string) => number {
  return (text) => (text === 'all' ? Infinity : read(text));
}

const unitsMs: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `30s`, `5m`, `1h`, `500ms`, in milliseconds. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const unit = unitsMs[match?.[2] ?? ''];
  if (match === null || unit === undefined || Number(match[1]) === 0) {
    throw new InvalidArgumentError('It takes a time such as 30s, 5m or 1h.');
  }
  return Number(match[1]) * unit;
}

/** An option that takes a time, and says its default as a person would give it. */
export function durationOption<const Flags extends string>(flags: Flags, says: string, byDefault: string) {
  return new Option(flags, says).argParser(duration).default(duration(byDefault), byDefault);
}

/** Every command that does something takes it. */
export function jsonOption() {
  return new Option('--json', 'one JSON document on standard output, everything else on standard error');
}

/** As {@link jsonOption}. */
export function verboseOption() {
  return new Option('--verbose', 'stack traces with errors');
}

/**
 * Which SQLite a command takes, where its programs may be commands.
 *
 * @param says what it is, and what it is otherwise
 */
export function engineOption(says: string) {
  return new Option('--engine <version>', `${says}; \`${OWN_ENGINE}\`: ${ownSays}`);
}

/** As {@link engineOption}, for several with commas. */
export function enginesOption(byDefault: string) {
  const says = `SQLite versions, with commas; \`${OWN_ENGINE}\` among them: ${ownSays}; default: ${byDefault}`;
  return new Option('--engines <versions>', says);
}

const ownSays = 'whatever SQLite a program that is a command brings along';

/** How long a lane may be silent, seconds. */
export function limitOption() {
  const says =
    'seconds that a lane may compute or sleep outside its World in one stretch; waiting for a processor does not count';
  return new Option('--limit <seconds>', says).argParser(wholeNumber(1)).default(20);
}

/** `5%` or `0.05`. */
function share(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text.trim());
  const value = Number(match?.[1]) / (match?.[2] === '%' ? 100 : 1);
  if (match === null || value <= 0 || value > boundMost) {
    throw new InvalidArgumentError(`It takes a share above 0 and up to ${boundMost * 100}%, such as 5% or 0.05.`);
  }
  return value;
}

/** What a pass must rule out. */
export function boundOption() {
  const says = 'a pass rules out that a random run in the window fails more often than this, at 95 % confidence';
  return new Option('--bound <share>', says).argParser(share).default(defaultBound, `${defaultBound * 100}%`);
}

/**
 * What `--scenarios` names.
 *
 * @property places files and folders that have scenarios of a person's own
 * @property names of scenarios, where a command takes several
 */
export interface ScenariosGiven {
  readonly places: readonly string[];
  readonly names: readonly string[];
}

/** A list with commas; what looks like a path, or like a file of code, is a place. */
export function placesAndNames(text: string): ScenariosGiven {
  const { places = [], names = [] } = Object.groupBy(listOf(text), (one) =>
    /^\.{1,2}$|\/|\.m?[jt]s$/.test(one) ? 'places' : 'names',
  );
  return { places, names };
}

/** A list with commas. */
export function listOf(text: string): readonly string[] {
  const all = text.split(',').map((one) => one.trim());
  if (all.includes('')) throw new InvalidArgumentError('It takes a list with commas, in which nothing is empty.');
  return all;
}

/** Every command that takes a scenario, or a plan of one. */
export function scenariosOption() {
  const says =
    'where scenarios of your own are: files, or folders of NAME.scenario.ts, with commas; default: what lockstep.config.ts names';
  return new Option('--scenarios <places>', says).argParser(
    (text): ScenariosGiven => ({ places: listOf(text), names: [] }),
  );
}

/** Who chooses the schedules of runs that are made apart from each other. */
export function chooserOption() {
  return new Option('--chooser <name>', 'who chooses the schedules')
    .choices(separateChooserNames)
    .default(defaultChooser);
}

/** What lanes run in. */
export function hostOption() {
  const says =
    'what simulated processes are: native (a small C program) or node (the reference); default: native, where it can be built and can run the programs';
  return new Option('--host <host>', says).choices(hosts);
}

/** One of a list; {@link Option.choices} reads an option that takes only one. */
export function oneOf<T extends string>(names: readonly T[]): (text: string) => T {
  return (text) => {
    const found = names.find((name) => name === text);
    if (found === undefined) throw new InvalidArgumentError(`It takes one of: ${names.join(', ')}.`);
    return found;
  };
}

/** `2/8`: the second of eight parts. */
export function shardOf(text: string): { readonly index: number; readonly of: number } {
  const match = /^(\d{1,4})\/(\d{1,4})$/.exec(text);
  const [index, of] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || index < 1 || index > of) {
    throw new InvalidArgumentError('It takes a part and how many there are, such as 2/8.');
  }
  return { index, of };
}

export const powerLossSays =
  'recorded runs lose their power on these file systems, with commas, or on `all` of them, or `none`: what it takes away is a figure, what breaks the promise of a strategy fails; default: as each scenario asks';

/** File systems by name, with commas. */
export function powerModels(text: string): readonly ModelName[] {
  if (text === 'all') return modelNames;
  if (text === 'none') return [];
  return text.split(',').map((name) => {
    const found = modelNames.find((one) => one === name.trim());
    if (found === undefined) throw new InvalidArgumentError(`It is all, none, or some of: ${modelNames.join(', ')}.`);
    return found;
  });
}
