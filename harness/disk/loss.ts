// What a power loss in the middle of a run does to what is under way then, as a state of the disk: a plan counts back from the last
// operation that is not synced. What stays out: states by number (crash-states.ts).
import type { CrashState, Loss } from '../model/crash.ts';
import { isOnData } from '../model/disk.ts';
import { isPartOfSectors, type LossByNumber, stateWith, tearsOf } from './crash-states.ts';
import { type DurableDisk, isMetadata } from './durable-disk.ts';

type Ranges = readonly (readonly [number, number])[];

/** Of a list the entries in these ranges, counted back from the last. */
function fromTheEnd(numbers: readonly number[], ranges: Ranges = []): readonly number[] {
  const backwards = numbers.toReversed();
  return backwards.filter((_, back) => ranges.some(([from, to]) => from <= back && back <= to)).toReversed();
}

/** The torn write, with so many of its sectors; none where it is lost, lies in one sector, or all of it would be there. */
function tornIn(
  disk: DurableDisk,
  writes: readonly number[],
  isThere: (number: number) => boolean,
  torn: Loss['torn'],
): Pick<LossByNumber, 'torn'> {
  const number = torn === undefined ? undefined : writes.at(-1 - torn.write);
  if (torn === undefined || number === undefined || !isThere(number)) return {};
  const operation = disk.operation(number);
  if (operation.kind !== 'write') return {};
  const bytes = tearsOf(operation, disk.model.atomicBytes)[torn.sectors - 1];
  return bytes === undefined ? {} : { torn: { operation: number, bytes } };
}

/**
 * @param disk stands at the moment at which the power goes
 * @param before number of the next operation
 */
export function stateOfLoss(disk: DurableDisk, before: number, loss: Loss): CrashState {
  const pending = [...disk.pending];
  const writes = pending.filter((number) => isOnData(disk.operation(number)));
  const names = pending.filter((number) => !isOnData(disk.operation(number)));
  const lost =
    loss.lost === 'nothing'
      ? []
      : loss.lost === 'everything'
        ? pending
        : [...fromTheEnd(writes, loss.lost.writes), ...fromTheEnd(names, loss.lost.names)];
  const isLost = new Set(lost);
  const isWrite = (number: number) => disk.operation(number).kind === 'write' && !isLost.has(number);
  const longer = (number: number) => isWrite(number) && isMetadata(disk.operation(number));
  const hollow = fromTheEnd(writes, loss.hollow).filter(longer);
  const spoilt = loss.spoilt === undefined ? undefined : writes.at(-1 - loss.spoilt);
  return stateWith(disk, before, {
    lost,
    ...(hollow.length === 0 ? {} : { hollow }),
    ...(spoilt !== undefined && isWrite(spoilt) && isPart(disk, spoilt) ? { spoilt } : {}),
    ...tornIn(disk, writes, isWrite, loss.torn),
  });
}

function isPart(disk: DurableDisk, number: number): boolean {
  const operation = disk.operation(number);
  return operation.kind === 'write' && isPartOfSectors(operation);
}
