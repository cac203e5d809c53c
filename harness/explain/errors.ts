// Errors that lanes met, as they told them in observations (a string of data that is a result code of SQLite) or died of. What
// stays out: codes that only a VFS call answered, which every run has (a new file is too short for its first read).
import type { History, Refusal } from '../model/history.ts';
import { lastSaid } from '../model/last-said.ts';
import type { Json } from '../model/values.ts';
import type { TraceStep } from '../observe/trace.ts';
import { processOf } from '../model/names.ts';
import { quoted } from '../model/visible.ts';
import type { Telling } from './telling.ts';
import { operationOf } from './words.ts';
import { count } from '../model/count.ts';

/** Codes that are told one by one. */
const codesMax = 3;

/** What tells of damage or a failing disk; not busy answers, and not what is wrong with a statement. */
const code = /^SQLITE_(CORRUPT|NOTADB|IOERR|FULL|CANTOPEN|READONLY|PROTOCOL)[A-Z_]*$/;

/** The first SQLite code of damage or of a failing disk in what a lane has told. */
export function codeIn(data: Json): string | undefined {
  if (typeof data === 'string') return code.test(data) ? data : undefined;
  if (data === null || typeof data !== 'object') return undefined;
  for (const value of Object.values(data)) {
    const found = codeIn(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Processes that died of a signal which the plan did not send, and what they did last. */
export function tellDeaths(telling: Telling, steps: readonly TraceStep[], { deaths }: History): void {
  for (const { process, ending, step } of deaths) {
    if (ending.how !== 'killed' || ending.signal === 'SIGKILL') continue;
    const last = steps.findLast((one) => one.step < step && processOf(one.lane) === process);
    const doing = operationOf(last);
    const after = doing === undefined || last === undefined ? '' : `, after its ${doing} at step ${last.step}`;
    const lanes = [process];
    telling.add(`died ${process}`, {
      step,
      kind: 'error',
      sentence: `${process} died of ${ending.signal}${after}.`,
      lanes,
    });
  }
}

/** Processes whose last words are told. */
const processesMost = 4;

/** What commands that came to a bad end said on their standard error. */
export function tellWords(telling: Telling, steps: readonly TraceStep[], { words = [], endings }: History): void {
  const badly = new Set(endings.flatMap(({ lane, ending }) => (ending.how === 'returned' ? [] : [processOf(lane)])));
  for (const { process, text } of words.filter((one) => badly.has(one.process)).slice(0, processesMost)) {
    const end = steps.findLast((one) => one.op === 'end' && processOf(one.lane) === process);
    telling.add(`words ${process}`, {
      step: end?.step ?? null,
      kind: 'error',
      sentence: `${process} said on its standard error: ${lastSaid(text)}.`,
      lanes: [process],
    });
  }
}

/** The first name that each lane was refused. */
export function tellRefusals(telling: Telling, { refusals }: History): void {
  for (const [lane, [first, ...more]] of Map.groupBy(refusals, (one) => one.lane)) {
    if (first === undefined) continue;
    telling.add(`refused ${lane}`, {
      step: first.step,
      kind: 'error',
      sentence: refusalSentence(first, more.length),
      lanes: [lane],
    });
  }
}

/** @param more times that this lane was refused a name */
export function refusalSentence({ lane, name }: Refusal, more: number): string {
  return `${lane} named ${quoted(name)}, which is outside of the run's folder, and was refused${more === 0 ? '' : `; ${count(more, 'other name')} too`}.`;
}

/** The first that met each code from step `from` on, and how many met it. */
export function tellErrors(telling: Telling, steps: readonly TraceStep[], history: History, from: number): void {
  const met = new Map<string, { readonly lane: string; readonly step: number; readonly lanes: Set<string> }>();
  const enter = (name: string | undefined, lane: string, step: number): void => {
    if (name === undefined || step < from) return;
    const entry = met.get(name) ?? { lane, step, lanes: new Set() };
    entry.lanes.add(lane);
    met.set(name, entry);
  };
  for (const { lane, step, data } of history.observations) enter(codeIn(data), lane, step);
  for (const { lane, ending } of history.endings) {
    const end = ending.how === 'threw' ? steps.findLast((one) => one.lane === lane && one.op === 'end') : undefined;
    if (ending.how === 'threw' && end !== undefined) enter(codeIn(ending.error.split(':')[0] ?? ''), lane, end.step);
  }
  for (const [name, { lane, step, lanes }] of [...met].slice(0, codesMax)) {
    const others = lanes.size - 1;
    const failed = steps.findLast((one) => one.step < step && one.lane === lane && one.rc === name);
    const why = failed === undefined ? '' : ` from its ${operationOf(failed)} at step ${failed.step}`;
    telling.add(name, {
      step,
      kind: 'error',
      sentence: `${lane} met ${name}${why}${others === 0 ? '' : `; ${count(others, 'other lane')} met that code later`}.`,
      lanes: [...lanes],
    });
  }
}
