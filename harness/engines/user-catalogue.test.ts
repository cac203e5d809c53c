import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { useEmptyCache } from './empty-cache.test-support.ts';
import { parseEngineName } from './engine.ts';
import { recordAddedEngine } from './record-engine.ts';
import { userCatalogue } from './user-catalogue.ts';

const engine = (name: string) => ({ name, release: '12.2.0', sha256: 'a'.repeat(64) });

const cachePath = useEmptyCache();

test('is empty when nothing was added', () => {
  expect(userCatalogue()).toEqual([]);
});

test('gives back what was recorded, with the WAL-reset bug worked out', async () => {
  await recordAddedEngine(engine('3.50.2'));
  expect(userCatalogue()).toEqual([expect.objectContaining({ ...engine('3.50.2'), walResetBug: true })]);
});

test('records made at the same time are all kept, and one name is kept once', async () => {
  const names = ['3.44.6', '3.45.0', '3.46.1', '3.44.6'];
  await Promise.all(names.map((name) => recordAddedEngine(engine(name))));
  expect(
    userCatalogue()
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(['3.44.6', '3.45.0', '3.46.1']);
});

test.each([
  ['no JSON', '{'],
  ['another format', '{"format":2,"engines":[]}'],
  ['a broken entry', '{"format":1,"engines":[{"name":"3.50.2","release":"12.2.0","sha256":"short"}]}'],
])('%s is a sentence that names the file; pinned engines stay usable', (_, text) => {
  const file = path.join(cachePath(), 'engines.json');
  writeFileSync(file, text);
  expect(() => userCatalogue()).toThrow(
    expect.objectContaining({ code: 'ENGINE_LIST_BROKEN', kind: 'usage', message: expect.stringContaining(file) }),
  );
  expect(parseEngineName('3.50.4').version).toBe('3.50.4');
});
