// The reference says what the code says.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { faultKinds } from '../../harness/run/faults/catalogue.ts';
import { postgresPage, reference, referencePage, withSettings } from './reference.ts';

test('docs/reference.md is what `npm run reference` writes', () => {
  expect(readFileSync(referencePage, 'utf8')).toBe(reference());
});

test('it has every fault with its fields, and says what each field means', () => {
  const page = reference();
  for (const kind of Object.keys(faultKinds)) expect(page).toContain(`### \`${kind}\``);
  expect(page).toMatch(/\| `bytes`\? \| integer \| The pending write stores this many bytes first/);
  expect(page).toMatch(/`database: string` \| The database, below the world's directory\./);
});

test('docs/postgres.md has the settings that the server is started with', () => {
  const page = readFileSync(postgresPage, 'utf8');
  expect(page).toBe(withSettings(page));
});
