// The gate under AddressSanitizer and UndefinedBehaviorSanitizer: all that it does, in whatever order faults strike.
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test as property, fc } from '@fast-check/vitest';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { cachedArtifact } from '../engines/cache.ts';
import { compilerCommand, runCompiler } from '../engines/compiler.ts';
import { LockstepError } from '../errors/errors.ts';
import { gateFlags, gatePath, sqliteHeaders } from './build.ts';
import { type HandLane, type HandMachine, HandProcess } from './hand.test-support.ts';
import { anyMachine, emptyFolder, sharedProcess } from './hand-setting.test-support.ts';
import { tour } from './hand-tour.test-support.ts';
import { anyOp, anyRole, grantAction, opSet, roleSet, unlimited } from './protocol.ts';
import { op, role } from '../model/operations.ts';

const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer', '-g'];

/** The negative control, built as the gate is. */
async function brokenPath(): Promise<string> {
  const source = fileURLToPath(new URL('./broken.test-support.c', import.meta.url));
  const flags = [...gateFlags, '-shared', ...sanitizers, '-I', sqliteHeaders()];
  return cachedArtifact({
    kind: 'gate-control',
    inputs: [flags.join(' '), { file: source }],
    fileName: 'broken.so',
    label: 'negative control',
    build: (dir) =>
      runCompiler('c', [...flags, source, '-o', join(dir, 'broken.so')], { cwd: dir, what: 'negative control' }),
  });
}

/** The instrumented gate with all that a process needs to load it; or why this machine has none. */
async function sanitized(): Promise<{ machine: HandMachine; broken: string } | string> {
  if (process.platform !== 'linux') return 'only Linux preloads a sanitizer into node';
  const [compiler, ...own] = compilerCommand('c');
  const runtime = await execa(compiler, [...own, '-print-file-name=libasan.so'], { reject: false });
  if (!isAbsolute(runtime.stdout ?? '')) return `${compiler} has no libasan.so`;
  let broken: string;
  try {
    broken = await brokenPath();
  } catch (error) {
    if (error instanceof LockstepError) return `${compiler} cannot build with sanitizers`;
    throw error;
  }
  const env = {
    LD_PRELOAD: runtime.stdout,
    ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=0:exitcode=99',
    UBSAN_OPTIONS: 'print_stacktrace=1:exitcode=99',
  };
  return { machine: { ...(await anyMachine()), gate: await gatePath({ more: sanitizers }), env }, broken };
}

const found = await sanitized();
const reason = typeof found === 'string' ? found : undefined;
const { machine, broken } = typeof found === 'string' ? { machine: { binding: '', gate: '' }, broken: '' } : found;

