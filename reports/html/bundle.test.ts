// A page that cannot be bundled is one line, whatever the bundler prints.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withDir } from 'tmp-promise';
import { expect, test } from 'vitest';
import { bundle } from './bundle.ts';

test('the process that bundles gets nothing of the person’s shell', async () => {
  process.env['LOCKSTEP_TEST_SECRET'] = 'of a person';
  try {
    await withDir(
      async ({ path }) => {
        const bundler = join(path, 'bundler.mjs');
        const told = 'JSON.stringify({ script: Object.keys(process.env).join(" "), style: "" })';
        writeFileSync(bundler, `process.stdout.write(${told});`);
        expect((await bundle(bundler)).script).not.toContain('LOCKSTEP_TEST_SECRET');
      },
      { unsafeCleanup: true },
    );
  } finally {
    delete process.env['LOCKSTEP_TEST_SECRET'];
  }
});

test.each([
  ['process.stderr.write("a panic\\n".repeat(80)); process.abort();', /ended by SIGABRT/],
  ['process.stdout.write("{}");', /is no bundle/],
  ['process.stdout.write("{");', /is no bundle/],
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
