// What doctor tells of programs in other languages: what is found here, and that what is missing for them alone is no failure.
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dir, type DirectoryResult } from 'tmp-promise';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { ensureEngines } from '../harness/engines/ensure.ts';
import { listEngines } from '../harness/engines/list.ts';
import { debianPython } from '../harness/testing/python-lab.test-support.ts';
import { long } from '../harness/testing/long.test-support.ts';
import { hasServer } from '../harness/postgres/server.test-support.ts';
import { nodeSays, preloadSays, pythonSays, serverSays } from './doctor-commands.ts';
import { jsonIn } from './front-door.test-support.ts';

let scratch: DirectoryResult;
beforeEach(async () => {
  scratch = await dir({ unsafeCleanup: true });
  vi.stubEnv('PATH', scratch.path);
  vi.stubEnv('PYENV_ROOT', join(scratch.path, 'none'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await scratch.cleanup();
});

const script = (name: string, text: string) =>
  writeFileSync(join(scratch.path, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });

test('Pythons: those that will do with their versions, each once, and why others will not', async () => {
  symlinkSync(debianPython, join(scratch.path, 'python3'));
  symlinkSync(debianPython, join(scratch.path, 'python3.11'));
  script('python3.6', `echo '["/old", [3, 6], "3.54.1"]'`);
  script('python3.9', `echo '["/own", [3, 9], "3.40.0"]'`);
  const says = await pythonSays({});
  expect(says).toMatch(/^3\.\d+ \([^)]*\); not usable: /);
  expect(says).toMatch(/python3\.6" is Python 3\.6, and the host needs 3\.9\./);
  expect(says).toMatch(/SQLite 3\.40\.0 answers in the command "[^"]*python3\.9", where 3\.54\.1 was put under it\./);
});

test('no Python at all, and none that will do', async () => {
  const remedy = expect.stringMatching(
    /apt-get install python3.* Programs in other languages run without it\.$/,
  ) as string;
  await expect(pythonSays({})).rejects.toMatchObject({ message: 'there is no python3', remedy });
  script('python3', 'exit 1');
  await expect(pythonSays({})).rejects.toMatchObject({
    message: expect.stringMatching(/does not answer as a Python/),
    remedy,
  });
});

test('a Node for programs, none, and one that is too old', async () => {
  await expect(nodeSays({})).rejects.toMatchObject({ message: 'there is no node in PATH' });
  script('node', 'echo v20.19.0');
  await expect(nodeSays({})).rejects.toMatchObject({ message: expect.stringMatching(/\/node is v20\.19\.0$/) });
  script('node', 'echo v22.1.0');
  expect(await nodeSays({})).toMatch(/^22\.1\.0 \(\//);
});

test('the library for all other programs, and whether there is a shell of SQLite to try it with', async () => {
  expect(await preloadSays({})).toMatch(/^compiled; .*apt-get install sqlite3/);
  script('sqlite3', '');
  expect(await preloadSays({})).toMatch(/such as \/.*\/sqlite3/);
});

test('a PostgreSQL that lies there and does not start is none', async () => {
  vi.stubEnv('LOCKSTEP_POSTGRES', scratch.path);
  await expect(serverSays()).rejects.toMatchObject({ code: 'NO_SERVER' });
  script('postgres', 'echo 1; exit 3');
  script('initdb', 'exit 3');
  await expect(serverSays()).rejects.toThrow();
});

test.skipIf(!hasServer)('a PostgreSQL that starts is told with its place, and its user where we are root', async () => {
  vi.stubEnv('PATH', '/usr/local/bin:/usr/bin:/bin'); // where id, initdb's shell and tar are
  const user = process.getuid?.() === 0 ? ' as the user (postgres|nobody)' : '';
  expect(await serverSays()).toMatch(new RegExp(`^a server in /.+, which starts${user}$`));
});

test('a compiler is needed only where something is left to compile', long, async () => {
  vi.stubEnv('PATH', `${scratch.path}:/usr/bin:/bin`);
  const left = listEngines().filter(({ status }) => status === 'needs-build' || status === 'damaged');
  await ensureEngines(left.map(({ name }) => name));
  for (const name of ['cc', 'c++']) script(name, 'exit 1');
  const capability = z.object({ name: z.string(), ok: z.boolean(), needed: z.boolean() });
  const { document } = await jsonIn(scratch.path, ['doctor'], z.object({ capabilities: z.array(capability) }));
  expect(document.capabilities.filter(({ name }) => name.endsWith('compiler'))).toEqual([
    { name: 'C compiler', ok: false, needed: false },
    { name: 'C++ compiler', ok: false, needed: false },
  ]);
});

test('what only programs in other languages need, or a server, is no failure of the machine', long, async () => {
  vi.stubEnv('LOCKSTEP_POSTGRES', scratch.path);
  for (const name of ['cc', 'c++']) script(name, 'echo 12');
  const capability = z.object({ name: z.string(), ok: z.boolean(), needed: z.boolean(), fix: z.string().nullable() });
  const shape = z.object({ capabilities: z.array(capability) });
  const { code, document } = await jsonIn(scratch.path, ['doctor'], shape);
  expect(code).toBe(0);
  const lacks = document.capabilities.filter(({ ok }) => !ok);
  expect(lacks.map(({ name, needed }) => [name, needed])).toEqual([
    ['PostgreSQL', false],
    ['programs in Python', false],
    ['programs in Node', false],
  ]);
  for (const { fix } of lacks) expect(fix).toMatch(/PATH|apt-get/);
});
