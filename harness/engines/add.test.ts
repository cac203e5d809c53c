import path from 'node:path';
import { type DirectoryResult, dir as tmpDir } from 'tmp-promise';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { addEngine } from './add.ts';
import { engineStatus } from './ensure.ts';
import { listEngines } from './list.ts';
import { longButFirst } from '../testing/long.test-support.ts';

let scratch: DirectoryResult;

beforeEach(async () => {
  scratch = await tmpDir({ unsafeCleanup: true });
  vi.stubEnv('LOCKSTEP_CACHE', path.join(scratch.path, 'cache'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await scratch.cleanup();
});

test.each(['', 'latest', '3.51', '3.51.2+shm', '12.4', '../12.4.1'])('"%s" is not a version', async (spec) => {
  await expect(addEngine(spec)).rejects.toMatchObject({ code: 'NOT_A_VERSION', kind: 'usage' });
});

test('a SQLite version that no known release carries: the known ones, and that a release can be given', async () => {
  await expect(addEngine('3.52.0')).rejects.toMatchObject({
    code: 'UNKNOWN_SQLITE',
    kind: 'usage',
    message: expect.stringContaining('3.51.1 (12.5.0)'),
    remedy: expect.stringContaining('better-sqlite3 release'),
  });
});

test('an engine that needs neither network nor compiler is simply there', async () => {
  expect(await addEngine('3.54.1')).toEqual(await addEngine('13.2.0'));
});

test.each(['3.51.1', '12.5.0', '12.0.0'])(
  'without a network, adding %s is a sentence that says what still works',
  { ...longButFirst, timeout: 60_000 },
  async (spec) => {
    vi.stubEnv('npm_config_registry', 'http://127.0.0.1:9');
    vi.stubEnv('npm_config_cache', path.join(scratch.path, 'npm'));
    await expect(addEngine(spec)).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      kind: 'harness',
      remedy: expect.stringContaining('3.54.1'),
    });
    expect(engineStatus('3.51.1')).toBe('needs-fetch');
  },
);

test('without npm, the sentence names it', async () => {
  vi.stubEnv('PATH', scratch.path);
  await expect(addEngine('3.51.1')).rejects.toMatchObject({
    code: 'PROGRAM_MISSING',
    message: expect.stringContaining('"npm"'),
  });
});

test('the list names every engine with release and status', () => {
  expect(listEngines().filter(({ isDefault }) => isDefault)).toEqual([
    expect.objectContaining({ name: '3.50.4', release: '12.4.1', status: 'needs-build', walResetBug: true }),
  ]);
  expect(listEngines()).toContainEqual(
    expect.objectContaining({ name: '3.51.3', status: 'needs-fetch', walResetBug: false }),
  );
  expect(listEngines()).toContainEqual(expect.objectContaining({ name: '3.54.1', status: 'ready' }));
});

// Runs with LOCKSTEP_TEST_NETWORK=1: fetches from the registry and compiles for a minute.
test.runIf(process.env['LOCKSTEP_TEST_NETWORK'] === '1')(
  'a release that is not in the catalogue is fetched, recorded and built; one that does not exist is a sentence',
  async () => {
    const engine = await addEngine('12.2.0');
    expect(engine.version).toBe('3.50.2');
    expect(listEngines()).toContainEqual(
      expect.objectContaining({ name: '3.50.2', release: '12.2.0', status: 'ready', walResetBug: true }),
    );
    await expect(addEngine('99.1.1')).rejects.toMatchObject({ code: 'NO_SUCH_RELEASE', kind: 'usage' });
  },
  600_000,
);
