// What lockstep.h names is in the compiled gate.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gatePath } from './build.ts';

test('the compiled gate has every function that its header names', async () => {
  const header = readFileSync(join(import.meta.dirname, 'lockstep.h'), 'utf8');
  const names = [...header.matchAll(/\b(lockstep_\w+)\(/g)].map(([, name]) => name ?? '');
  expect(names.length).toBeGreaterThan(25);
  const binary = readFileSync(await gatePath(), 'latin1');
  expect(names.filter((name) => !binary.includes(`\0${name}\0`))).toEqual([]);
});