describe.skipIf(reason !== undefined)(
  `the sanitized gate${reason === undefined ? '' : ` (not here: ${reason})`}`,
  () => {
    const shared = sharedProcess(machine);

    /** The process lives, or this tells what the sanitizer said. */
    const expectClean = (host: HandProcess): void => {
      expect(host.said()).toBe('');
    };

    test.each([
      ['heap', 'broken_heap(8)', 'AddressSanitizer: heap-buffer-overflow'],
      ['heap', 'broken_heap(-1)', 'AddressSanitizer: heap-buffer-overflow'],
      ['arithmetic', 'broken_sum(1)', 'signed integer overflow'],
    ])('would be caught at an error of its %s: %s', async (_, call, report) => {
      using host = HandProcess.start(machine);
      host.main.begin(
        '/',
        (w) => {
          w.control.loadExtension(w.args[0] ?? '');
          return w.control.prepare(`select ${w.args[1]}`).get();
        },
        { args: [broken, call] },
      );
      expect(host.main.go()).toBe('dead');
      expect(await host.ended()).toEqual({ code: 99, signal: null });
      expect(host.said()).toContain(report);
    });

    test('and the control is right when it is used rightly', () => {
      using host = HandProcess.start(machine);
      const rows = host.main.run(
        '/',
        (w) => {
          w.control.loadExtension(w.args[0] ?? '');
          return w.control.prepare('select broken_heap(7), broken_sum(0)').raw().get();
        },
        { args: [broken] },
      );
      expect(rows).toEqual([1, 2 ** 31 - 1]);
      expectClean(host);
    });

    test.each(['wal', 'delete', 'truncate'])('goes through every operation in %s mode', (mode) => {
      using world = emptyFolder();
      const host = shared();
      expect(host.main.run(world.path, tour, { args: [mode] })).toMatchObject({ integrity: 'ok' });
      expectClean(host);
    });

    test('takes texts of every length, and more names than it can hold', () => {
      const host = shared();
      const lengths = host.main.run(
        '/',
        (w) => {
          for (let i = 0; i < 4200; i++) w.gate('step', 'rename', `file-${i}`, i % 3 === 0 ? null : `to-${i}`);
          w.gate('observe', null);
          for (const n of [0, 1, 31, 32, 33, 65_535, 65_536, 300_000]) w.gate('observe', 'x'.repeat(n));
          return String(w.gate('ask', 'y'.repeat(100_000))).length;
        },
        {},
        { reply: 'z'.repeat(200_000) },
      );
      expect(lengths).toBe(200_000);
      expectClean(host);
    });

    test('refuses calls out of order', () => {
      const attempts = `(w) => ['job', 'random', 'now', 'answer', 'stopping', 'attach', 'enter'].map((name) => {
      const values = { attach: ['/none', '/none'], enter: [1, 1, '/'] }[name] ?? [];
      try {
        w.gate(name, ...values);
        return true;
      } catch {
        return false;
      }
    })` as unknown as Parameters<HandLane['run']>[1];
      using host = HandProcess.start(machine, attempts);
      const early = host.main.run('/', (w) => w.kept['early']);
      expect(early).toEqual([false, false, false, false, false, false, false]);
      expect(host.main.run('/', attempts)).toEqual([false, true, true, true, true, false, false]);
      expectClean(host);
    });

    test('serves two threads of a process, turn by turn', () => {
      using world = emptyFolder();
      using pair = HandProcess.start(machine);
      const lanes = [pair.main, pair.thread()];
      lanes[0]!.run(world.path, (w) => w.open('a.db').exec('create table t(x)').close() && null);
      for (const lane of lanes) {
        lane.begin(world.path, (w) => {
          const db = w.open('a.db', { timeout: 60_000 });
          for (let i = 0; i < 3; i++) db.exec('insert into t values (random())');
          db.close();
        });
      }
      const parked = new Set(lanes);
      while (parked.size > 0)
        for (const lane of parked) if (lane.go({ hardSteps: 2 }) !== 'parked') parked.delete(lane);
      expect(lanes.map(({ steps }) => steps.at(-1)?.text)).toEqual(['null', 'null']);
      expectClean(pair);
    });

    test('tears a write and reads raw', async () => {
      using world = emptyFolder();
      using host = HandProcess.start(machine);
      const { main } = host;
      main.begin(world.path, tour, { args: ['wal'] });
      main.go({ traps: [{ ops: opSet([op.write]), roles: roleSet([role.wal]), left: 5 }] });
      main.go({
        action: grantAction.raw,
        reply: ['a.db', 'a.db-wal', 'none'].map((name) => `${world.file(name)}\0`).join(''),
      });
      main.go({ action: grantAction.raw, reply: '' });
      expect(main.go({ action: grantAction.torn, code: 13 })).toBe('dead');
      expect(await host.ended()).toEqual({ code: null, signal: 'SIGKILL' });
      expectClean(host);
    });

    const codes = [5, 10, 13, 14, 266, 522, 778, 1034, 1546, 1802, 2570, 3338, 3850, 5130, 5386];
    const fault = fc.record({
      after: fc.integer({ min: 1, max: 60 }),
      code: fc.constantFrom(...codes),
      times: fc.integer({ min: 1, max: 3 }),
    });
    property.prop([fc.constantFrom('wal', 'delete', 'truncate'), fc.array(fault, { minLength: 1, maxLength: 8 })], {
      numRuns: 60,
    })('survives any operation failing with any code', (mode, faults) => {
      using world = emptyFolder();
      const host = shared();
      const { main } = host;
      main.begin(world.path, tour, { args: [mode] });
      for (const { after, code, times } of faults) {
        if (main.go({ hardSteps: after }) !== 'parked') break;
        for (let i = 0; i < times && !main.idle; i++) main.go({ action: grantAction.fail, code, hardSteps: 1 });
        if (main.idle) break;
      }
      if (!main.idle) main.finish({ budget: unlimited, traps: [{ ops: anyOp, roles: anyRole, left: 10 }] });
      expectClean(host);
    });
  },
);
