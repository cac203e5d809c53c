// What Node keeps of compiled code lies in the cache, and may be damaged like everything there: Node checks it by itself.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { useEmptyCache } from '../engines/empty-cache.test-support.ts';
import { childEnv } from '../host/child-env.ts';

const cachePath = useEmptyCache();
const vocabulary = fileURLToPath(new URL('../model/operations.ts', import.meta.url));
const script = `const { operations } = await import(${JSON.stringify(vocabulary)}); console.log(operations.join());`;

async function answer(): Promise<string> {
  const args = ['--no-warnings', '--input-type=module', '-e', script];
  const { stdout, stderr } = await execa(process.execPath, args, { env: childEnv(), extendEnv: false });
  expect(stderr).toBe('');
  return stdout;
}

const kept = (): string[] =>
  readdirSync(path.join(cachePath(), 'node'), { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(cachePath(), 'node', name))
    .filter((file) => statSync(file).isFile());

const damages: readonly (readonly [string, (bytes: Buffer) => Uint8Array])[] = [
  ['emptied', () => Buffer.alloc(0)],
  ['cut', (bytes) => bytes.subarray(0, bytes.length / 2)],
  ['zeroed', (bytes) => Buffer.alloc(bytes.length)],
  ['longer', (bytes) => Buffer.concat([bytes, bytes])],
  ...[0, 5, 9, 14, 19, 27, 1000, -1].map(
    (at) => [`another byte ${at}`, (bytes: Buffer) => withOther(bytes, at)] as const,
  ),
];

test('damaged files, folders in their place, and a file in the place of the folder break nothing', async () => {
  const right = await answer();
  for (const [name, damage] of damages) {
    expect(kept().length).toBeGreaterThan(0);
    for (const file of kept()) writeFileSync(file, damage(readFileSync(file)));
    expect(await answer(), name).toBe(right);
  }
  for (const file of kept()) void [rmSync(file), mkdirSync(file)];
  expect(await answer()).toBe(right);
  rmSync(path.join(cachePath(), 'node'), { recursive: true });
  writeFileSync(path.join(cachePath(), 'node'), '');
  expect(await answer()).toBe(right);
});

function withOther(bytes: Buffer, at: number): Buffer {
  const index = at < 0 ? bytes.length + at : Math.min(at, bytes.length - 1);
  bytes[index] = (bytes[index] ?? 0) ^ 0x55;
  return bytes;
}
