// Files of the cache emptied, cut, changed in one bit, replaced by a folder or a link: what is used is what was built, or
// built anew, and a link is not followed to be written. What stays out: a cache without room (disks.ts).
import {
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Blow } from '../blow.ts';
import { below } from '../checks.ts';
import { comparing, passing, replaying } from '../commands.ts';
import type { Scene } from '../scene.ts';

const harms: readonly (readonly [string, (path: string, scene: Scene) => void])[] = [
  ['emptied', (path) => truncateSync(path)],
  ['cut', (path, { chance }) => truncateSync(path, chance.between(0, lstatSync(path).size))],
  [
    'changed in a bit',
    (path, { chance }) => {
      const bytes = readFileSync(path);
      if (bytes.length === 0) return;
      const at = chance.between(0, bytes.length - 1);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.between(0, 7));
      writeFileSync(path, bytes);
    },
  ],
  ['overwritten with other bytes', (path) => writeFileSync(path, 'this is no file of ours\n'.repeat(40))],
  [
    'a folder',
    (path) => {
      rmSync(path);
      mkdirSync(join(path, 'below'), { recursive: true });
    },
  ],
  [
    'a link to a file elsewhere',
    (path, { work }) => {
      rmSync(path);
      symlinkSync(join(work, 'canary'), path);
    },
  ],
  [
    'a link to itself, elsewhere',
    (path, { work }) => {
      renameSync(path, join(work, 'moved'));
      symlinkSync(join(work, 'moved'), path);
    },
  ],
  ['gone', (path) => rmSync(path)],
];

async function broken(scene: Scene): Promise<string> {
  const { chance, cache, work } = scene;
  const canary = join(work, 'canary');
  writeFileSync(canary, 'untouched');
  const files = below(cache).filter((path) => lstatSync(path).isFile());
  // The gate is built anew in a second, an engine in a minute.
  const kind = chance.weighted([
    { weight: 8, of: '/gate/' },
    { weight: 1, of: '/engine/' },
    { weight: 1, of: '/node/' },
  ]).of;
  const victims = files.filter((path) => path.includes(kind));
  const path = chance.of(victims);
  const [harm, strike] = chance.of(harms);
  strike(path, scene);
  const all = chance.with(0.2) || kind === '/engine/';
  const command = all
    ? comparing(chance, scene.out)
    : chance.with(0.5)
      ? passing(chance, scene.out)
      : replaying(chance);
  const ended = await scene.settle(scene.start(command, { json: chance.with(0.5) }), {
    codes: [4],
    patienceMs: 300_000,
  });
  // What it can replace it must have replaced.
  scene.expect(ended.code !== 4, 'it did not heal');
  scene.expect(readFileSync(canary, 'utf8') === 'untouched', 'the file behind the link was written');
  return `${path.slice(cache.length + 1).replace(/([0-9a-f]{8})[0-9a-f]{56}/, '$1…')} ${harm}, ${command.name}: ${ended.code}`;
}

export const caches: readonly Blow[] = [{ name: 'broken-cache', weight: 7, strike: broken }];
