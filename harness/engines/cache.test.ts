import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { type DirectoryResult, dir as tmpDir } from 'tmp-promise';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ArtifactRequest, artifactKey, artifactPath, cachedArtifact } from './cache.ts';

let scratch: DirectoryResult;
let cache: string;

beforeEach(async () => {
  scratch = await tmpDir({ unsafeCleanup: true });
  cache = path.join(scratch.path, 'cache');
  vi.stubEnv('LOCKSTEP_CACHE', cache);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await scratch.cleanup();
});

const request = (build: (dir: string) => Promise<void>): ArtifactRequest => ({
  kind: 'test',
  inputs: ['a'],
  fileName: 'a.txt',
  label: 'a',
  build,
});
const writeArtifact = (dir: string): Promise<void> => writeFile(path.join(dir, 'a.txt'), 'made');
const leftovers = (kind: string): string[] =>
  readdirSync(path.join(cache, kind)).filter((name) => name.includes('.tmp'));

describe('key', () => {
  const key = (...inputs: ArtifactRequest['inputs']): string => artifactKey({ kind: 'k', inputs, fileName: 'f' });

  test('differs when an input, their order or their borders differ', () => {
    const keys = [key('a', 'b'), key('b', 'a'), key('ab'), key('ab', ''), key('a', 'c'), key()];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('takes a file by its contents, not its name', () => {
    const [one, two] = [path.join(scratch.path, 'one'), path.join(scratch.path, 'two')];
    writeFileSync(one, 'text');
    writeFileSync(two, 'text');
    expect(key({ file: one })).toBe(key({ file: two }));
    expect(key({ file: one })).toBe(key(Buffer.from('text')));
  });
});

describe('one process', () => {
  test('builds once, then finds', async () => {
    const build = vi.fn(writeArtifact);
    const first = await cachedArtifact(request(build));
    const second = await cachedArtifact(request(build));
    expect([second, readFileSync(first, 'utf8')]).toEqual([first, 'made']);
    expect(first).toBe(artifactPath(request(build)));
    expect(build).toHaveBeenCalledTimes(1);
  });

  test('builds once when asked twice at the same time', async () => {
    const build = vi.fn(writeArtifact);
    await Promise.all([cachedArtifact(request(build)), cachedArtifact(request(build))]);
    expect(build).toHaveBeenCalledTimes(1);
  });

  test('a failed build leaves nothing, and the next one starts afresh', async () => {
    const failing = request(async (dir) => {
      await writeArtifact(dir);
      throw new Error('no luck');
    });
    await expect(cachedArtifact(failing)).rejects.toThrow('no luck');
    expect(existsSync(artifactPath(failing))).toBe(false);
    expect(leftovers('test')).toEqual([]);
    await cachedArtifact(request(writeArtifact));
    expect(existsSync(artifactPath(failing))).toBe(true);
  });

  test('sweeps what dead builders of other artefacts left', async () => {
    await mkdir(path.join(cache, 'test', `${'0'.repeat(64)}.tmp-abcdef`), { recursive: true });
    await cachedArtifact(request(writeArtifact));
    expect(leftovers('test')).toEqual([]);
  });
});

describe('a cache that cannot be used', () => {
  test('unwritable: a sentence with the directory and the way out', async () => {
    const file = path.join(scratch.path, 'file');
    writeFileSync(file, '');
    vi.stubEnv('LOCKSTEP_CACHE', path.join(file, 'cache'));
    await expect(cachedArtifact(request(writeArtifact))).rejects.toMatchObject({
      code: 'CACHE_UNWRITABLE',
      kind: 'harness',
      message: expect.stringContaining(path.join(file, 'cache')),
      remedy: expect.stringContaining('LOCKSTEP_CACHE'),
    });
  });

  test('full: a sentence, and nothing half built', async () => {
    const full = request(async (dir) => {
      await writeFile(path.join(dir, 'half'), 'half');
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
    });
    await expect(cachedArtifact(full)).rejects.toMatchObject({ code: 'CACHE_FULL', kind: 'harness' });
    expect(leftovers('test')).toEqual([]);
  });

  test('an error of the build itself is not taken for one of the cache', async () => {
    const missing = path.join(scratch.path, 'missing.h');
    const failing = request(async () => {
      readFileSync(missing);
    });
    await expect(cachedArtifact(failing)).rejects.toMatchObject({ code: 'ENOENT', path: missing });
  });
});

describe('several processes', () => {
  let log: string;
  let release: string;

  beforeEach(() => {
    log = path.join(scratch.path, 'log');
    release = path.join(scratch.path, 'release');
  });

  const startBuilder = () =>
    execa(process.execPath, [path.join(import.meta.dirname, 'cache-test-builder.ts'), log, release], { reject: false });

  async function said({ stdout }: ReturnType<typeof startBuilder>, text: string): Promise<void> {
    let all = '';
    await new Promise<void>((resolve, reject) => {
      stdout.on('data', (chunk) => {
        all += String(chunk);
        if (all.includes(text)) resolve();
      });
      stdout.on('end', () => reject(new Error(`The builder ended without saying "${text}".`)));
    });
  }

  test('one builds, the other says that it waits and takes the result', async () => {
    const first = startBuilder();
    await said(first, 'building');
    const second = startBuilder();
    await said(second, 'another process is building it, waiting');
    writeFileSync(release, '');
    const results = await Promise.all([first, second]);

    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(readFileSync(log, 'utf8')).toBe('built\n');
    const paths = results.map(({ stdout }) => stdout.split('\n').at(-1));
    expect(paths[0]).toBe(paths[1]);
    expect(readFileSync(paths[0] ?? '', 'utf8')).toBe('whole');
  });

  test('after a builder was killed in the middle, the next one builds and clears up', async () => {
    const first = startBuilder();
    await said(first, 'building');
    first.kill('SIGKILL');
    expect((await first).signal).toBe('SIGKILL');
    expect(leftovers('race')).toHaveLength(1);

    writeFileSync(release, '');
    const second = await startBuilder();
    expect(second.exitCode).toBe(0);
    expect(readFileSync(log, 'utf8')).toBe('built\nbuilt\n');
    expect(leftovers('race')).toEqual([]);
    const file = second.stdout.split('\n').at(-1) ?? '';
    expect(readdirSync(path.dirname(file))).toContain('artifact.txt');
  });

  test('a waiting builder takes over when the one it waits for is killed', async () => {
    const first = startBuilder();
    await said(first, 'building');
    const second = startBuilder();
    await said(second, 'waiting');
    first.kill('SIGKILL');
    await first;
    writeFileSync(release, '');
    expect((await second).exitCode).toBe(0);
    expect(readFileSync(log, 'utf8')).toBe('built\nbuilt\n');
  });
});
