// What a native host is built of: nothing of where Lockstep is installed, since workers of a campaign must have the same one.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { packageDir } from '../../engines/package-dir.ts';
import { nativeHost, nativeHostPossible } from './build.ts';

test.skipIf(!nativeHostPossible)('two installations build the same host: its own folder is not in it', async () => {
  const program = readFileSync(await nativeHost('3.51.2'));
  expect(program.includes('deps/quickjs_2021_03_27/libbf.c')).toBe(true);
  expect(program.includes(packageDir('qjsc'))).toBe(false);
});
