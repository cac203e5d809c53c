// What a Node that has been forked finds loaded, and how it ends: as one that has been started by itself, to the hash and the last word.
import { expect, test } from 'vitest';
import { endingOf, NodeLab, nodePlan, said } from './node-lab.test-support.ts';

const tellsLoaded = `
  const { basename, dirname, join } = require('node:path');
  const short = (file) => basename(dirname(file)) + '/' + basename(file);
  const tell = (when) => {
    console.error(when, Object.keys(require.cache).map(short).join(' '));
    console.error(Object.values(require.cache).map(({ parent, children, loaded }) =>
      [parent ? short(parent.filename ?? parent.id) : parent, children.map(({ filename }) => short(filename)), loaded].join()).join(' '));
  };`;

const programs = {
  'requires.cjs': `${tellsLoaded}
    tell('before');
    const Database = require('better-sqlite3');
    tell('loaded');
    const db = new Database('lab.db');
    tell('open');
    console.error(db.prepare('SELECT v FROM t').pluck().get(), require('better-sqlite3') === Database);
    delete require.cache[require.resolve('better-sqlite3')];
    console.error(require('better-sqlite3') === Database);
    tell('again');`,
  'counts.cjs': `
    const { dirname } = require('node:path');
    const folder = dirname(dirname(require.resolve('better-sqlite3')));
    const count = () => console.error(Object.keys(require.cache).filter((file) => file.startsWith(folder)).length);
    count();
    const Database = require('better-sqlite3');
    count();
    new Database('lab.db');
    count();`,
  'part-first.cjs': `${tellsLoaded}
    const util = join(dirname(require.resolve('better-sqlite3')), 'util.js');
    require(util).mark = 1;
    const Database = require('better-sqlite3');
    console.error(require(util).mark, new Database('lab.db').open);
    tell('end');`,
  'compiles.cjs': `
    const { Module } = require('node:module');
    const { basename } = require('node:path');
    const compile = Module.prototype._compile;
    Module.prototype._compile = function (text, file, ...more) {
      console.error('compiles', basename(file));
      return compile.call(this, text, file, ...more);
    };
    const Database = require('better-sqlite3');
    console.error(new Database('lab.db').open);`,
  'imports.mjs': `
    import { createRequire } from 'node:module';
    import Database, { SqliteError } from 'better-sqlite3';
    const require = createRequire(import.meta.url);
    const inner = await import(new URL('database.js', import.meta.resolve('better-sqlite3')));
    ${tellsLoaded}
    tell('imported');
    console.error(typeof SqliteError, typeof inner.default, require('better-sqlite3') === Database);
    try {
      new Database('lab.db').prepare('no sql');
    } catch (error) {
      console.error(error.stack.replaceAll(/\\(.*\\//g, '('));
    }
    tell('open');`,
  'imports-later.mjs': `
    const { default: Database } = await import('better-sqlite3');
    console.error(new Database('lab.db').open, await import('none').catch(({ code }) => code));`,
  'counts-async.mjs': `
    import { AsyncResource, executionAsyncId, triggerAsyncId } from 'node:async_hooks';
    console.error(executionAsyncId(), triggerAsyncId(), new AsyncResource('one').asyncId());
    process.nextTick(() => console.error(executionAsyncId(), new AsyncResource('one').asyncId()));`,
  'leaves-open.mjs': `
    import Database from 'better-sqlite3';
    const db = new Database('lab.db');
    db.exec('BEGIN IMMEDIATE; UPDATE t SET v = 5');
    process.on('beforeExit', () => console.error('before exit'));
    process.on('exit', (code) => console.error('exit', code));`,
  'changes-code.mjs': `
    import Database from 'better-sqlite3';
    new Database('lab.db').prepare('SELECT v FROM t').get();
    process.exitCode = 3;
    process.on('exit', () => { process.exitCode = 4; });`,
  'emits.mjs': `
    const { emit } = process;
    process.emit = function (event, ...given) {
      const heard = emit.call(this, event, ...given);
      if (event === 'exit') process.exitCode = 6;
      return heard;
    };`,
  'throws-late.mjs': `process.on('exit', () => { throw new Error('late'); });`,
  'waits-for-ever.mjs': `await new Promise(() => {});`,
} as const;

const lab = new NodeLab(programs);

/** Runs after which a zygote has got ready what its processes load (zygote.ts). */
const enough = 10;

test.each([
  ['requires.cjs', { how: 'returned' }],
  ['counts.cjs', { how: 'returned' }],
  ['part-first.cjs', { how: 'returned' }],
  ['compiles.cjs', { how: 'returned' }],
  ['imports.mjs', { how: 'returned' }],
  ['imports-later.mjs', { how: 'returned' }],
  ['counts-async.mjs', { how: 'returned' }],
  ['leaves-open.mjs', { how: 'returned' }],
  ['changes-code.mjs', { how: 'exited', code: 4 }],
  ['emits.mjs', { how: 'exited', code: 6 }],
  ['throws-late.mjs', { how: 'threw', error: 'late' }],
  ['waits-for-ever.mjs', { how: 'exited', code: 13 }],
] as const)(
  '%s',
  async (file, ending) => {
    const scenario = lab.labOf(file);
    const history = await lab.runAlike(scenario);
    expect(endingOf(history)).toMatchObject(ending);
    for (let i = 0; i < enough; i++) {
      const again = await lab.coordinator.run(scenario, nodePlan({ seed: 7, preemptions: history.preemptions }));
      expect([again.hash, again.words]).toEqual([history.hash, history.words]);
    }
  },
  120_000,
);

test('what the zygote has loaded is not there before the program asks for it, and then as much as it would have loaded', async () => {
  for (let i = 0; i < enough; i++)
    expect(said(await lab.inTurns(lab.labOf('counts.cjs'), 7))).toEqual(['0', '15', '16']);
});
