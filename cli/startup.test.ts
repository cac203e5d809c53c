// The front door loads what a command needs, once it is given: `list` and `--help` answer at once. How long they take is measured
// beside Node alone (bench/startup.ts).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withDir } from 'tmp-promise';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { callIn } from './front-door.test-support.ts';

const hook = new URL('./loaded.test-support.js', import.meta.url);
const told = z.object({ urls: z.array(z.string()), stripped: z.boolean() });

interface Loaded {
  readonly packages: readonly string[];
  /** Files of our own that were loaded, and the folders that they lie in. */
  readonly files: readonly string[];
  readonly folders: readonly string[];
  readonly stripped: boolean;
}

/** What a command loads when it is given for the second time in an empty cache: the first has left what Node compiled. */
async function loadedBy(args: readonly string[]): Promise<Loaded> {
  return withDir(
    async ({ path }) => {
      const file = join(path, 'loaded.json');
      const env = { LOCKSTEP_CACHE: path, NODE_OPTIONS: `--import=${hook.href}`, LOADED: file };
      for (let time = 1; time <= 2; time++) expect((await callIn(path, args, env)).code).toBe(0);
      const { urls, stripped } = told.parse(JSON.parse(readFileSync(file, 'utf8')));
      const names = urls.flatMap((url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
      const root = new URL('../', import.meta.url).href;
      const own = urls.filter((url) => url.startsWith(root) && !url.includes('/node_modules/'));
      const files = own.map((url) => url.slice(root.length));
      const folders = files.map((name) => name.slice(0, name.lastIndexOf('/')));
      return { packages: [...new Set(names)].toSorted(), files, folders: [...new Set(folders)].toSorted(), stripped };
    },
    { unsafeCleanup: true },
  );
}

/** Of the front door alone: koffi hears signals. */
const ofAll = ['@commander-js/extra-typings', 'commander', 'koffi'];

test('list loads catalogues and the schemas in them, and nothing that runs, builds, searches or explains', async () => {
  const { packages, files, folders, stripped } = await loadedBy(['list']);
  expect(packages.filter((name) => !name.startsWith('@koromix/'))).toEqual(
    [...ofAll, 'fastest-levenshtein', 'pure-rand', 'zod'].toSorted(),
  );
  expect(folders).toContain('src/policies');
  for (const room of ['harness/explain', 'harness/gate', 'harness/lane/native', 'compare', 'reports'])
    expect(folders.filter((folder) => folder.startsWith(room))).toEqual([]);
  // Plans are neither drawn nor read, whose shapes are the largest; no scenario is checked, and no engine looked at.
  for (const name of ['model/plan', 'model/fault', 'search/draw-plan', 'run/check-scenario', 'engines/cache'])
    expect(files).not.toContain(`harness/${name}.ts`);
  expect(stripped).toBe(false);
});

test.each([[['--help']], [['run', '--help']], [['compare', '--help']]])(
  '%j loads no system, and not even schemas',
  async (args) => {
    const { packages, folders, stripped } = await loadedBy(args);
    expect(packages.filter((name) => !name.startsWith('@koromix/'))).toEqual(ofAll);
    for (const room of [
      'src',
      'scenarios',
      'harness/engines',
      'harness/explain',
      'harness/observe',
      'compare',
      'reports',
    ])
      expect(folders.filter((folder) => folder.startsWith(room))).toEqual([]);
    expect(stripped).toBe(false);
  },
);
