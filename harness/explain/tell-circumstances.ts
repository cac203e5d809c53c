// What is told of a violation that no chain of file and lock operations explains: who waited for whom, which transaction an
// error ended, which commit came between a read and a write, and what the lanes that it is about said last. What stays out:
// the chains (explain-steps.ts).
import type { History, Observation } from '../model/history.ts';
import type { Violation } from '../model/invariant.ts';
import { codeNamed, lanesOf } from '../judge/signature.ts';
import { quoted } from '../model/visible.ts';
import type { RunEvent, RunEvents } from './events.ts';
import { lostByStatements } from './lost-updates.ts';
import { processOf } from '../model/names.ts';
import { tellRefusedConnection } from './refused-connections.ts';
import { hasReadAnew, isLost, tellFailed, tellOvertaken, tellRefused } from './tell-transactions.ts';
import type { Overtaken } from './transactions.ts';
import { tellWaits } from './tell-waits.ts';
import type { Telling } from './telling.ts';

/** Characters of what a lane said. */
const saidMax = 160;

/** Lanes of one violation whose last words are told. */
const lanesMax = 2;

/** What acknowledged-commits reads, and every transaction says. */
const everyday: ReadonlySet<string> = new Set(['committing', 'committed', 'quiet']);

export function tellCircumstances(telling: Telling, run: RunEvents, history: History, violation: Violation): void {
  const about = lanesOf(violation, history);
  const concerns = (lane: string): boolean =>
    about.length === 0 || about.some((one) => one === lane || one === processOf(lane));
  tellWaits(
    telling,
    run.refusals.long().filter(({ lane }) => concerns(lane)),
  );
  const { first } = run.connections;
  if (first !== undefined && first.step <= (violation.step ?? Infinity) && violation.message.includes('53300'))
    tellRefusedConnection(telling, first);
  const before = (event: { readonly step: number; readonly lane: string }): boolean =>
    concerns(event.lane) && event.step <= (violation.step ?? Infinity);
  const failed = lastOf(run, 'transaction-failed', before);
  if (failed !== undefined) tellFailed(telling, failed);
  const refused = lastOf(run, 'refused-write', before);
  const overtaken = overtakenIn(run, refused === undefined, before);
  if (overtaken !== undefined) tellOvertaken(telling, overtaken, { ...run, tables: tablesOf(history) });
  else if (refused !== undefined) tellRefused(telling, refused);
  tellLastWords(telling, history, violation, about);
}

/**
 * What was written on an old reading: the first that wrote over what was there, since all later ones may come of it; else the last of all.
 *
 * @param orAny where none is known to have written over anything
 */
function overtakenIn(
  run: RunEvents,
  orAny: boolean,
  counts: (event: { readonly step: number; readonly lane: string }) => boolean,
): Overtaken | undefined {
  const { events, statements } = run;
  const all = events
    .filter((event) => event.kind === 'overtaken')
    .filter((event) => counts(event) && !hasReadAnew(event, statements));
  return all.find((event) => isLost(event, run)) ?? lostByStatements(run, counts) ?? (orAny ? all.at(-1) : undefined);
}

/** Tables by the numbers of their first pages. */
function tablesOf({ autopsy }: History): ReadonlyMap<number, string> {
  return new Map(autopsy.tables.flatMap(({ table, root }) => (root === undefined ? [] : [[root, table]])));
}

function lastOf<K extends RunEvent['kind']>(
  { events }: RunEvents,
  kind: K,
  counts: (event: Extract<RunEvent, { kind: K }>) => boolean,
): Extract<RunEvent, { kind: K }> | undefined {
  return events.findLast((event): event is Extract<RunEvent, { kind: K }> => {
    return event.kind === kind && counts(event as Extract<RunEvent, { kind: K }>);
  });
}

/** What each lane said last up to the violation, and the last error among it; of lanes that met one first. */
function tellLastWords(
  telling: Telling,
  { observations }: History,
  { step }: Violation,
  about: readonly string[],
): void {
  const said = observations.filter((one) => !everyday.has(one.kind) && one.step <= (step ?? Infinity));
  const lanes = about.length > 0 ? about : said.toReversed().map(({ lane }) => lane);
  const byLane = [...new Set(lanes)].flatMap((lane) => {
    const own = said.filter((one) => one.lane === lane || (about.length > 0 && processOf(one.lane) === lane));
    const last = own.at(-1);
    return last === undefined ? [] : [{ last, error: own.findLast((one) => errorIn(one) !== undefined) }];
  });
  const first = byLane.toSorted((a, b) => Number(b.error !== undefined) - Number(a.error !== undefined));
  for (const { last, error } of first.slice(0, lanesMax)) {
    for (const one of new Set([error ?? last, last]))
      telling.add(`said ${one.step}`, {
        step: one.step,
        kind: 'said',
        sentence: `${one.lane} ${errorIn(one) === undefined ? 'said' : 'met an error, and said'} ${one.kind}: ${dataOf(one)}.`,
        lanes: [one.lane],
      });
  }
}

function errorIn({ kind, data }: Observation): string | undefined {
  return codeNamed(JSON.stringify(data)) ?? (/fail|error/i.test(kind) ? kind : undefined);
}

function dataOf({ data }: Observation): string {
  const text = JSON.stringify(data);
  return text.length > saidMax ? quoted(text, saidMax) : text;
}
