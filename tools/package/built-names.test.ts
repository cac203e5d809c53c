// In built code names of sources become names of what was built of them, and other strings stay.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withBuiltNames } from './built-names.ts';

const source = join(import.meta.dirname, 'some.ts');

test.each([
  ["new URL('./build.ts', import.meta.url)", "new URL('./build.js', import.meta.url)"],
  ["join(here, 'carried.ts')", "join(here, 'carried.js')"],
  ['load("../rooms.ts")', 'load("../rooms.js")'],
  ["from './build.ts';", "from './build.js';"],
])('%s', (code, built) => {
  expect(withBuiltNames(code, source)).toBe(built);
});

test.each([
  "'./not-there.ts'", // no source
  "'take ./build.ts'", // a sentence
  "'.ts'",
  "'build.tsx'",
  'build.ts',
])('%s stays', (code) => {
  expect(withBuiltNames(code, source)).toBe(code);
});
