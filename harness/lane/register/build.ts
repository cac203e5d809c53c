// Makes one script of the Node host on first use, into the cache: Node takes five times as long to load its parts one by one. What
// stays out: the host itself (main.ts), and who puts it under a program (run/command-machine.ts).
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedArtifact } from '../../engines/cache.ts';
import { runCompiler } from '../../engines/compiler.ts';
import type { EnsureOptions } from '../../engines/ensure.ts';
import { libcName } from '../../engines/libc.ts';
import { packageDir, packageVersion } from '../../engines/package-dir.ts';
import { harnessError } from '../../errors/errors.ts';
import { gateFlags, sqliteHeaders } from '../../gate/build.ts';

const harness = join(import.meta.dirname, '..', '..');

const main = './main.ts';

/** All that the host is made of. Each is a name of its own: a built package has other files in their places. */
const parts = [
  main,
  './atomics.ts',
  './chance.ts',
  './channel.ts',
  './child.ts',
  './children.ts',
  './clock.ts',
  './loaded-before.ts',
  './locks.ts',
  './machine.ts',
  './more-fs.ts',
  './package-of.ts',
  './rest-of-fs.ts',
  './places.ts',
  './ports.ts',
  './process-of-run.ts',
  './refuse.ts',
  './replace-fs.ts',
  './replace-sqlite.ts',
  './shared-memory.ts',
  './standard-input.ts',
  './starter.ts',
  './waits.ts',
  './workers.ts',
  './world-files.ts',
  './zygote.ts',
  '../../gate/protocol.ts',
  '../../host/world-path.ts',
  '../gate-calls.ts',
  '../give-up.ts',
  '../threw.ts',
  '../../model/names.ts',
  '../../model/operations.ts',
  '../../model/process.ts',
  '../../model/program-places.ts',
  '../../model/record.ts',
  '../../model/request.ts',
  '../../model/visible.ts',
].map((file) => join(import.meta.dirname, file));

const packages = ['rolldown', 'better-sqlite3', '@sinonjs/fake-timers', '@sinonjs/commons'] as const;

/** A zygote has all of it compiled at once: what waits for its first call would be compiled by each that it forks. */
const starter = `'use strict';
if (process.env.LOCKSTEP_ZYGOTE !== undefined) require('node:v8').setFlagsFromString('--no-lazy');
require('./main.cjs');
`;

/** What a zygote loads before it forks: a program and its package, of which nobody hears (zygote.ts). */
const rehearsal: { readonly [file: string]: string } = {
  'package.json': '{ "name": "rehearsal", "exports": "./rehearsal.cjs" }',
  'rehearsal.mjs': `import { setTimeout } from 'node:timers/promises';
import Part from 'rehearsal';
import * as all from './rehearsal-part.mjs';
await Promise.all([setTimeout, all.default, new Part('rehearsal.mjs', {})]);
await import('./rehearsal-part.mjs');
await import('rehearsal/none').catch(() => undefined);
await import('none').catch(() => undefined);
`,
  'rehearsal-part.mjs': `export default 1;
`,
  'rehearsal.cjs': `'use strict';
const fs = require('fs');
const path = require('path');
const same = require('./rehearsal-part');
class Part {
  constructor(name, options) {
    this.name = same(path.join(__dirname, name));
    this.is = fs.existsSync(this.name) && 'a' in options;
  }
}
module.exports = Part;
`,
  'rehearsal-part.js': `'use strict';
exports = module.exports = (text) => text;
`,
};

/**
 * The script of the Node host.
 *
 * @param options who hears of the build, and what ends it
 * @returns its absolute path, for `node --require`
 * @throws harness errors: it cannot be made, a cache that cannot be used; the signal's reason
 */
