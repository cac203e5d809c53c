import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { withDir } from 'tmp-promise';
import { afterEach, expect, test, vi } from 'vitest';
import { makeFifo } from './native.ts';
import { allProcessors, giveProcessor, takeProcessor } from './processors.ts';

afterEach(() => {
  giveProcessor();
  vi.unstubAllEnvs();
});

test.runIf(allProcessors.length > 0)(
  'what lies in the place of a lock is neither followed nor waited for: another is taken',
  async () => {
    await withDir(
      async ({ path: folder }) => {
        giveProcessor();
        vi.stubEnv('TMPDIR', folder);
        const place = (processor: number) => path.join(folder, `lockstep-processor-${processor}`);
        const plant = [
          (file: string) => symlinkSync(path.join(folder, 'elsewhere'), file),
          (file: string) => makeFifo(file),
          (file: string) => mkdirSync(file),
        ];
        for (const [i, processor] of allProcessors.entries()) plant[i % plant.length]?.(place(processor));
        expect(takeProcessor()).toHaveLength(1);
        expect(existsSync(path.join(folder, 'elsewhere'))).toBe(false);
        expect(readdirSync(folder)).toHaveLength(allProcessors.length);
      },
      { unsafeCleanup: true },
    );
  },
);
