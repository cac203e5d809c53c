// Nothing of a program that was run outlives its use, whoever ends and in whatever way.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { type DirectoryResult, dir } from 'tmp-promise';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runTool } from './run-tool.ts';

let scratch: DirectoryResult;
const at = (name: string): string => path.join(scratch.path, name);

beforeEach(async () => {
  scratch = await dir({ unsafeCleanup: true });
});

afterEach(async () => {
  await scratch.cleanup();
});

/** A driver that starts a child of its own and waits for it, as compilers do; both say their process ids. */
const driver = 'sleep 1000 & echo $! >child.new; mv child.new child; echo $$ >driver.new; mv driver.new driver; wait';
const limitMs = 100_000;

async function appears(name: string): Promise<number> {
  while (!existsSync(at(name))) await sleep(5);
  return Number(readFileSync(at(name), 'utf8'));
}

/** Both are running; resolves with how to wait until both are gone. */
async function bothRun(): Promise<{ driver: number; gone: () => Promise<void> }> {
  const pids = [await appears('driver'), await appears('child')] as const;
  const gone = async (): Promise<void> => {
    for (const pid of pids) while (isAlive(pid)) await sleep(5);
  };
  return { driver: pids[0], gone };
}

function isAlive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.[0] !== 'Z';
  } catch {
    return false;
  }
}

test('gives what it printed, and how it ended', async () => {
  const run = { cwd: scratch.path, limitMs };
  expect(await runTool('sh', ['-c', 'echo out; echo err >&2; pwd'], run)).toEqual({
    how: 'done',
    stdout: `out\n${scratch.path}`,
    stderr: 'err',
  });
  expect(await runTool('sh', ['-c', 'exit 3'], run)).toMatchObject({ how: 'failed' });
  expect(await runTool('sh', ['-c', 'kill -SEGV $$'], run)).toMatchObject({ how: { signal: 'SIGSEGV' } });
  expect(await runTool('cat', [], run)).toMatchObject({ how: 'done', stdout: '' });
  for (const program of ['/nonexistent/cc', 'no-such-program-anywhere', scratch.path])
    expect(await runTool(program, [], run)).toMatchObject({ how: 'missing' });
});

test('its temporary files lie where it runs, and go with that', async () => {
  await runTool('mktemp', [], { cwd: scratch.path, limitMs });
  expect(readdirSync(scratch.path)).toHaveLength(1);
});

test('arguments are not read by a shell', async () => {
  const args = ['$HOME', 'a b', "'", '"', '', '*', ';'];
  const { stdout } = await runTool('printf', ['<%s>', ...args], { cwd: scratch.path, limitMs });
  expect(stdout).toBe(args.map((arg) => `<${arg}>`).join(''));
});

describe('driver and child are gone', { timeout: 30_000 }, () => {
  test('when it is told to stop', async () => {
    const stop = new AbortController();
    const ended = runTool('sh', ['-c', driver], { cwd: scratch.path, limitMs, signal: stop.signal });
    const { gone } = await bothRun();
    stop.abort(new Error('enough'));
    await expect(ended).rejects.toThrow('enough');
    await gone();
  });

  test('when it takes too long', async () => {
    const { how } = await runTool('sh', ['-c', driver], { cwd: scratch.path, limitMs: 2000 });
    expect(how).toBe('late');
    for (const name of ['driver', 'child']) // on a slow machine they may not have come so far
      if (existsSync(at(name))) while (isAlive(Number(readFileSync(at(name), 'utf8')))) await sleep(5);
  });

  test.each(['SIGKILL', 'SIGTERM'] as const)('when the driver is ended by a %s', async (signal) => {
    const ended = runTool('sh', ['-c', driver], { cwd: scratch.path, limitMs });
    const { driver: pid, gone } = await bothRun();
    process.kill(pid, signal);
    expect(await ended).toMatchObject({ how: { signal } });
    await gone();
  });

  test('when the driver ends and leaves the child', async () => {
    writeFileSync(at('driver'), '0');
    expect(await runTool('sh', ['-c', 'sleep 1000 & echo $! >child'], { cwd: scratch.path, limitMs })).toMatchObject({
      how: 'done',
    });
    await (await bothRun()).gone();
  });

  test.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'exit'] as const)('when our own process ends by %s', async (how) => {
    const script = `
      const { runTool } = await import(${JSON.stringify(new URL('./run-tool.ts', import.meta.url).href)});
      process.on('SIGHUP', () => process.exit(129));
      await runTool('sh', ['-c', ${JSON.stringify(driver)}], { cwd: ${JSON.stringify(scratch.path)}, limitMs: ${limitMs} });`;
    const owner = execa(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], { reject: false });
    const { gone } = await bothRun();
    owner.kill(how === 'exit' ? 'SIGHUP' : how);
    const { signal, exitCode } = await owner;
    expect(signal ?? exitCode).toBe(how === 'exit' ? 129 : how);
    await gone();
  });
});
