// How long a person waits: Node alone, and beside it the front door that tells what it takes, lists what there is, and finds a
// known bug. Each is a whole process, from its start to its end, or to its first line.
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from 'tinybench';
import { ensureEngines } from '../harness/engines/ensure.ts';
import { lockstep } from './front-door.test-support.ts';

const engine = '3.51.2';

async function ended(args: readonly string[]): Promise<void> {
  await once(spawn(process.execPath, args, { stdio: 'ignore' }), 'close');
}

/** Real milliseconds until a process says something; it goes on to its end. */
async function firstLineMs(args: readonly string[]): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said = once(child.stderr, 'data').then(() => performance.now() - began);
  const end = once(child, 'close').then(([code]) => {
    throw new Error(`\`lockstep run\` said nothing and ended with exit code ${code}.`);
  });
  const ms = await Promise.race([said, end]);
  await end.catch(() => {});
  return ms;
}

export async function addTasks(bench: Bench): Promise<Disposable> {
  await ensureEngines([engine]);
  const out = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
  bench.add('a process: node alone', () => ended(['-e', '0']));
  for (const args of [['--help'], ['list']])
    bench.add(`a process: lockstep ${args.join(' ')}`, () => ended([lockstep, ...args]));
  const run = [lockstep, 'run', 'wal-reset', '--engine', engine, '--no-shrink', '--out', out];
  bench.add(`lockstep run wal-reset --engine ${engine}: to its first line`, async () => ({
    overriddenDuration: await firstLineMs(run),
  }));
  return { [Symbol.dispose]: () => rmSync(out, { recursive: true }) };
}
