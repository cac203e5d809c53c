// Which of the states of a run's disk are tried: all, or where there are too many, those in which nothing and everything is lost at each
// moment, as long as these are no more than half, and of the others a sample: a moment is drawn, then one of its states, since a moment with
// thousands of writes under way has nearly all of the states, and nearly all of them are alike. What stays out: what they are (crash-states.ts).
import type { FileSystem } from '../model/file-systems.ts';
import type { DiskLog } from '../model/disk.ts';
import { below, type Random } from '../model/random.ts';
import { crashPoints } from '../disk/crash-points.ts';
import { statesAt } from '../disk/crash-states.ts';
import { DurableDisk } from '../disk/durable-disk.ts';

/**
 * @property all how many there are
 * @property indexes of those that are tried, by the moment before which they are; in order
 */
export interface ChosenStates {
  readonly all: number;
  readonly tried: number;
  readonly indexes: ReadonlyMap<number, readonly number[]>;
}

interface Moment {
  readonly before: number;
  readonly first: number;
  readonly count: number;
}

function momentsOf(log: DiskLog, system: FileSystem): readonly Moment[] {
  const disk = new DurableDisk(log, system);
  return crashPoints(log).map(({ before }) => {
    disk.goTo(before);
    const { first, count } = statesAt(disk, before);
    return { before, first, count };
  });
}

/** @param random of the sample */
export function chosenStates(log: DiskLog, system: FileSystem, most: number, random: Random): ChosenStates {
  const moments = momentsOf(log, system);
  const all = moments.reduce((sum, { count }) => sum + count, 0);
  if (all <= most) {
    const indexes = new Map(moments.map(({ before, count }) => [before, [...Array(count).keys()]]));
    return { all, tried: all, indexes };
  }
  const firsts = moments.reduce((sum, { first }) => sum + first, 0);
  const inAnyCase = firsts <= most / 2;
  const chosen = new Map(moments.map(({ before, first }) => [before, new Set(Array(inAnyCase ? first : 0).keys())]));
  let tried = inAnyCase ? firsts : 0;
  let open = moments;
  // Ends: there are more than `most`.
  while (tried < most) {
    const moment = open[below(random, open.length)];
    const indexes = chosen.get(moment?.before ?? -1);
    if (moment === undefined || indexes === undefined) break;
    if (indexes.size === moment.count) open = open.filter((one) => one !== moment);
    const index = below(random, moment.count);
    if (indexes.has(index)) continue;
    indexes.add(index);
    tried++;
  }
  const sorted = new Map([...chosen].map(([before, indexes]) => [before, [...indexes].toSorted((a, b) => a - b)]));
  return { all, tried, indexes: sorted };
}
