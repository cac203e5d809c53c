// How an explanation puts things: lists, counts, lock bytes, and steps by the names of SQLite's VFS methods. What stays
// out: what is told.
import type { TraceStep } from '../observe/trace.ts';
import type { Belief } from '../observe/lock-table.ts';

/** `a`, `a and b`, `a, b and 4 more`: at most `most` by name. */
export function listOf(names: readonly string[], most = 3): string {
  const different = [...new Set(names)];
  const shown = different.slice(0, different.length > most ? most - 1 : most);
  const more = different.length - shown.length;
  const all = more > 0 ? [...shown, `${more} more`] : shown;
  return all.length < 2 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}

export function bytesOf({ from, to }: Pick<Belief, 'from' | 'to'>): string {
  return from === to ? `byte ${from}` : `bytes ${from} to ${to}`;
}

const methods: { readonly [op: string]: string } = {
  open: 'xOpen of',
  close: 'xClose of',
  read: 'xRead of',
  write: 'xWrite to',
  truncate: 'xTruncate of',
  sync: 'xSync of',
  lock: 'xLock on',
  unlock: 'xUnlock on',
  checkReserved: 'xCheckReservedLock on',
  shmMap: 'xShmMap of',
  shmLock: 'xShmLock on',
  shmBarrier: 'xShmBarrier on',
  shmUnmap: 'xShmUnmap of',
  fetch: 'xFetch of',
  unfetch: 'xUnfetch of',
  delete: 'xDelete of',
  fileRead: 'raw read of',
  fileWrite: 'raw write of',
  rename: 'rename of',
  unlink: 'unlink of',
  copy: 'copy of',
  fdOpen: 'raw open of',
  fdClose: 'raw close of',
  fdRead: 'raw read of',
  fdWrite: 'raw write of',
  fdSync: 'fsync of',
  fdTruncate: 'ftruncate of',
  fdLock: 'fcntl lock on',
  fdChmod: 'fchmod of',
};

const slotNames = ['WRITE', 'CKPT', 'RECOVER', 'READ0', 'READ1', 'READ2', 'READ3', 'READ4'];

function detailOf({ op, args }: TraceStep): string {
  if (args === undefined) return '';
  if (op === 'lock' || op === 'unlock') return ` (${args['level']})`;
  if (op === 'fdLock')
    return ` (${args['action']} for the ${args['owner']}, ${args['length']} bytes at ${args['offset']})`;
  if ('length' in args) return ` (${args['length']} bytes at ${args['offset']})`;
  if (op !== 'shmLock') return '';
  const from = Number(args['slot']);
  const slots = slotNames.slice(from, from + Number(args['count']));
  return ` (${args['action']} ${slots.join(', ')}, ${args['mode']})`;
}

/** Operations at which a lane waits by itself, and is not stopped. */
const waits: ReadonlySet<string> = new Set(['start', 'sleep', 'busySleep', 'ask', 'end']);

/** A step as the operation that a lane stood before; undefined where it waited by itself. */
export function operationOf(step: TraceStep | undefined): string | undefined {
  if (step === undefined || waits.has(step.op)) return undefined;
  const method = methods[step.op];
  return method === undefined ? undefined : `${method} ${step.file ?? ''}${detailOf(step)}`;
}
