// Where hand-driven tests happen: the engines at hand, folders, and a process that several tests share.
import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { ensureEngines, engineStatus } from '../engines/ensure.ts';
import { runsFolder } from '../run/workplace.ts';
import { decode } from '../model/record.ts';
import { gatePath } from './build.ts';
import { type HandMachine, HandProcess, type Step } from './hand.test-support.ts';

export interface NamedMachine extends HandMachine {
  readonly name: string;
}

/** Those of the engines that need no building, with the gate. */
export async function readyMachines(names: readonly string[]): Promise<NamedMachine[]> {
  const ready = names.filter((name) => engineStatus(name) === 'ready');
  const gate = await gatePath();
  return [...(await ensureEngines(ready)).values()].map(({ name, binding }) => ({ name, binding, gate }));
}

/** The one engine that most tests use. */
export async function anyMachine(): Promise<NamedMachine> {
  const [machine] = await readyMachines(['3.54.1', '3.50.4', '3.51.2']);
  if (machine === undefined) throw new Error('No engine is built: run `npx lockstep engines` first.');
  return machine;
}

/** A process for the tests of one file or block; one that a failed test left in the middle of a run is replaced. */
export function sharedProcess(machine: HandMachine): () => HandProcess {
  let process: HandProcess | undefined;
  afterAll(() => process?.[Symbol.dispose]());
  return () => {
    if (process?.main.idle !== true) {
      process?.[Symbol.dispose]();
      process = HandProcess.start(machine);
    }
    return process;
  };
}

export interface Folder extends Disposable {
  readonly path: string;
  file(name: string): string;
  bytes(name: string): Buffer;
}

/** An empty folder that goes with its scope. */
export function emptyFolder(prefix = 'world-'): Folder {
  const path = mkdtempSync(join(realpathSync(runsFolder()), prefix));
  return {
    path,
    file: (name) => join(path, name),
    bytes: (name) => readFileSync(join(path, name)),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** A step in few words: `write wal 24@32`. */
export function spell(step: Step): string {
  const { op, role, rc } = step;
  return [op, ...(role === 'none' ? [] : [role]), ...argsOf(step), ...(rc === 0 ? [] : ['→', rc])].join(' ');
}

function argsOf(step: Step): readonly (number | string)[] {
  switch (step.op) {
    case 'read':
    case 'write': {
      const { length, offset } = decode[step.op](step);
      return [`${length}@${offset}`];
    }
    case 'shmLock': {
      const { slot, count, action, mode } = decode.shmLock(step);
      return [`${slot}+${count}`, action, mode];
    }
    case 'lock':
    case 'unlock':
    case 'shmUnmap':
    case 'truncate':
    case 'fileSize':
      return Object.values(decode[step.op](step));
    default:
      return [];
  }
}

/** POSIX locks that the kernel has for a process on a file, as `READ 128-128`. Linux only. */
export function posixLocks(pid: number, path: string): string[] {
  const { ino } = statSync(path);
  return readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((words) => words[1] === 'POSIX' && words[4] === String(pid) && words[5]?.endsWith(`:${ino}`) === true)
    .map((words) => `${words[3] ?? ''} ${words[6] ?? ''}-${words[7] ?? ''}`)
    .toSorted();
}
