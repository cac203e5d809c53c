// Lost updates that only statements show: what a lane read, it wrote by some transactions later, and others between. What stays out: those that
// the locks of one transaction after the other show (transactions.ts).
import type { RunEvents } from './events.ts';
import { blindWrites, readsAnew, readsWhat, writesOver } from './statements.ts';
import type { CommitMade, HasRead, HasWritten, Overtaken } from './transactions.ts';

/** The first commit by which an update is lost, as if it had come at once after what it rests on; undefined where none is. */
export function lostByStatements(
  { events, statements }: RunEvents,
  concerns: (event: HasWritten) => boolean,
): Overtaken | undefined {
  const reads: HasRead[] = [];
  const writes: HasWritten[] = [];
  const writingOf = ({ name, commit }: Pick<HasWritten, 'name' | 'commit'>) =>
    statements.writing({ lane: commit.lane, name, from: commit.began, to: commit.step });
  /** What the lane of a commit had last read of what it wrote over. */
  const groundOf = ({ name, commit }: HasWritten): HasRead | undefined => {
    const blind = blindWrites(writingOf({ name, commit }));
    return reads.findLast(
      (one) =>
        one.lane === commit.lane &&
        one.name === name &&
        one.to <= commit.began &&
        readsWhat(blind, statements.reading(one)),
    );
  };
  const isOver = (one: HasWritten, other: HasWritten): boolean =>
    other.name === one.name && writesOver(blindWrites(writingOf(one)), writingOf(other)) === true;
  for (const event of events) {
    if (event.kind === 'has-read') reads.push(event);
    if (event.kind !== 'has-written') continue;
    const { commit, name, step, lane } = event;
    const stretch = { lane, name, from: commit.began, to: commit.step };
    const read = groundOf(event);
    const since = read === undefined ? [] : writes.filter((one) => one.commit.step > read.from && isOver(event, one));
    writes.push(event);
    if (read === undefined || since.length === 0 || !concerns(event)) continue;
    if (since.some((one) => one.lane === lane) || readsAnew(writingOf(event), statements.reading(stretch))) continue;
    const between = since.map((one) => ({ by: one.commit, first: sameGround(groundOf(one), read, since) }));
    return { kind: 'overtaken', step, lane, name, read, between, commit };
  }
  return undefined;
}

/** What another had read, where nobody had written over it between that and this reading. */
function sameGround(
  other: HasRead | undefined,
  read: HasRead,
  since: readonly { readonly commit: CommitMade }[],
): HasRead | undefined {
  if (other === undefined) return undefined;
  const [from, to] = [Math.min(other.from, read.from), Math.max(other.from, read.from)];
  return since.some(({ commit }) => commit.step > from && commit.step <= to) ? undefined : other;
}
