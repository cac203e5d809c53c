// What is compiled before the first run, and who hears of it. What stays out: compiling itself: the compiler here only makes files.
import { join } from 'node:path';
import { dir, type DirectoryResult } from 'tmp-promise';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PREBUILT_ENGINE } from '../engines/catalogue.ts';
import { fakeCompiler } from '../engines/fake-tools.test-support.ts';
import type { CommandHost, ProgramRef } from '../model/process.ts';
import { hostsOf } from './command-machine.ts';
import { machinesOf } from './machines.ts';

let scratch: DirectoryResult;

beforeEach(async () => {
  scratch = await dir({ unsafeCleanup: true });
  vi.stubEnv('CC', fakeCompiler(scratch.path, import.meta.filename, join(scratch.path, 'log')));
  vi.stubEnv('LOCKSTEP_CACHE', join(scratch.path, 'cache'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await scratch.cleanup();
});

const inWorld: ProgramRef = { module: import.meta.url, export: 'none' };
const commandOn = (host: CommandHost): ProgramRef => ({ command: ['program'], host });

/** What is compiled for a scenario with these programs, by its label, in the order of the alphabet. */
async function compiledFor(programs: readonly ProgramRef[]): Promise<readonly string[]> {
  const said: string[] = [];
  await machinesOf([PREBUILT_ENGINE], { host: 'node', programs, progress: (line) => said.push(line) });
  return said.map((line) => line.replace(/ \(.*/, '')).toSorted();
}

const library = `engine ${PREBUILT_ENGINE}: compiling it as a shared library`;

test.each([
  [[inWorld], []],
  [
    [inWorld, commandOn('preload')],
    [library, 'preload host: compiling it'],
  ],
  [[commandOn('python')], [library, 'preload host: compiling it']],
  [
    [commandOn('node')],
    [
      'Node host: bundling it',
      library,
      'preload host: compiling it',
      'threads of Node: compiling what they need',
      'zygote of Node: compiling it',
    ],
  ],
])('%j needs %j beside the gate, which is there when machines are', async (programs, beside) => {
  const gate = 'gate: compiling it';
  expect(await compiledFor(programs)).toEqual([...beside, gate].toSorted());
  expect(await compiledFor(programs)).toEqual([]);
});

test('processes that a program starts may run in other hosts than its own', () => {
  const of = (...hosts: readonly CommandHost[]) => hostsOf(hosts.map(commandOn));
  expect([of(), of('preload'), of('python'), of('node')]).toEqual([
    [],
    ['preload'],
    ['python', 'preload'],
    ['python', 'node', 'preload'],
  ]);
  expect(hostsOf([inWorld])).toEqual([]);
});
