import { expect, test } from 'vitest';
import { catalogue } from './catalogue.ts';
import { useEmptyCache } from './empty-cache.test-support.ts';
import { allEntries, compareVersions, engineName, parseEngineName } from './engine.ts';
import { recordAddedEngine } from './record-engine.ts';

useEmptyCache();

test('reads plain and deep names, and writes them back', () => {
  expect(parseEngineName('3.50.4')).toEqual({ version: '3.50.4', variant: 'plain' });
  expect(parseEngineName('3.51.2+shm')).toEqual({ version: '3.51.2', variant: 'shm' });
  for (const name of ['3.54.1', '3.54.1+shm']) expect(engineName(parseEngineName(name))).toBe(name);
});

test.each(['3.52.0', '3.50', '3.51.2+deep', '+shm', '', 'v3.50.4', ' 3.50.4', '12.4.1'])(
  'an unknown name "%s" is a usage error that lists the known ones and how to add',
  (name) => {
    expect(() => parseEngineName(name)).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_ENGINE',
        kind: 'usage',
        message: expect.stringContaining('3.50.4, 3.51.0, 3.51.1, 3.51.2'),
        remedy: expect.stringContaining('lockstep engines add'),
      }),
    );
  },
);

test('an added version is known, in its place by age', async () => {
  await recordAddedEngine({ name: '3.50.2', release: '12.2.0', sha256: 'a'.repeat(64) });
  expect(parseEngineName('3.50.2+shm')).toEqual({ version: '3.50.2', variant: 'shm' });
  const names = allEntries().map(({ name }) => name);
  expect(names.indexOf('3.50.2')).toBe(names.indexOf('3.50.4') - 1);
});

test('an added version does not replace a pinned one', async () => {
  await recordAddedEngine({ name: '3.50.4', release: '12.4.9', sha256: 'a'.repeat(64) });
  expect(allEntries()).toEqual(catalogue);
});

test('versions compare by number, not by letter', () => {
  expect(['3.51.2', '3.7.0', '3.51.10', '3.51.0'].toSorted(compareVersions)).toEqual([
    '3.7.0',
    '3.51.0',
    '3.51.2',
    '3.51.10',
  ]);
});
