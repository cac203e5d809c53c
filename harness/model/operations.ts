// What a step can be: operations, what lane programs call theirs, and roles of files. The tables of gate.c once more;
// gate/protocol.test.ts compares them name by name. What stays out: how a step travels (gate/protocol.ts).

/** Operations in wire order. */
export const operations = [
  'name',
  'start',
  'end',
  'open',
  'close',
  'read',
  'write',
  'truncate',
  'sync',
  'fileSize',
  'lock',
  'unlock',
  'checkReserved',
  'fileControl',
  'shmMap',
  'shmLock',
  'shmBarrier',
  'shmUnmap',
  'fetch',
  'unfetch',
  'delete',
  'access',
  'busySleep',
  'randomness',
  'time',
  'raw',
  'mark',
  'step',
  'fileRead',
  'fileWrite',
  'stat',
  'rename',
  'unlink',
  'copy',
  'link',
  'list',
  'flock',
  'funlock',
  'observe',
  'sleep',
  'ask',
  'fault',
  'exists',
  'disconnect',
  'tell',
  'quiet',
  'refused',
  'mkdir',
  'symlink',
  'lstat',
  'rmdir',
  'chmod',
  'utime',
  'fdOpen',
  'fdClose',
  'fdRead',
  'fdWrite',
  'fdSync',
  'fdTruncate',
  'fdStat',
  'fdScan',
  'fdLock',
  'fdChmod',
  'exec',
  'statement',
  'sql',
] as const;

export type Operation = (typeof operations)[number];

/** Wire number of each operation. */
export const op = numbered(operations);

/** What the gate's `lockstep_step` calls the operations that are not SQLite's: each is one on a file. */
export const stepKinds = {
  read: 'fileRead',
  write: 'fileWrite',
  stat: 'stat',
  rename: 'rename',
  unlink: 'unlink',
  copy: 'copy',
  link: 'link',
  list: 'list',
  flock: 'flock',
  funlock: 'funlock',
  exists: 'exists',
  disconnect: 'disconnect',
  mkdir: 'mkdir',
  symlink: 'symlink',
  lstat: 'lstat',
  rmdir: 'rmdir',
  chmod: 'chmod',
  utime: 'utime',
  open: 'fdOpen',
  scan: 'fdScan',
} as const satisfies { readonly [kind: string]: Operation };

/** What the gate's `lockstep_on` calls the operations on a descriptor that a step `open` has opened, or for `lock` SQLite. */
export const descriptorKinds = {
  close: 'fdClose',
  read: 'fdRead',
  write: 'fdWrite',
  sync: 'fdSync',
  truncate: 'fdTruncate',
  stat: 'fdStat',
  lock: 'fdLock',
  chmod: 'fdChmod',
} as const satisfies { readonly [kind: string]: Operation };

export type DescriptorKind = keyof typeof descriptorKinds;

/** The text of a `funlock` by which a file is closed whose flock(2) was not had. */
export const flockRefused = 'refused';

export type StepKind = keyof typeof stepKinds;

/** File roles in wire order. `none` is for steps that touch no file. */
export const roles = ['db', 'wal', 'shm', 'journal', 'other', 'none'] as const;
export type Role = (typeof roles)[number];
export const role = numbered(roles);

function numbered<Name extends string>(names: readonly Name[]): { readonly [K in Name]: number } {
  return Object.fromEntries(names.map((name, i) => [name, i])) as { readonly [K in Name]: number };
}
