import { tmpdir } from 'node:os';
import { afterEach, expect, test, vi } from 'vitest';
import { compilerCommand, runCompiler } from './compiler.ts';

afterEach(() => {
  vi.unstubAllEnvs();
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

test('a compiler that meets a full disk says so', async () => {
  vi.stubEnv(
    'CC',
    `${process.execPath} -e console.error(process.argv[1].replaceAll("_",String.fromCharCode(32)));process.exit(1) -- No_space_left_on_device`,
  );
  await expect(runCompiler('c', [], { cwd: tmpdir(), what: 'engine 3.50.4' })).rejects.toMatchObject({
    code: 'CACHE_FULL',
  });
});
