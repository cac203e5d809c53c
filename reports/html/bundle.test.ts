// A page that cannot be bundled is one line, whatever the bundler prints.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withDir } from 'tmp-promise';
import { expect, test } from 'vitest';
import { bundle } from './bundle.ts';

test.each([
  ['process.stderr.write("a panic\\n".repeat(80)); process.abort();', /ended by SIGABRT/],
  ['process.stderr.write("a panic (os error 11)\\n".repeat(80)); process.exit(7);', /exit code 7 \(os error 11\)/],
])('%s', async (program, says) => {
  await withDir(
    async ({ path }) => {
      const bundler = join(path, 'bundler.mjs');
      writeFileSync(bundler, program);
      const error = (await bundle(bundler).catch((failed: unknown) => failed)) as Error;
      expect(error.message).toMatch(says);
      expect(error.message).not.toMatch(/panic|\n/);
    },
    { unsafeCleanup: true },
  );
});
