// How many names Node itself looks for when modules lie near each other, and that each is what it would have found.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { withDir } from 'tmp-promise';
import { expect, test } from 'vitest';

const near = new URL('./near-modules.js', import.meta.url).href;

/** What a program in a folder of files prints, and which names Node itself looked for. */
async function ran(files: { readonly [name: string]: string }, house: string, main: string) {
  return withDir(
    async ({ path }) => {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(join(path, name, '..'), { recursive: true });
        writeFileSync(join(path, name), text);
      }
      const root = pathToFileURL(`${path}/`).href;
      const program = `
        import { registerHooks } from 'node:module';
        import { findNearModules } from ${JSON.stringify(near)};
        const looked = [];
        registerHooks({ resolve(name, context, next) { looked.push(name); return next(name, context); } });
        findNearModules(${JSON.stringify(root + house)});
        const said = await import(${JSON.stringify(root + main)}).then(({ said }) => said, (error) => error.code);
        console.log(JSON.stringify({ said, looked: looked.filter((name) => name.startsWith('.')) }));`;
      const { stdout } = await execa(process.execPath, ['--no-warnings', '--input-type=module', '-e', program]);
      return JSON.parse(stdout) as { said: string; looked: readonly string[] };
    },
    { unsafeCleanup: true },
  );
}

const house = {
  'house/package.json': '{ "type": "module" }',
  'house/main.ts': `
    import { a } from './room/a.ts';
    import { b } from './room/b.ts';
    import { old } from './old/c.js';
    export const said: string = [a, b, old.d].join(' ');`,
  'house/room/a.ts': `export const a: string = 'a';`,
  'house/room/b.ts': `import { e } from '../room/e.ts'; export const b: string = e;`,
  'house/room/e.ts': `export const e: string = 'e';`,
  'house/old/package.json': '{ "type": "commonjs" }',
  'house/old/c.js': `exports.old = require('./d.js');`,
  'house/old/d.js': `exports.d = 'd';`,
};

test('one file of a folder is looked for, and the others are beside it', async () => {
  const { said, looked } = await ran(house, 'house/', 'house/main.ts');
  expect(said).toBe('a e d');
  expect(looked.toSorted()).toEqual(['./d.js', './old/c.js', './room/a.ts']);
});

test('outside of the house each is looked for, and one that is not there is missed by Node', async () => {
  const elsewhere = { ...house, 'own/main.ts': `import './a.ts'; import './gone.ts';`, 'own/a.ts': '' };
  const { said, looked } = await ran(elsewhere, 'house/', 'own/main.ts');
  expect(said).toBe('ERR_MODULE_NOT_FOUND');
  expect(looked).toEqual(['./a.ts', './gone.ts']);
});
