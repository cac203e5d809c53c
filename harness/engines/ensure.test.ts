import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { type DirectoryResult, dir as tmpDir } from 'tmp-promise';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runCompiler } from './compiler.ts';
import type { Engine } from './engine.ts';
import { engineStatus, ensureEngines } from './ensure.ts';
import { packageDir } from './package-dir.ts';

/** The first run of these tests on a machine compiles engines; later ones find them in the cache. */
const FIRST_RUN_MS = 15 * 60_000;

let scratch: DirectoryResult;

beforeEach(async () => {
  scratch = await tmpDir({ unsafeCleanup: true });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await scratch.cleanup();
});

/** Runs JavaScript in a process of its own, with `db` a database of the engine and `answer` what it prints. */
async function ask(engine: Engine, code: string): Promise<unknown> {
  const script = `
    const Database = require(${JSON.stringify(packageDir('better-sqlite3'))});
    const open = (file) => new Database(file, { nativeBinding: ${JSON.stringify(engine.binding)} });
    const db = open(':memory:');
    let answer;
    ${code};
    console.log(JSON.stringify(answer));`;
  return JSON.parse((await execa(process.execPath, ['-e', script])).stdout);
}

describe('the engines that come with the installation', () => {
  const names = ['3.50.4', '3.51.2', '3.54.1'];

  test('are the versions that they are called', { timeout: FIRST_RUN_MS }, async () => {
    const engines = await ensureEngines(names);
    expect([...engines.keys()]).toEqual(names);
    for (const engine of engines.values()) {
      expect(await ask(engine, `answer = db.prepare('select sqlite_version()').pluck().get()`)).toBe(engine.version);
      expect(engineStatus(engine.name)).toBe('ready');
    }
    expect(new Set([...engines.values()].map(({ hash }) => hash)).size).toBe(names.length);
  });

  test('really differ: jsonb_each came with 3.51.0', { timeout: FIRST_RUN_MS }, async () => {
    const answers = [];
    for (const engine of (await ensureEngines(names)).values()) {
      answers.push(
        await ask(
          engine,
          `try { answer = db.prepare("select count(*) from jsonb_each('[1,2]')").pluck().get() } catch (error) { answer = error.message }`,
        ),
      );
    }
    expect(answers).toEqual(['no such table: jsonb_each', 2, 2]);
  });

  test('have the compile options of better-sqlite3', { timeout: FIRST_RUN_MS }, async () => {
    const options = [];
    for (const engine of (await ensureEngines(names)).values()) {
      const all = (await ask(
        engine,
        `answer = db.pragma('compile_options').map((row) => row.compile_options)`,
      )) as string[];
      // The two that follow the release: PERCENTILE is enabled from 12.10.0 on, MAX_SCHEMA is new in SQLite itself.
      options.push(all.filter((option) => !/^(COMPILER=|ENABLE_PERCENTILE$|MAX_SCHEMA=)/.test(option)));
    }
    expect(options[0]).toContain('DEFAULT_WAL_SYNCHRONOUS=1');
    expect(options[0]).toEqual(options[2]);
    expect(options[1]).toEqual(options[2]);
  });

  test('are found again without a word', { timeout: FIRST_RUN_MS }, async () => {
    const first = await ensureEngines(names);
    const progress = vi.fn();
    expect(await ensureEngines([...names, '3.50.4'], { progress })).toEqual(first);
    expect(progress).not.toHaveBeenCalled();
  });
});

describe('the deep variant', () => {
  const PROBE = `
    #include "sqlite3ext.h"
    SQLITE_EXTENSION_INIT1
    static int marks;
    static int onFault(int code) { if (code == 661) marks++; return 0; }
    static void answer(sqlite3_context *context, int n, sqlite3_value **values) {
      (void)n; (void)values; sqlite3_result_int(context, marks);
    }
    int sqlite3_probe_init(sqlite3 *db, char **error, const sqlite3_api_routines *api) {
      SQLITE_EXTENSION_INIT2(api);
      (void)error;
      sqlite3_test_control(SQLITE_TESTCTRL_FAULT_INSTALL, onFault);
      return sqlite3_create_function(db, "marks", 0, SQLITE_UTF8, 0, answer, 0, 0);
    }`;

  test('calls the fault simulator at wal-index accesses, the plain one does not', {
    timeout: FIRST_RUN_MS,
  }, async () => {
    const engines = await ensureEngines(['3.50.4', '3.50.4+shm']);
    writeFileSync(path.join(scratch.path, 'probe.c'), PROBE);
    const headers = path.join(packageDir('better-sqlite3-3.50.4'), 'deps', 'sqlite3');
    const args = ['-fPIC', '-shared', `-I${headers}`, 'probe.c', '-o', 'probe.so'];
    await runCompiler('c', args, { cwd: scratch.path, what: 'probe' });

    const marks = async (name: string): Promise<unknown> => {
      const engine = engines.get(name);
      if (!engine) throw new Error(`${name} is missing`);
      return ask(
        engine,
        `const wal = open(${JSON.stringify(path.join(scratch.path, `${name}.db`))});
         wal.loadExtension(${JSON.stringify(path.join(scratch.path, 'probe.so'))});
         wal.pragma('journal_mode = wal');
         wal.exec('create table t(x); insert into t values (1); pragma wal_checkpoint');
         answer = [wal.prepare('select marks()').pluck().get() > 0, wal.pragma('integrity_check', { simple: true })]`,
      );
    };
    expect(await marks('3.50.4+shm')).toEqual([true, 'ok']);
    expect(await marks('3.50.4')).toEqual([false, 'ok']);
  });

  test('has a binding and a hash of its own', { timeout: FIRST_RUN_MS }, async () => {
    const engines = await ensureEngines(['3.50.4', '3.50.4+shm']);
    const [plain, deep] = [...engines.values()];
    expect(deep).toMatchObject({ name: '3.50.4+shm', version: '3.50.4', variant: 'shm' });
    expect(deep?.binding).not.toBe(plain?.binding);
    expect(deep?.hash).not.toBe(plain?.hash);
  });
});

describe('what goes wrong', () => {
  beforeEach(() => {
    vi.stubEnv('LOCKSTEP_CACHE', path.join(scratch.path, 'cache'));
  });

  test('an unknown name is refused before anything is built', async () => {
    const progress = vi.fn();
    await expect(ensureEngines(['3.50.4', '3.50.5'], { progress })).rejects.toMatchObject({ code: 'UNKNOWN_ENGINE' });
    expect(progress).not.toHaveBeenCalled();
  });

  test('a source that was not fetched: the command that fetches it', async () => {
    expect(engineStatus('3.51.3')).toBe('needs-fetch');
    await expect(ensureEngines(['3.51.3'])).rejects.toMatchObject({
      code: 'ENGINE_NOT_ADDED',
      kind: 'usage',
      remedy: expect.stringContaining('lockstep engines add 3.51.3'),
    });
  });

  test('no compiler: compiled engines are refused with a sentence, the shipped one works', async () => {
    vi.stubEnv('CC', '/nonexistent');
    vi.stubEnv('CXX', '/nonexistent');
    expect(engineStatus('3.50.4')).toBe('needs-build');
    await expect(ensureEngines(['3.50.4'])).rejects.toMatchObject({
      code: 'NO_COMPILER',
      remedy: expect.stringContaining('3.54.1 needs no C++ compiler'),
    });
    expect((await ensureEngines(['3.54.1'])).size).toBe(1);
  });
});
