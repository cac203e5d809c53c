// Sentences about locks: who held what, which step took it away, and who was granted what because of that. What stays
// out: what was then done under such a lock (tell-files.ts).
import type { Belief, GrantedAgainst, LockLost, WroteUnheld } from '../observe/lock-table.ts';
import type { Telling } from './telling.ts';
import { bytesOf, listOf } from './words.ts';
import { count } from '../model/count.ts';

/** Connections that one sentence names. */
const namedMax = 2;

export function tellLockLost(telling: Telling, lost: LockLost): void {
  const { lane, step, held } = lost;
  const [first] = held;
  if (first === undefined) return;
  const { process } = first.holder;
  const byLane = [...Map.groupBy(held, ({ holder }) => holder.lane)];
  const what = listOf(
    byLane.map(([holder, locks]) => `${holder} had ${listOf(locks.map(lockOf), 8)}`),
    namedMax + 1,
  );
  telling.add(lost, {
    step,
    kind: 'lock-lost',
    sentence:
      `${deedOf(lost, process)}: ` +
      `with that close the kernel dropped every POSIX lock of ${process} on it, and SQLite was not told; ${what}` +
      `${staysOf(lost)}.`,
    lanes: [lane, ...byLane.map(([holder]) => holder)],
  });
}

/** What such a close does not drop. */
function staysOf({ stays }: LockLost): string {
  const [first] = stays;
  if (first === undefined) return '';
  return `; the read lock of an open file description on ${bytesOf(first)}, taken at step ${first.since}, stays`;
}

function deedOf({ lane, name, injected, descriptor }: LockLost, process: string): string {
  if (injected) return `The plan had ${process} open, read and close ${name} as a plain file`;
  return descriptor
    ? `${lane} closed a descriptor of ${name}, which it had opened as a plain file`
    : `${lane} opened and closed ${name} as a plain file`;
}

/** EXCLUSIVE is a write lock on the bytes of SHARED, which is then one of its parts. */
function lockOf(lock: Belief, _: number, all: readonly Belief[]): string {
  const part = lock.what === 'SHARED' && all.some((one) => one.holder === lock.holder && one.what === 'EXCLUSIVE');
  return part ? 'SHARED' : `${lock.what} on ${bytesOf(lock)} since step ${lock.since}`;
}

/** A connection whose lock was only counted, after the kernel had dropped that of its process. */
function tellJoined(telling: Telling, name: string, { holder, since, what, lost }: Belief): void {
  if (lost === undefined || since <= lost.step) return;
  telling.add(holder, {
    step: since,
    kind: 'lock-held',
    sentence:
      `${holder.lane} connected to ${name}; its ${what} was only counted, because SQLite in ${holder.process} ` +
      `believed it held that lock already: the kernel was not asked.`,
    lanes: [holder.lane],
  });
}

/**
 * @param deed what the lane was about, as `closing its connection`; undefined when it is not known
 * @param matter the connections that the rest of the story is about
 */
export function tellGranted(
  telling: Telling,
  granted: GrantedAgainst,
  deed: string | undefined,
  matter: readonly string[],
): void {
  const { step, lane, what, name, others } = granted;
  for (const { lost } of others) if (lost !== undefined) tellLockLost(telling, lost);
  const joined = others.filter(({ holder }) => matter.includes(holder.lane));
  for (const belief of joined.slice(0, namedMax)) tellJoined(telling, name, belief);
  const believers = listOf(others.map((one) => `${one.holder.lane} (${one.what})`));
  const lost = listOf(
    others.flatMap((one) => (one.lost === undefined ? [] : [String(one.lost.step)])),
    8,
  );
  telling.add(granted, {
    step,
    kind: 'granted-against',
    sentence:
      `${lane}${deed === undefined ? '' : `, ${deed},`} was granted ${what} on ${name}, though ${believers} believed to have it ` +
      `locked${lost === '' ? '' : `: the kernel had dropped that at step ${lost}`}.`,
    lanes: [lane, ...others.map(({ holder }) => holder.lane)],
  });
}

export function tellWroteUnheld(telling: Telling, wrote: WroteUnheld): void {
  const { step, lastStep, lane, name, writes, lost } = wrote;
  tellLockLost(telling, lost);
  telling.add(wrote, {
    step,
    kind: 'wrote-astray',
    sentence:
      `${lane} went on with its commit and wrote ${count(writes, 'page')} to ${name} (steps ${step} to ${lastStep}), ` +
      `under the EXCLUSIVE that the kernel had dropped at step ${lost.step}.`,
    lanes: [lane],
  });
}
