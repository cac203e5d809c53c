// Where names of the world lead: the coordinator's and World's answer, and the gate's, for the same names on the same disk.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readyMachines, sharedProcess } from '../gate/hand-setting.test-support.ts';
import { worldPath } from './world-path.ts';

let top: string;
let root: string;
beforeAll(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'world-path-')));
  root = join(top, 'world');
  mkdirSync(join(root, 'folder', 'deep'), { recursive: true });
  mkdirSync(join(top, 'outside'));
  mkdirSync(join(top, 'world-beside')); // begins with the same letters
  for (const file of ['world/a', 'world/folder/b', 'outside/c', 'world-beside/d']) writeFileSync(join(top, file), '');
  const links = {
    inside: 'folder/b',
    up: 'folder/../a',
    out: '../outside/c',
    'out-dangling': '../outside/none',
    beside: '../world-beside/d',
    absolute: join(top, 'outside', 'c'),
    'absolute-inside': join(root, 'a'),
    'to-folder': 'folder',
    'to-outside': '../outside',
    'to-top': '..',
    chain: 'chain-2',
    'chain-2': 'out',
    loop: 'loop',
    dangling: 'folder/none',
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(root, name));
});
afterAll(() => rmSync(top, { recursive: true }));

/** Name, and where it leads below the world, followed; undefined for out. */
const names: readonly (readonly [string, string | undefined])[] = [
  ['a', 'a'],
  ['none', 'none'],
  ['folder/b', 'folder/b'],
  ['folder/deep/none', 'folder/deep/none'],
  ['inside', 'folder/b'],
  ['up', 'a'],
  ['to-folder/b', 'folder/b'],
  ['absolute-inside', 'a'],
  ['dangling', 'folder/none'],
  ['out', undefined],
  ['out-dangling', undefined],
  ['beside', undefined],
  ['absolute', undefined],
  ['to-outside/c', undefined],
  ['to-outside/none', undefined],
  ['to-top/outside/c', undefined],
  ['to-top', undefined],
  ['chain', undefined],
  ['loop', undefined],
  ['../outside/c', undefined],
  ['folder/../../outside/c', undefined],
  ['folder/..', undefined],
  ['..', undefined],
  ['', undefined],
  ['a\n', undefined],
  ['x\n/../../outside/c', undefined],
  ['a\u2028', undefined],
  ['a\u0085', undefined],
  ['a\u202e', undefined],
  ['a\u007f', undefined],
];

test.each(names)('%j leads to %j', (name, leads) => {
  expect(worldPath(root, name)).toBe(leads === undefined ? undefined : join(root, leads));
});

test.each(['/etc/passwd', '//etc', 'a//b', './a', 'a/'])('%j is no name', (name) => {
  expect(worldPath(root, name)).toBeUndefined();
});

test('what takes a link itself follows none in the last segment, and each before it', () => {
  expect(worldPath(root, 'out', 'itself')).toBe(join(root, 'out'));
  expect(worldPath(root, 'to-outside/c', 'itself')).toBeUndefined();
  expect(worldPath(root, 'to-folder/b', 'itself')).toBe(join(root, 'folder/b'));
});

test('the world itself is a name of no file, but can be listed', () => {
  expect(worldPath(root, '.')).toBe(root);
});

describe.each(await readyMachines(['3.50.4', '3.54.1']))('the gate on $name', (machine) => {
  const process = sharedProcess(machine);

  test('agrees', () => {
    const asked = names.filter(([name]) => name !== ''); // ATTACH '' is a temporary database
    const { main } = process();
    const found = main.run(
      root,
      (world) =>
        world.args.map((name) => {
          const db = world.open('a');
          try {
            db.prepare('ATTACH ? AS other').run(name);
            return (db.pragma('database_list') as { readonly file: string }[])[1]?.file;
          } catch (error) {
            return (error as { readonly code: string }).code;
          } finally {
            db.close();
          }
        }),
      { args: asked.map(([name]) => name) },
    );
    expect(found).toEqual(asked.map(([, leads]) => (leads === undefined ? 'SQLITE_CANTOPEN' : `/lockstep/${leads}`)));
    const refused = main.steps.filter(({ op }) => op === 'refused').map(({ text }) => text);
    expect(refused).toEqual(asked.filter(([, leads]) => leads === undefined).map(([name]) => name));
  });
});
