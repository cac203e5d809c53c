import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { withDir } from 'tmp-promise';
import { afterEach, expect, test, vi } from 'vitest';
import { inScratch } from './scratch.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const script = `
  const { inScratch } = await import(${JSON.stringify(new URL('./scratch.ts', import.meta.url).href)});
  await inScratch(async () => process.argv[1] === 'exit' ? process.exit(0) : process.kill(process.pid, 'SIGKILL'));`;
const endsWithin = (how: string) =>
  execa(process.execPath, ['--no-warnings', '--input-type=module', '-e', script, how], { reject: false });

test('is gone with its work, with its process, and after a SIGKILL with the next', async () => {
  await withDir(
    async ({ path: folder }) => {
      vi.stubEnv('TMPDIR', folder);
      await inScratch(async (dir) => writeFileSync(path.join(dir, 'x'), ''));
      await expect(inScratch(() => Promise.reject(new Error('no luck')))).rejects.toThrow('no luck');
      expect(readdirSync(folder)).toEqual([]);
      await endsWithin('exit');
      expect(readdirSync(folder)).toEqual([]);
      await endsWithin('kill');
      expect(readdirSync(folder)).toHaveLength(1);
      await inScratch(async (dir) => expect(existsSync(dir)).toBe(true));
      expect(readdirSync(folder)).toEqual([]);
    },
    { unsafeCleanup: true },
  );
});

test('no temporary directory: a sentence', async () => {
  vi.stubEnv('TMPDIR', '/proc/nowhere');
  await expect(inScratch(() => Promise.resolve())).rejects.toMatchObject({
    code: 'NO_TEMPORARY_FOLDER',
    remedy: expect.stringContaining('TMPDIR'),
  });
});
