// Engines in a cache that something has damaged: what is said of them, and that they are whole again afterwards.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type DirectoryResult, dir } from 'tmp-promise';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { addEngine } from './add.ts';
import { artifactPath, cachedArtifact } from './cache.ts';
import { sha256 } from './digests.ts';
import { getEntry } from './engine.ts';
import { engineStatus, ensureEngines } from './ensure.ts';
import { fakeCompiler, fakeNpm } from './fake-tools.test-support.ts';
import { listEngines } from './list.ts';
import { packageDir } from './package-dir.ts';
import { sourceArtifact } from './source.ts';
import { recordAddedEngine } from './record-engine.ts';
import { long } from '../testing/long.test-support.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const deps = path.join(packageDir('better-sqlite3-3.50.4'), 'deps');

let scratch: DirectoryResult;
let log: string;
const at = (...names: string[]): string => path.join(scratch.path, ...names);
const built = (): number => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').length : 0);

beforeEach(async () => {
  scratch = await dir({ unsafeCleanup: true });
  log = at('log');
  const real = (await ensureEngines(['3.50.4'])).get('3.50.4')?.binding ?? '';
  const compiler = fakeCompiler(scratch.path, real, log);
  vi.stubEnv('CC', compiler);
  vi.stubEnv('CXX', compiler);
  vi.stubEnv('LOCKSTEP_CACHE', at('cache'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await scratch.cleanup();
});

describe('a built engine that was cut', () => {
  let binding: string;

  beforeEach(async () => {
    binding = (await ensureEngines(['3.50.4'])).get('3.50.4')?.binding ?? '';
    truncateSync(binding, 1000);
  });

  test('has a status of its own, and is built anew on its next use', async () => {
    expect(engineStatus('3.50.4')).toBe('damaged');
    expect(listEngines()).toContainEqual(expect.objectContaining({ name: '3.50.4', status: 'damaged' }));
    const progress = vi.fn();
    expect((await ensureEngines(['3.50.4'], { progress })).get('3.50.4')?.binding).toBe(binding);
    expect(progress).toHaveBeenCalledWith('engine 3.50.4: the one in the cache is damaged');
    expect([engineStatus('3.50.4'), built()]).toEqual(['ready', 2]);
  });

  const lockstep = (...args: string[]) =>
    execa(process.execPath, ['cli/lockstep.js', ...args], { cwd: root, reject: false });

  test('`engines` and `doctor` say so, `engines build` builds it anew', long, async () => {
    expect((await lockstep('engines')).stdout).toMatch(/^ *3\.50\.4 .* damaged: will be built anew /m);
    expect((await lockstep('doctor')).stdout).toMatch(
      /engines: ready: 3\.54\.1;.* damaged, will be built anew: 3\.50\.4/,
    );
    expect((await lockstep('engines', 'build', '3.50.4')).stdout).toBe('Ready: 3.50.4.');
    expect(engineStatus('3.50.4')).toBe('ready');
  });

  test('`engines build` without names takes it along', long, async () => {
    await lockstep('engines', 'build'); // the same binding is no other engine's: these fail
    expect(engineStatus('3.50.4')).toBe('ready');
  });

  test('where there is no compiler: the sentence about that', async () => {
    vi.stubEnv('CC', '/nonexistent');
    vi.stubEnv('CXX', '/nonexistent');
    await expect(ensureEngines(['3.50.4'])).rejects.toMatchObject({ code: 'NO_COMPILER' });
  });

  test('told to stop, it leaves nothing but the damaged one', async () => {
    const stop = new AbortController();
    const progress = () => stop.abort(new Error('enough'));
    await expect(ensureEngines(['3.50.4'], { progress, signal: stop.signal })).rejects.toBe(stop.signal.reason);
    expect(readdirSync(at('cache', 'engine')).filter((name) => name.includes('.tmp-'))).toEqual([]);
    expect(engineStatus('3.50.4')).toBe('damaged');
  });
});

describe('a fetched source that was changed', () => {
  const release = {
    'deps/sqlite3/sqlite3.c': 'int amalgamation;',
    'deps/sqlite3/sqlite3.h': readFileSync(path.join(deps, 'sqlite3', 'sqlite3.h')),
    'deps/defines.gypi': readFileSync(path.join(deps, 'defines.gypi')),
  };
  const sourceFile = (): string => artifactPath(sourceArtifact(getEntry('3.50.2')));

  beforeEach(async () => {
    vi.stubEnv('PATH', `${fakeNpm(scratch.path, release)}:${process.env['PATH']}`);
    const amalgamation = Buffer.from(release['deps/sqlite3/sqlite3.c']);
    await recordAddedEngine({ name: '3.50.2', release: '12.2.0', sha256: sha256(amalgamation) });
    await addEngine('3.50.2');
    expect(engineStatus('3.50.2')).toBe('ready');
  });

  test.each(['sqlite3.c', 'sqlite3.h', 'defines.gypi'])(
    '%s: it counts as not fetched, says the command that fetches it, and that command does',
    async (name) => {
      truncateSync(path.join(path.dirname(sourceFile()), name), 5);
      expect(engineStatus('3.50.2')).toBe('needs-fetch');
      await expect(ensureEngines(['3.50.2'])).rejects.toMatchObject({
        code: 'ENGINE_NOT_ADDED',
        remedy: expect.stringContaining('lockstep engines add 3.50.2'),
      });
      await addEngine('3.50.2');
      expect(engineStatus('3.50.2')).toBe('ready');
      expect(built()).toBe(1);
    },
  );

  test('a registry that gives another than the recorded one: file and both hashes, and nothing is kept', async () => {
    rmSync(path.dirname(sourceFile()), { recursive: true });
    fakeNpm(scratch.path, { ...release, 'deps/sqlite3/sqlite3.c': 'int other;' });
    await expect(addEngine('3.50.2')).rejects.toMatchObject({ code: 'SOURCE_MISMATCH' });
    expect(existsSync(sourceFile())).toBe(false);
  });
});

test('a source that is whole, but not the one that its entry names, is not compiled: file and both hashes', async () => {
  const expected = 'b'.repeat(64);
  await recordAddedEngine({ name: '3.50.2', release: '12.2.0', sha256: expected });
  const file = await cachedArtifact({
    ...sourceArtifact(getEntry('3.50.2')),
    label: 'source',
    build: async (folder) => {
      writeFileSync(path.join(folder, 'sqlite3.c'), 'int changed;');
      for (const name of ['sqlite3.h', 'defines.gypi']) writeFileSync(path.join(folder, name), '');
    },
  });
  const failure = ensureEngines(['3.50.2']);
  await expect(failure).rejects.toMatchObject({ code: 'SOURCE_MISMATCH', kind: 'harness' });
  await expect(failure).rejects.toThrow(file);
  await expect(failure).rejects.toThrow(expected);
  // printf 'int changed;' | sha256sum
  await expect(failure).rejects.toThrow('443ea4a335d50e2d60a293c54d96f864bbd0293809cdbaf70a48574c8336e4d8');
});

test('a list of added engines is not written through a link that lies in its way', async () => {
  mkdirSync(at('cache'));
  writeFileSync(at('theirs'), 'theirs');
  symlinkSync(at('theirs'), at('cache', 'engines.json.new'));
  await recordAddedEngine({ name: '3.50.2', release: '12.2.0', sha256: 'a'.repeat(64) });
  expect(readFileSync(at('theirs'), 'utf8')).toBe('theirs');
  expect(engineStatus('3.50.2')).toBe('needs-fetch');
});