export function nodeHost({ progress, signal }: EnsureOptions = {}): Promise<string> {
  return cachedArtifact({
    kind: 'node-host',
    inputs: [
      starter,
      JSON.stringify(rehearsal),
      ...packages.map((name) => `${name} ${packageVersion(name)}`),
      ...parts.map((file) => ({ file })),
    ],
    fileName: 'host.cjs',
    label: 'Node host',
    progress,
    signal,
    build: async (dir) => {
      progress?.('Node host: bundling it (seconds, once)');
      const { rolldown } = await import('rolldown');
      await using build = await rolldown({
        input: join(import.meta.dirname, main),
        platform: 'node',
        external: ['bindings'], // how better-sqlite3 looks for a binding, where it is not told of one
      });
      const { output } = await build.generate({ format: 'cjs', codeSplitting: false });
      const [{ code, moduleIds }] = output;
      const unknown = moduleIds.find((id) => id.startsWith(harness) && !parts.includes(id));
      if (unknown !== undefined)
        throw harnessError(
          'NODE_HOST_INCOMPLETE',
          `The Node host has a part that its build does not know: ${unknown}.`,
          'Add it to the list in harness/lane/register/build.ts: what is kept in the cache is named by what it was made from.',
        );
      await writeFile(join(dir, 'main.cjs'), code);
      await writeFile(join(dir, 'host.cjs'), starter);
      for (const [name, text] of Object.entries(rehearsal)) await writeFile(join(dir, name), text);
    },
  });
}

const zygoteSource = join(import.meta.dirname, 'zygote.c');
const zygoteFlags = [...gateFlags, '-D_GNU_SOURCE', '-shared'] as const;

/**
 * What a zygote of Node is loaded with.
 *
 * @returns its absolute path; undefined where there is no such zygote: it needs Linux and the GNU C library
 * @throws harness errors: no C compiler, a failed build, a cache that cannot be used; the signal's reason
 */
export async function nodeZygote({ progress, signal }: EnsureOptions = {}): Promise<string | undefined> {
  if (process.platform !== 'linux' || libcName() !== 'default') return undefined;
  const headers = sqliteHeaders();
  return cachedArtifact({
    kind: 'node-zygote',
    inputs: [
      zygoteFlags.join(' '),
      ...[zygoteSource, join(headers, 'sqlite3.h'), join(headers, 'sqlite3ext.h')].map((file) => ({ file })),
    ],
    fileName: 'zygote.so',
    label: 'zygote of Node',
    progress,
    signal,
    build: (dir) => {
      progress?.('zygote of Node: compiling it (seconds, once)');
      const words = [...zygoteFlags, '-I', headers, zygoteSource, '-ldl', '-o', 'zygote.so'];
      return runCompiler('c', words, { cwd: dir, what: 'zygote of Node', signal });
    },
  });
}

const threadsSource = join(import.meta.dirname, 'threads.c');
const threadsFlags = [
  ...gateFlags,
  '-D_GNU_SOURCE',
  // A thread's end comes behind that of its part of Node, which unloads the addons that it has loaded.
  ...(process.platform === 'darwin' ? ['-dynamiclib', '-undefined', 'dynamic_lookup'] : ['-shared', '-Wl,-z,nodelete']),
] as const;

/**
 * The addon that threads of a Node program need.
 *
 * @returns its absolute path
 * @throws harness errors: no C compiler, a failed build, a cache that cannot be used; the signal's reason
 */
export function nodeThreads({ progress, signal }: EnsureOptions = {}): Promise<string> {
  const headers = join(packageDir('node-api-headers'), 'include');
  return cachedArtifact({
    kind: 'node-threads',
    inputs: [threadsFlags.join(' '), `node-api-headers ${packageVersion('node-api-headers')}`, { file: threadsSource }],
    fileName: 'threads.node',
    label: 'threads of Node',
    progress,
    signal,
    build: (dir) => {
      progress?.('threads of Node: compiling what they need (a second, once)');
      const words = [...threadsFlags, '-I', headers, threadsSource, '-ldl', '-lpthread', '-o', 'threads.node'];
      return runCompiler('c', words, { cwd: dir, what: 'threads of Node', signal });
    },
  });
}
