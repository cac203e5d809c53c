// A plan that is replayed on another machine, by somebody with other habits, has the same hash: programs are told the same of both.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageDir } from '../engines/package-dir.ts';
import type { CommandProgram } from '../model/process.ts';
import { coordinatorOf, planOf, process as start, scenarioOf } from '../testing/lab.test-support.ts';
import type { Coordinator } from './coordinator.ts';

const asks = `
import concurrent.futures, os, platform, socket, sqlite3, sys
open('made', 'w').close()
mode = oct(os.stat('made').st_mode & 0o777)
workers = concurrent.futures.ThreadPoolExecutor()._max_workers
print(socket.gethostname(), platform.node(), os.uname()[1], os.cpu_count(), len(os.sched_getaffinity(0)), workers, mode, file=sys.stderr)
`;

const asksInNode = `
const { closeSync, openSync, statSync } = require('node:fs');
const os = require('node:os');
require(process.argv[2])('lab.db').close();
closeSync(openSync('made', 'w'));
const mode = (statSync('made').mode & 0o777).toString(8);
console.error(os.hostname(), os.cpus().length, os.availableParallelism(), navigator.hardwareConcurrency, os.loadavg()[0], mode);
`;

let folder: string;
let coordinator: Coordinator;
let habit: number;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-machine-'));
  writeFileSync(join(folder, 'asks.py'), asks);
  writeFileSync(join(folder, 'asks.cjs'), asksInNode);
  habit = process.umask(0o077);
  coordinator = await coordinatorOf();
}, 300_000);
afterAll(() => {
  process.umask(habit);
  coordinator.close();
  rmSync(folder, { recursive: true, force: true });
});

test.each<[string, CommandProgram, string]>([
  ['Python', { command: ['/usr/bin/python3', 'asks.py'], host: 'python' }, 'lockstep lockstep lockstep 4 4 8 0o644\n'],
  [
    'any program',
    { command: ['/bin/sh', '-c', 'sqlite3 lab.db "SELECT 1"; (uname -n; nproc; umask) >&2'], host: 'preload' },
    'lockstep\n4\n0022\n',
  ],
  ['Node', { command: ['node', 'asks.cjs', packageDir('better-sqlite3')], host: 'node' }, 'lockstep 4 4 4 0 644\n'],
])('%s', async (_what, program, said) => {
  const lab = scenarioOf([start('one', 'program')]);
  const programs = { setup: { ...lab.programs['setup'] } as never, program: { ...program, files: folder } };
  const { words = [] } = await coordinator.run({ ...lab, programs }, planOf());
  expect(words.map(({ text }) => text).join('')).toBe(said);
});
