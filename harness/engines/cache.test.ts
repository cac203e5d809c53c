import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { type DirectoryResult, dir as tmpDir } from 'tmp-promise';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeFifo } from '../host/native.ts';
import { type ArtifactRequest, artifactKey, artifactPath, cachedArtifact, lookAt } from './cache.ts';

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

  test('builds once when asked twice at the same time, and takes itself for no other process', async () => {
    const build = vi.fn(writeArtifact);
    const progress = vi.fn();
    const asked = { ...request(build), progress };
    await Promise.all([cachedArtifact(asked), cachedArtifact(asked)]);
    expect(build).toHaveBeenCalledTimes(1);
    expect(progress).not.toHaveBeenCalled();
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

describe('an artefact that is not what was built is built anew', () => {
  let file: string;
  let build: ReturnType<typeof vi.fn<(dir: string) => Promise<void>>>;
  const folder = (): string => path.dirname(file);

  beforeEach(async () => {
    build = vi.fn(writeArtifact);
    file = await cachedArtifact(request(build));
  });

  const expectHealed = async (): Promise<void> => {
    expect(lookAt(request(build))).toBe('damaged');
    const progress = vi.fn();
    expect(await cachedArtifact({ ...request(build), progress })).toBe(file);
    expect(build).toHaveBeenCalledTimes(2);
    expect(progress).toHaveBeenCalledWith('a: the one in the cache is damaged');
    expect(readFileSync(file, 'utf8')).toBe('made');
    expect(lookAt(request(build))).toBe('whole');
    expect(leftovers('test')).toEqual([]);
  };

  test.each([
    ['emptied', () => truncateSync(file)],
    ['cut', () => truncateSync(file, 2)],
    ['longer', () => writeFileSync(file, 'made up')],
    [
      'changed, with its old length and times',
      () => {
        const { atime, mtime } = statSync(file);
        writeFileSync(file, 'fade');
        utimesSync(file, atime, mtime);
      },
    ],
    ['gone', () => rmSync(file)],
    ['a folder', () => void [rmSync(file), mkdirSync(file)]],
    ['a FIFO', () => void [rmSync(file), makeFifo(file)]],
    [
      'a link to the same bytes',
      () => void [cpSync(file, `${cache}/same`), rmSync(file), symlinkSync(`${cache}/same`, file)],
    ],
    ['without digests, as older versions left it', () => rmSync(path.join(folder(), 'SHA256SUMS'))],
    ['with emptied digests', () => truncateSync(path.join(folder(), 'SHA256SUMS'))],
    [
      'with digests of nothing that is there',
      () => writeFileSync(path.join(folder(), 'SHA256SUMS'), `${'0'.repeat(64)}  b.txt\n`),
    ],
    ['a file where its folder was', () => void [rmSync(folder(), { recursive: true }), writeFileSync(folder(), '')]],
  ])('%s', async (_, damage) => {
    damage();
    await expectHealed();
  });

  test('a link where its folder was: what it leads to stays', async () => {
    const elsewhere = path.join(scratch.path, 'elsewhere');
    cpSync(folder(), elsewhere, { recursive: true });
    rmSync(folder(), { recursive: true });
    symlinkSync(elsewhere, folder());
    await expectHealed();
    expect(readdirSync(elsewhere).toSorted()).toEqual(['SHA256SUMS', 'a.txt']);
  });

  test('seen also by a process that has found it whole before', async () => {
    utimesSync(file, 0, 0);
    await new Promise((resolve) => setTimeout(resolve, 1100)); // old enough to be remembered
    expect(lookAt(request(build))).toBe('whole');
    writeFileSync(file, 'fade');
    await expectHealed();
  });

  test('whole ones are left alone, and `sha256sum -c` agrees with us', async () => {
    await cachedArtifact(request(build));
    expect(build).toHaveBeenCalledTimes(1);
    await execa('/bin/sh', ['-c', 'sha256sum --strict -c SHA256SUMS'], { cwd: folder() });
  });

  test.runIf(process.getuid?.() === 0)('another user’s: root builds its own', async () => {
    chownSync(folder(), 12_345, 12_345);
    await expectHealed();
    expect(statSync(folder()).uid).toBe(0);
  });

  test.runIf(process.getuid?.() === 0)('another user’s: all but root are told, root’s is trusted', async () => {
    const ask = async (): Promise<string> => {
      chmodSync(scratch.path, 0o755);
      for (const name of ['', 'a.txt', 'SHA256SUMS']) chmodSync(path.join(folder(), name), name === '' ? 0o755 : 0o644);
      const script = `
        const { artifactState } = await import(${JSON.stringify(new URL('./digests.ts', import.meta.url).href)});
        process.setuid(23456);
        console.log(artifactState(${JSON.stringify(folder())}, 'a.txt'));`;
      const args = ['--no-warnings', '--input-type=module', '-e', script];
      return (await execa(process.execPath, args)).stdout;
    };
    expect(await ask()).toBe('whole');
    chownSync(folder(), 12_345, 12_345);
    expect(await ask()).toBe('foreign');
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

  test('below /proc, where no folder can be made: a sentence at once', async () => {
    vi.stubEnv('LOCKSTEP_CACHE', '/proc/nowhere/cache');
    await expect(cachedArtifact(request(writeArtifact))).rejects.toMatchObject({ code: 'CACHE_UNWRITABLE' });
  });

  test.each([
    ['ENOSPC', 'CACHE_FULL'],
    ['EDQUOT', 'CACHE_FULL'],
    ['EMFILE', 'OPEN_FILES_LIMIT'],
    ['ENFILE', 'OPEN_FILES_LIMIT'],
    ['ENOMEM', 'OUT_OF_MEMORY'],
    ['EFBIG', 'FILE_SIZE_LIMIT'],
    ['EIO', 'DISK_FAILED'],
    ['EAGAIN', 'PROCESS_LIMIT'],
  ])('%s: a sentence, and nothing half built', async (code, said) => {
    const full = request(async (dir) => {
      await writeFile(path.join(dir, 'half'), 'half');
      throw Object.assign(new Error(`${code}: in the words of the system, write`), { code, syscall: 'write' });
    });
    const failure = cachedArtifact(full);
    await expect(failure).rejects.toMatchObject({ code: said, kind: 'harness', remedy: expect.stringMatching(/\.$/) });
    await expect(failure).rejects.toThrow(/^[A-Z][^\n]*\.$/);
    expect(leftovers('test')).toEqual([]);
  });

  test.each(['EACCES', 'EROFS', 'ENOTDIR', 'EPERM', 'ELOOP'])('%s: the directory, and the way out', async (code) => {
    const shut = request(async (dir) => {
      throw Object.assign(new Error(`${code}: in the words of the system, open`), { code, path: path.join(dir, 'x') });
    });
    await expect(cachedArtifact(shut)).rejects.toMatchObject({
      code: 'CACHE_UNWRITABLE',
      kind: 'harness',
      message: expect.stringContaining(cache),
    });
  });

  test('a link in the place of a lock: a sentence that names it, and what it leads to is not made', async () => {
    const elsewhere = path.join(scratch.path, 'elsewhere');
    const lock = `${path.dirname(artifactPath(request(writeArtifact)))}.lock`;
    mkdirSync(path.dirname(lock), { recursive: true });
    symlinkSync(elsewhere, lock);
    await expect(cachedArtifact(request(writeArtifact))).rejects.toMatchObject({
      code: 'NOT_A_REGULAR_FILE',
      message: expect.stringContaining(lock),
    });
    expect(existsSync(elsewhere)).toBe(false);
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

  const startBuilder = (...how: readonly string[]) =>
    execa(process.execPath, [path.join(import.meta.dirname, 'cache-test-builder.ts'), log, release, ...how], {
      reject: false,
    });

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

  test('waiting for another builder ends with the signal, and leaves the other alone', async () => {
    const first = startBuilder();
    await said(first, 'building');
    const second = startBuilder('stop-on-SIGINT');
    await said(second, 'waiting');
    second.kill('SIGINT');
    expect((await second).stdout).toMatch(/stopped$/);
    writeFileSync(release, '');
    expect((await first).exitCode).toBe(0);
    expect(readFileSync(log, 'utf8')).toBe('built\n');
  });

  test.each(['stop-on-SIGINT', 'exit-on-SIGINT'])('after %s in the middle of a build nothing is left', async (how) => {
    const builder = startBuilder(how);
    await said(builder, 'building');
    builder.kill('SIGINT');
    const { stdout, exitCode } = await builder;
    expect([stdout.endsWith('stopped'), exitCode]).toEqual(how === 'stop-on-SIGINT' ? [true, 0] : [false, 130]);
    expect(leftovers('race')).toEqual([]);
  });
});
