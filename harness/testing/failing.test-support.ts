// Lane programs under which the machine fails: processes that crash, stop, are stuck, or have run into a limit.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';
import { giveUp } from '../lane/give-up.ts';
import type { World } from '../lane/world.ts';
import type { Json } from '../model/values.ts';
import type { ProgramRef } from '../model/process.ts';

const module = new URL('./failing.test-support.ts', import.meta.url).href;
const names = [
  'computing',
  'stuck',
  'signalling',
  'parentOfThread',
  'givingUp',
  'tellingPid',
  'killing',
  'limited',
  'hungry',
  'reading',
  'exitingRaw',
] as const;

/** By the name under which a test starts them. */
export const failingPrograms: { readonly [name: string]: ProgramRef } = Object.fromEntries(
  names.map((name) => [name, { module, export: name }]),
);

/** Recursive SQL: it passes the gate nowhere. */
export function computing(world: World): void {
  world.open('lab.db').get('WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c');
}

/** Waits outside the World. */
export function stuck(world: World): void {
  world.step('the last one');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** Sends itself a signal, as somebody else on this machine may. */
export function signalling(world: World, signal: Json): void {
  world.step('before the signal');
  process.kill(process.pid, signal as NodeJS.Signals);
  for (;;);
}

/** Ends its process behind the World's back. */
export function exitingRaw(_world: World, code: Json): void {
  process.exit(Number(code));
}

export function parentOfThread(world: World): void {
  world.thread('givingUp', 'child');
  world.wait(`${world.process}/child`);
}

export function givingUp(): void {
  giveUp(new Error('the host of this lane is broken'));
}

/** Says its process id, and stands still. */
export function tellingPid(world: World): void {
  world.observe('pid', process.pid);
  world.sleep(100_000);
}

/** Asks for the death of another, after a step at which a test may have killed it. */
export function killing(world: World, victim: Json): void {
  world.sleep(10);
  world.step('now');
  world.kill(victim as string);
}

/** Of <sys/resource.h>, on Linux. */
const resources = { fileBytes: 1, openFiles: 7, addressBytes: 9 } as const;

/** Takes a limit on this process; there is no way back. */
function limit(resource: keyof typeof resources, most: number): void {
  const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
  const set = koffi.load(null).func('int setrlimit(int resource, const uint64_t *limits)');
  if (set(resources[resource], BigUint64Array.of(BigInt(most), BigInt(most))) !== 0)
    throw new Error('setrlimit failed');
}

/** Takes a limit on itself, then does something that needs more. */
export function limited(world: World, args: Json): void {
  const { resource, most, act } = args as {
    readonly resource: keyof typeof resources;
    readonly most: number;
    readonly act: string;
  };
  const db = world.open('lab.db');
  limit(resource, most);
  if (act === 'sql') db.immediate(() => void db.run('INSERT INTO t VALUES(1, ?)', 'x'.repeat(100_000)));
  if (act === 'open') world.open('lab.db').get('SELECT count(*) FROM t');
  if (act === 'write') world.files.write('raw', 'x'.repeat(100_000));
  if (act === 'read') world.files.read('lab.db');
  if (act === 'flock') world.flock('the.lock', 'exclusive');
}

/** Wants more memory than there is. */
export function hungry(world: World): void {
  const pages = Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[0]);
  limit('addressBytes', pages * 4096 + 50_000_000);
  world.open('lab.db').get('SELECT length(hex(zeroblob(200000000)))');
}

/** Reads, and says what it met. */
export function reading(world: World): void {
  const db = world.open('lab.db');
  for (let i = 0; i < 3; i++) {
    try {
      db.get('SELECT count(*) FROM t');
    } catch (error) {
      world.observe('met', error instanceof Error && 'code' in error ? String(error.code) : 'no code');
    }
  }
}
