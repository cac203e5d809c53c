// What a violation is known by, whatever its figures: which invariant, how the lane ended that it is about, the result code
// that it names, and the role of that lane. Two runs fail alike when their signatures agree. What stays out: finding
// violations (invariants/), and smaller plans that keep a signature (search/shrink/).
import { constants } from 'node:os';
import type { History } from '../model/history.ts';
import type { Violation } from '../model/invariant.ts';
import { lanesEnd } from './invariants/lanes-end.ts';
import type { Json } from '../model/values.ts';

/**
 * @property ending of the lane that it is about, where it is about that; `cut off` where the run was
 * @property code a result code of SQLite, an errno or a signal, by name
 * @property role of the lane that it names: its name without numbers, so that the second writer may stand for the first
 */
export interface Signature {
  readonly invariant: string;
  readonly ending: 'threw' | 'exited' | 'killed' | 'cut off' | undefined;
  readonly code: string | undefined;
  readonly role: string | undefined;
}

/** A violation with its signature. */
export interface Signed {
  readonly violation: Violation;
  readonly signature: Signature;
}

/** How programs tell SQLite's result codes when they give its words instead (sqlite3_errstr). */
const sqliteSays: readonly (readonly [string, string])[] = [
  ['database disk image is malformed', 'SQLITE_CORRUPT'],
  ['file is not a database', 'SQLITE_NOTADB'],
  ['disk I/O error', 'SQLITE_IOERR'],
  ['unable to open database file', 'SQLITE_CANTOPEN'],
  ['attempt to write a readonly database', 'SQLITE_READONLY'],
  ['database or disk is full', 'SQLITE_FULL'],
  ['database is locked', 'SQLITE_BUSY'],
  ['no such table', 'SQLITE_ERROR'],
  ['no such column', 'SQLITE_ERROR'],
];

const codeWord = /\b(?:SQLITE_[A-Z_]+|SIG[A-Z]+|E[A-Z0-9]+)\b/g;

/** The first result code, errno or signal that a text names. */
export function codeNamed(text: string): string | undefined {
  for (const [word] of text.matchAll(codeWord)) if (!word.startsWith('E') || word in constants.errno) return word;
  return sqliteSays.find(([says]) => text.includes(says))?.[1];
}

/** `gateway.verifier` of `gateway-1.verifier-3`. */
export function roleOf(lane: string): string {
  return lane.replaceAll(/-?\d+/g, '');
}

/** All names of lanes and processes of a run. */
function namesIn({ endings }: History): ReadonlySet<string> {
  return new Set(endings.flatMap(({ lane }) => [lane, lane.split('/')[0] ?? lane]));
}

function lanesNamed(text: string, names: ReadonlySet<string>): readonly string[] {
  const words = text.split(/[^\w./-]+/).map((word) => word.replace(/\.+$/, ''));
  return [...new Set(words.filter((word) => names.has(word)))];
}

/** Lanes and processes that a violation is about: those that it names, else the one whose word it is pinned to. */
export function lanesOf({ message, step }: Violation, history: History): readonly string[] {
  const named = lanesNamed(message, namesIn(history));
  if (named.length > 0 || step === null) return named;
  return history.observations.flatMap((one) => (one.step === step ? [one.lane] : []));
}

function endingOf(lane: string | undefined, { endings, deaths }: History): Signature['ending'] {
  if (lane === undefined) return 'cut off';
  const death = deaths.find(({ process }) => process === lane)?.ending;
  const how = (death ?? endings.find((one) => one.lane === lane)?.ending)?.how;
  return how === 'returned' ? undefined : how;
}

function signatureOf({ invariant, message, step }: Violation, history: History, names: ReadonlySet<string>): Signature {
  const said: Json = step === null ? null : (history.observations.find((one) => one.step === step)?.data ?? null);
  const [lane] = lanesNamed(message, names);
  return {
    invariant,
    ending: invariant === lanesEnd.name ? endingOf(lane, history) : undefined,
    code: codeNamed(message) ?? codeNamed(JSON.stringify(said)),
    role: lane === undefined ? undefined : roleOf(lane),
  };
}

export function signed(violations: readonly Violation[], history: History): readonly Signed[] {
  const names = namesIn(history);
  return violations.map((violation) => ({ violation, signature: signatureOf(violation, history, names) }));
}

/** The gravest first: who dies of a signal says more than who throws, and a bound that was reached says least. */
const gravity: readonly Signature['ending'][] = ['killed', 'exited', 'threw', undefined, 'cut off'];

/**
 * What a run must keep to fail alike: of each violated invariant its gravest signature. That the run was cut off counts only
 * where it is all there is: whatever grows without end does so as well until a bound is reached.
 */
export function leading(found: readonly Signed[]): readonly Signature[] {
  const firsts = [...Map.groupBy(found, ({ signature }) => signature.invariant).values()].flatMap((same) => {
    const [first] = same.toSorted((a, b) => gravity.indexOf(a.signature.ending) - gravity.indexOf(b.signature.ending));
    return first === undefined ? [] : [first.signature];
  });
  const ended = firsts.filter(({ ending }) => ending !== 'cut off');
  return ended.length > 0 ? ended : firsts;
}

/** Does a run that violates `found` fail as one with these signatures does? */
export function failsAlike(found: readonly Signed[], signatures: readonly Signature[]): boolean {
  const keys = new Set(found.map(({ signature }) => keyOf(signature)));
  return signatures.every((signature) => keys.has(keyOf(signature)));
}

function keyOf({ invariant, ending, code, role }: Signature): string {
  return JSON.stringify([invariant, ending, code, role]);
}

/** How a run failed, in one line that is the same for all that fail alike: the signatures of {@link leading}, sorted. */
export function groupOf(violations: readonly Violation[], history: History): string {
  const said = leading(signed(violations, history)).map(({ invariant, ending, code, role }) => {
    const more = [ending, code, role].filter((one) => one !== undefined);
    return more.length === 0 ? invariant : `${invariant} (${more.join(', ')})`;
  });
  return said.toSorted().join(' · ');
}
