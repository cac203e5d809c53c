import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DirectoryResult, dir } from 'tmp-promise';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { compilerCommand, runCompiler } from './compiler.ts';

let scratch: DirectoryResult;
const at = (name: string): string => path.join(scratch.path, name);

beforeEach(async () => {
  scratch = await dir({ unsafeCleanup: true });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await scratch.cleanup();
});

test('CC and CXX choose, with arguments; cc and c++ are meant without', () => {
  vi.stubEnv('CC', ' ccache  gcc-12 ');
  vi.stubEnv('CXX', '');
  expect(compilerCommand('c')).toEqual(['ccache', 'gcc-12']);
  expect(compilerCommand('c++')).toEqual(['c++']);
});

test('a missing compiler is a sentence that says how to get one, and what can be done without', async () => {
  vi.stubEnv('CC', '/nonexistent/cc');
  const run = { cwd: tmpdir(), what: 'engine 3.50.4', without: 'The engine 3.54.1 needs none.' };
  await expect(runCompiler('c', ['-c', 'x.c'], run)).rejects.toMatchObject({
    code: 'NO_COMPILER',
    kind: 'harness',
    message: 'The engine 3.50.4 has to be compiled once, and there is no compiler "/nonexistent/cc" here.',
    remedy: expect.stringMatching(/build-essential.*CC and CXX\. The engine 3\.54\.1 needs none\.$/),
  });
});

test('a compiler that fails is quoted', async () => {
  vi.stubEnv('CC', `${process.execPath} -e console.error("x.c:1:bad");process.exit(1) --`);
  await expect(runCompiler('c', [], { cwd: tmpdir(), what: 'engine 3.50.4' })).rejects.toMatchObject({
    code: 'COMPILE_FAILED',
    message: expect.stringContaining('x.c:1:bad'),
  });
});

/** A compiler that prints a text and ends in some way. */
function compilerThat(says: string, ends = 'exit 1'): void {
  writeFileSync(at('cc'), `#!/bin/sh\ncat <<'END' >&2\n${says}\nEND\n${ends}\n`, { mode: 0o755 });
  vi.stubEnv('CC', at('cc'));
}

test.each([
  ['x.c:1: fatal error: x.o: No space left on device', 'CACHE_FULL'],
  ['x.c:1: fatal error: x.o: Disk quota exceeded', 'CACHE_FULL'],
  ['/usr/bin/ld: final link failed: File too large', 'FILE_SIZE_LIMIT'],
  ['cc: fatal error: File size limit exceeded signal terminated program as', 'FILE_SIZE_LIMIT'],
  ['cc: fatal error: CPU time limit exceeded signal terminated program cc1', 'PROCESSOR_TIME_LIMIT'],
  ['cc: fatal error: /tmp/x.s: Too many open files', 'OPEN_FILES_LIMIT'],
  ['cc1: out of memory allocating 65536 bytes after a total of 1 bytes', 'OUT_OF_MEMORY'],
  ["cc: fatal error: cannot execute 'cc1': vfork: Resource temporarily unavailable", 'PROCESS_LIMIT'],
  ['sh: 1: Cannot fork', 'PROCESS_LIMIT'],
  ['x.o: Input/output error', 'DISK_FAILED'],
  ['cc: fatal error: Killed signal terminated program cc1', 'COMPILER_KILLED'],
  ['collect2: fatal error: ld terminated with signal 9 [Killed]', 'COMPILER_KILLED'],
  ['clang: error: unable to execute command: Killed', 'COMPILER_KILLED'],
  ['x.c:1: error: expected expression', 'COMPILE_FAILED'],
])('a compiler that says "%s": %s', async (says, code) => {
  compilerThat(says);
  await expect(runCompiler('c', [], { cwd: scratch.path, what: 'engine 3.50.4' })).rejects.toMatchObject({
    code,
    kind: 'harness',
    remedy: code === 'COMPILE_FAILED' ? expect.stringContaining('CC') : expect.not.stringContaining('CC'),
  });
});

test('a compiler that the kernel kills: memory, not another compiler', async () => {
  compilerThat('', 'kill -KILL $$');
  const run = { cwd: scratch.path, what: 'engine 3.50.4' };
  await expect(runCompiler('c', [], run)).rejects.toMatchObject({
    code: 'COMPILER_KILLED',
    message: `"${at('cc')}" was killed by SIGKILL while it compiled the engine 3.50.4: most likely this machine is out of memory.`,
    remedy: expect.stringMatching(/^Free some memory/),
  });
});

test('a compiler that crashes: its signal', async () => {
  compilerThat('', 'kill -SEGV $$');
  await expect(runCompiler('c', [], { cwd: scratch.path, what: 'engine 3.50.4' })).rejects.toMatchObject({
    code: 'COMPILE_FAILED',
    message: expect.stringContaining('SIGSEGV'),
  });
});

test('a compiler that tells its own crash: that, and not its stack', async () => {
  const stack = Array.from({ length: 30 }, (_, i) => `0x${i} somewhere`).join('\n');
  compilerThat(`x.c:1: internal compiler error: Segmentation fault\n${stack}\nPlease submit a full bug report.`);
  await expect(runCompiler('c', [], { cwd: scratch.path, what: 'engine 3.50.4' })).rejects.toMatchObject({
    code: 'COMPILE_FAILED',
    message: `"${at('cc')}" could not compile the engine 3.50.4: internal compiler error: Segmentation fault.`,
  });
});

test('a real compiler under a limit on the size of files', async () => {
  const real = compilerCommand('c').join(' ');
  writeFileSync(at('cc'), `#!/bin/sh\nulimit -f 8\nexec ${real} "$@"\n`, { mode: 0o755 });
  writeFileSync(at('x.c'), 'static const char text[] = "text"; char many[1 << 20] = { 1 };');
  vi.stubEnv('CC', at('cc'));
  const run = { cwd: scratch.path, what: 'engine 3.50.4' };
  await expect(runCompiler('c', ['-c', 'x.c', '-o', 'x.o'], run)).rejects.toMatchObject({ code: 'FILE_SIZE_LIMIT' });
});

test('one that is told to stop rejects with the reason; one that waits for a processor does not begin', async () => {
  compilerThat('', 'echo x >>begun; exec sleep 1000');
  const stop = new AbortController();
  const works = Array.from({ length: availableParallelism() + 2 }, () =>
    runCompiler('c', [], { cwd: scratch.path, what: 'engine 3.50.4', signal: stop.signal }),
  );
  while (!existsSync(at('begun'))) await sleep(5);
  stop.abort(new Error('enough'));
  for (const { reason } of (await Promise.allSettled(works)) as PromiseRejectedResult[])
    expect(reason).toBe(stop.signal.reason);
  expect(readFileSync(at('begun'), 'utf8').length).toBeLessThanOrEqual(2 * availableParallelism());
});
