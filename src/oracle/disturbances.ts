// What disturbs a run from outside the simulated system: until when faults are in force, and what may have changed the
// board's file past the system. What stays out: what faults do.
import { fileSystemModels } from '../../harness/model/file-systems.ts';
import type { History, PowerLoss, Strike } from '../../harness/model/history.ts';
import { wordsOf } from './said.ts';

/** When the last fault was over; 0 without faults, Infinity when one was in force to the end. Virtual ms. */
export function lastFaultMs(strikes: readonly Strike[]): number {
  return Math.max(0, ...strikes.map(({ liftedMs }) => liftedMs ?? Infinity));
}

/** The earliest time from `fromMs` on at which begin `lengthMs` without a fault in force. A fault that is over at once is none. */
export function calmFromMs(strikes: readonly Strike[], fromMs: number, lengthMs: number): number {
  let calmMs = fromMs;
  for (const { nowMs, liftedMs } of strikes.toSorted((a, b) => a.nowMs - b.nowMs)) {
    const overMs = liftedMs ?? Infinity;
    if (overMs > nowMs && overMs > calmMs && nowMs < calmMs + lengthMs) calmMs = overMs;
  }
  return calmMs;
}

/** Faults that leave the contents of the file to SQLite: it comes through each of them sound. */
const sparing: ReadonlySet<string> = new Set([
  'kill',
  'oom',
  'orphan',
  'pause',
  'io-error',
  'io-hiccup',
  'disk-full',
  'file-damage', // of what lies beside it
  'leaked-connection',
  'stalled-lock-holder',
  'power-loss',
]);

/** Where anything is promised, on a file system as SQLite assumes it, a database comes through a power loss sound. */
function keepsSound({ promise, model }: PowerLoss): boolean {
  return promise !== 'nothing' && fileSystemModels[model].promised;
}

/** What a person does to the file itself. */
const touching: ReadonlySet<string> = new Set(['replace', 'reindex']);

/** Where the file may have been damaged, replaced or mended from outside: by faults and people, in no order. */
export function changesFromOutside({
  observations,
  strikes,
}: Pick<History, 'observations' | 'strikes'>): readonly { readonly step: number; readonly nowMs: number }[] {
  return [
    ...strikes.filter(({ kind, changed, powerLoss }) => {
      if (powerLoss !== undefined) return !keepsSound(powerLoss);
      return !sparing.has(kind) && (kind !== 'corrupt' || changed === true);
    }),
    ...wordsOf(observations, 'operator').filter(({ data }) => touching.has(data.act)),
  ];
}
