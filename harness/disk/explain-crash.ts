// A state of the disk in sentences: when the power went, and what was lost. What stays out: what became of it.
import type { CrashState } from '../model/crash.ts';
import { count } from '../model/count.ts';
import type { DiskOperation } from '../model/disk.ts';
import { isIn } from './ranges.ts';
import type { DurableDisk } from './durable-disk.ts';

/** Operations that are told one by one. */
const toldMost = 8;

/** What each operation is called. */
const words: {
  readonly [K in DiskOperation['kind']]: (one: Extract<DiskOperation, { readonly kind: K }>, file: string) => string;
} = {
  write: ({ bytes, offset }, file) => `the write of ${bytes.length} bytes at ${offset} of ${file}`,
  truncate: ({ size }, file) => `the truncation of ${file} to ${size} bytes`,
  sync: (_, file) => `the sync of ${file}`,
  'sync-folder': ({ folder }) => `the sync of the folder ${folder === '' ? '.' : folder}`,
  link: ({ name }) => `the new name ${name}`,
  unlink: ({ name }) => `the removal of the name ${name}`,
  rename: ({ name, to }) => `the renaming of ${name} to ${to}`,
  outside: (_, file) => `a change of ${file} from outside`,
};

function whatOf(disk: DurableDisk, operation: DiskOperation): string {
  const file = 'file' in operation ? (disk.log.files[operation.file]?.name ?? '') : '';
  return (words[operation.kind] as (one: DiskOperation, file: string) => string)(operation, file);
}

function told(disk: DurableDisk, number: number): string {
  const operation = disk.operation(number);
  return `${whatOf(disk, operation)} (${operation.lane}, step ${operation.step})`;
}

function lines(disk: DurableDisk, numbers: readonly number[], what: string): string[] {
  const all = numbers.slice(0, toldMost).map((number) => `${what}: ${told(disk, number)}`);
  return numbers.length > toldMost
    ? [...all, `${what}: ${numbers.length - toldMost} more of what was not synced`]
    : all;
}

/** @param disk stands at the moment of the state @param when how the first sentence begins */
export function tellState(disk: DurableDisk, state: CrashState, when: string): string[] {
  const next = disk.log.operations[state.before];
  const moment = next === undefined ? 'when all is over' : `before ${told(disk, state.before)}`;
  const [first = '', ...others] = tellLoss(disk, state);
  return [`${when} ${moment}; ${first}`, ...others];
}

/** What is lost, without when. @param disk stands at the moment of the state */
export function tellLoss(disk: DurableDisk, state: CrashState): string[] {
  const { torn, hollow, spoilt } = state;
  const { pending } = disk;
  const lost = pending.filter((number) => isIn(state.lost, number));
  const kept = pending.length - lost.length;
  return [
    `${count(pending.length, 'operation')} on the disk ${pending.length === 1 ? 'is' : 'are'} not synced, ${lost.length === 0 ? 'none' : lost.length} of them lost`,
    ...lines(disk, lost, 'lost'),
    ...(kept > 0 && kept <= toldMost
      ? lines(
          disk,
          pending.filter((number) => !lost.includes(number)),
          'on the disk',
        )
      : []),
    ...(torn === undefined ? [] : [`only the first ${torn.bytes} bytes got there: ${told(disk, torn.operation)}`]),
    ...(hollow === undefined
      ? []
      : lines(
          disk,
          pending.filter((number) => isIn(hollow, number)),
          'its length got there, and zeros',
        )),
    ...(spoilt === undefined ? [] : [`the rest of its sectors was spoilt: ${told(disk, spoilt)}`]),
  ];
}
