// Lanes as threads and processes: several in one process, a coordinator that goes away, calls out of order, long texts,
// and the marks of deep engines.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SHM_MARK_CODE } from '../engines/shm-marks.ts';
import { HandProcess, type HandLane, patience } from './hand.test-support.ts';
import type { HandWorld, Work } from './hand-lane.test-support.ts';
import { anyMachine, emptyFolder, readyMachines, sharedProcess } from './hand-setting.test-support.ts';
import { frameKind, grantBytes, opSet, roleSet, trapsMax } from './protocol.ts';
import { op, role } from '../model/operations.ts';

const machine = await anyMachine();
const process = sharedProcess(machine);

function writer(w: HandWorld): unknown {
  const db = w.open('a.db', { timeout: 60_000 });
  const insert = db.prepare('insert into t values (?, random())');
  for (let i = 0; i < 3; i++) insert.run(w.args[0]);
  const rows = db.prepare('select count(*) from t').pluck().get();
  db.close();
  return rows;
}

function prepare(lane: HandLane, root: string, mode: string): void {
  const work: Work = (w) => {
    const db = w.open('a.db');
    db.pragma(`journal_mode = ${w.args[0]}`);
    db.exec('create table t(who, x)');
    db.close();
  };
  lane.run(root, work, { args: [mode] });
}

describe('threads of one process', () => {
  test.each(['wal', 'delete'])(
    'are lanes of their own, in %s mode, and never wait for each other in the kernel',
    (mode) => {
      const rows = [1, 2].map(() => {
        using world = emptyFolder();
        using pair = HandProcess.start(machine);
        const lanes = [pair.main, pair.thread()] as const;
        prepare(pair.main, world.path, mode);
        for (const [i, lane] of lanes.entries()) {
          lane.begin(world.path, writer, { lane: i + 10, seed: BigInt(i), args: [`lane ${i}`] });
        }
        // Turn by turn, one step each: each lane stands before every step while the other takes one.
        const parked = new Set(lanes);
        while (parked.size > 0) {
          for (const lane of parked) if (lane.go({ hardSteps: 1 }) !== 'parked') parked.delete(lane);
        }
        for (const [i, lane] of lanes.entries()) {
          expect(lane.steps.every((step) => step.lane === i + 10)).toBe(true);
          expect(lane.steps[0]?.op).toBe('start');
          expect(lane.steps.at(-1)?.op).toBe('end');
          expect(lane.steps.find((step) => step.op === 'open')).toMatchObject({ file: 'a.db', handle: 1 });
        }
        // They met: a lock was refused, and waited for.
        expect(lanes.some(({ done }) => done.includes('busySleep'))).toBe(true);
        const ends = lanes.map(({ steps }) => Number(steps.at(-1)?.text));
        expect(Math.max(...ends)).toBe(6);
        return [lanes[0].steps, lanes[1].steps, world.bytes('a.db')];
      });
      expect(rows[1]).toEqual(rows[0]);
    },
  );

  test('one may draw at random while another stands before any of its steps', () => {
    using world = emptyFolder();
    using pair = HandProcess.start(machine);
    const second = pair.thread();
    const { main } = pair;
    const drawing: Work = (w) => {
      const db = w.open(':memory:');
      w.gate('observe', '{}');
      return db.prepare('select typeof(randomblob(4))').pluck().get();
    };
    main.begin(world.path, drawing);
    do {
      // In whatever it stands, SQLite's one generator is free.
      expect(second.run(world.path, drawing)).toBe('blob');
    } while (main.go({ hardSteps: 1 }) === 'parked');
    expect(main.done).toContain('randomness');
  });

  test('may load the gate too, and the same thread again', () => {
    const { main } = process();
    const found = main.run(
      '/',
      (w) => {
        const again = w.args[0] ?? '';
        w.control.loadExtension(again);
        const memory = w.open(':memory:');
        memory.loadExtension(again);
        const threads = [1, 2, 3].map(() => w.elsewhere("(w) => w.gate('layout')"));
        return [memory.prepare('select lockstep_layout()').pluck().get(), ...threads, w.gate('layout')];
      },
      { args: [machine.gate] },
    ) as string[];
    expect(found).toHaveLength(5);
    expect(new Set(found).size).toBe(1);
  });
});

describe('another SQLite library in the process', async () => {
  const [other] = await readyMachines(['3.50.4', '3.51.2'].filter((name) => name !== machine.name));

  test.runIf(other !== undefined)('is refused, since the gate can reach one only', () => {
    using host = HandProcess.start(machine);
    const refusal = host.main.run(
      '/',
      (w) => {
        try {
          w.open(':memory:', { nativeBinding: w.args[0] ?? '' }).loadExtension(w.args[1] ?? '');
          return 'no error';
        } catch (error) {
          return String(error);
        }
      },
      { args: [other!.binding, machine.gate] },
    );
    expect(refusal).toContain('one SQLite library in a process');
    expect(host.main.run('/', (w) => w.gate('random'))).toEqual(expect.any(Number));
  });
});

describe('a coordinator that is gone', () => {
  const places: readonly { readonly where: string; readonly bring: (lane: HandLane, root: string) => void }[] = [
    { where: 'waits for a job', bring: () => undefined },
    { where: 'stands before its first step', bring: (lane, root) => lane.begin(root, writer) },
    {
      where: 'stands inside a transaction',
      bring: (lane, root) => {
        prepare(lane, root, 'wal');
        lane.begin(root, writer, { args: ['x'] });
        lane.go({ traps: [{ ops: opSet([op.write]), roles: roleSet([role.wal]), left: 2 }] });
        expect(lane.pending?.op).toBe('write');
      },
    },
    {
      where: 'sleeps',
      bring: (lane, root) => {
        lane.begin(root, (w) => w.gate('sleep', 1e9));
        lane.go();
        expect(lane.pending?.op).toBe('sleep');
      },
    },
    {
      where: 'runs and has much to tell',
      bring: (lane, root) => {
        lane.begin(root, (w) => {
          for (;;) w.gate('observe', '{}');
        });
        lane.send({});
      },
    },
    {
      where: 'is in the middle of a grant',
      bring: (lane) => void lane.channel.send(new Uint8Array(17), patience),
    },
  ];
  test.each(places)('ends a process that $where', async ({ bring }) => {
    using world = emptyFolder();
    using orphan = HandProcess.start(machine);
    bring(orphan.main, world.path);
    orphan.abandon();
    expect(await orphan.ended()).toEqual({ code: 0, signal: null });
  });

  test('ends a process that stands in a thread only', async () => {
    using world = emptyFolder();
    using orphan = HandProcess.start(machine);
    const thread = orphan.thread();
    thread.begin(world.path, writer);
    orphan.abandon();
    expect(await orphan.ended()).toEqual({ code: 0, signal: null });
  });

  test('is not the same as a grant that makes no sense: that is said, and the exit code tells', async () => {
    using host = HandProcess.start(machine);
    const grant = new Uint8Array(grantBytes);
    new DataView(grant.buffer).setUint32(24, trapsMax + 1, true);
    host.main.channel.send(grant, patience);
    expect(await host.ended()).toEqual({ code: 70, signal: null });
    expect(host.said()).toBe('lockstep: the gate gave up: a grant has more traps than fit\n');
  });

  test('is an error for a process that comes too late, not a wait for ever', async () => {
    using late = new HandProcess(machine);
    // The FIFOs are there, as a SIGKILL leaves them, and nobody is behind them.
    late.forsake();
    expect(await late.ended()).toEqual({ code: 1, signal: null });
    expect(late.said()).toContain('nobody is behind it');
  });
});

describe('calls out of order', () => {
  const attempt = `(w) => (name, ...values) => {
    try {
      w.gate(name, ...values);
      return 'no error';
    } catch (error) {
      return error.message;
    }
  }`;
  const needRun = [
    ...(['leave', 'done', 'sleep', 'observe', 'ask', 'receive'] as const).map((name) => [name, 1] as const),
    ...(['answer', 'now', 'random', 'stopping'] as const).map((name) => [name] as const),
    ['step', 'x', null, null],
    ['send', 'a', 'b'],
  ] as const;

  test('are errors that say what to call first, and nothing breaks', () => {
    const calls = JSON.stringify(needRun);
    const all = `(w) => { const attempt = (${attempt})(w); return ${calls}.map((call) => attempt(...call)); }`;
    const early = `(w) => {
      const attempt = (${attempt})(w);
      return [attempt('job'), attempt('enter', 1, 1, '/'), attempt('attach', '/none', '/none'), ...(${all})(w)];
    }`;
    using late = HandProcess.start(machine, early as unknown as Work);
    const { main } = late;
    const needs: unknown[] = needRun.map(() => expect.stringContaining('call lockstep_enter first') as unknown);
    expect(main.run('/', (w) => w.kept['early'])).toEqual([
      expect.stringContaining('lockstep_attach'),
      expect.stringContaining('lockstep_job'),
      expect.stringContaining('cannot be opened'),
      ...needs,
    ]);
    main.outside('/', all as unknown as Work);
    expect(main.run('/', (w) => w.kept['outside'])).toEqual(needs);

    const inside = `(w) => {
      const attempt = (${attempt})(w);
      return [attempt('job'), attempt('enter', 1, 1, '/'), attempt('attach', '/none', '/none'), attempt('done', 0)];
    }`;
    expect(main.run('/', inside as unknown as Work)).toEqual([
      expect.stringContaining('outside a run'),
      expect.stringContaining('outside a run'),
      expect.stringContaining('attached already'),
      'no error', // a step that was made to fail is done already
    ]);
    expect(main.done).toEqual(['start', 'end']);
  });

  test('a step that nobody calls done is done by the next, or by leaving', () => {
    const { main } = process();
    main.run('/', (w) => {
      w.gate('step', 'one', null, null);
      w.gate('step', 'two', null, null);
      w.gate('observe', 'three');
      w.gate('step', 'unlink', 'four', null);
    });
    expect(main.steps.map((step) => [step.op, step.file ?? step.text])).toEqual([
      ['start', ''],
      ['step', 'one'],
      ['step', 'two'],
      ['observe', 'three'],
      ['unlink', 'four'],
      ['end', 'null'],
    ]);
  });

  test('a label is a label, also one that is called as an operation on a file', () => {
    const { main } = process();
    main.run('/', (w) => {
      w.gate('step', 'read', null, null);
      w.gate('done', 0);
      w.gate('step', 'stat', null, null);
      w.gate('done', 0);
      w.gate('step', 'stat', 'file', null);
      w.gate('done', 0);
    });
    expect(main.steps.map((step) => [step.op, step.file, step.text]).slice(1, -1)).toEqual([
      ['step', undefined, 'read'],
      ['step', undefined, 'stat'],
      ['stat', 'file', ''],
    ]);
  });

  test('arguments of the wrong kind do no harm', () => {
    const { main } = process();
    main.run('/', (w) => {
      w.gate('step', null, null, null);
      w.gate('done', 'no number');
      w.gate('observe', null);
      w.gate('step', 'read', '', 'ü');
      w.gate('done', 0);
    });
    expect(main.steps.map((step) => [step.op, step.file, step.text])).toEqual([
      ['start', undefined, ''],
      ['step', undefined, ''],
      ['observe', undefined, ''],
      ['fileRead', '', 'ü'],
      ['end', undefined, 'null'],
    ]);
  });
});

describe('long texts and long runs arrive whole', () => {
  test('an observation, a question and its answer beyond what a pipe holds', () => {
    const { main } = process();
    const reply = JSON.stringify({ value: 'ä€𝄞'.repeat(40_000) });
    main.begin('/', (w) => {
      w.gate('observe', 'observed ü '.repeat(30_000));
      const answer = w.gate('ask', 'asked '.repeat(50_000)) as string;
      w.gate('observe', answer);
    });
    main.go();
    expect(main.pending?.text).toBe('asked '.repeat(50_000));
    expect(main.go({ reply })).toBe('left');
    expect(main.steps.map(({ text }) => text)).toEqual([
      '',
      'observed ü '.repeat(30_000),
      'asked '.repeat(50_000),
      reply,
      'null',
    ]);
  });

  test('ten thousand records without a park come in several frames, none lost or doubled', () => {
    const { main } = process();
    main.begin('/', (w) => {
      for (let i = 0; i < 10_000; i++) w.gate('observe', String(i));
    });
    expect(main.go()).toBe('left');
    expect(main.frames.length).toBeGreaterThan(3);
    expect(main.frames.slice(0, -1).every(({ kind, bytes }) => kind === frameKind.flush && bytes > 65_536)).toBe(true);
    const texts = main.steps.filter((step) => step.op === 'observe').map(({ text }) => text);
    expect(texts).toEqual(Array.from({ length: 10_000 }, (_, i) => String(i)));
    expect(main.counted.steps).toBe(10_002);
  });

  test('more file names than the table holds are no harm', () => {
    const { main } = process();
    main.run('/', (w) => {
      for (let i = 0; i < 5000; i++) {
        w.gate('step', 'unlink', `file-${i}`, null);
        w.gate('done', 0);
      }
    });
    const files = main.steps.filter((step) => step.op === 'unlink').map(({ file }) => file);
    expect(files.slice(0, 4096)).toEqual(Array.from({ length: 4096 }, (_, i) => `file-${i}`));
    expect(new Set(files.slice(4096))).toEqual(new Set(['file-4095']));
  });

  test.runIf(globalThis.process.platform === 'linux')('run after run takes no more memory or descriptors', () => {
    const { main, pid } = process();
    const busy: Work = (w) => {
      for (let i = 0; i < 200; i++) w.gate('step', 'unlink', `file-${i}`.padEnd(2000, '.'), 'x'.repeat(2000));
    };
    const run = (times: number): { kilobytes: number; descriptors: number } => {
      for (let i = 0; i < times; i++) main.run('/', busy);
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
      return { kilobytes, descriptors: readdirSync(`/proc/${pid}/fd`).length };
    };
    const warm = run(50);
    const later = run(200);
    // Each run names 400 kB of files: kept, that would be 80 MB.
    expect(later.kilobytes - warm.kilobytes).toBeLessThan(30_000);
    expect(later.descriptors).toBe(warm.descriptors);
  });
});

describe('the fault hook', async () => {
  const names = ['3.50.4', '3.50.4+shm'];
  const machines = await readyMachines(names);
  const work: Work = (w) => {
    const db = w.open('a.db');
    db.pragma('journal_mode = wal');
    db.exec('create table t(x); insert into t values (1)');
    db.close();
    return 'done';
  };

  const deep = machines.find(({ name }) => name.endsWith('+shm'));
  test.runIf(deep !== undefined)('marks each access to the wal-index of a deep engine, as a switch point', () => {
    using world = emptyFolder();
    using host = HandProcess.start(deep!);
    const { main } = host;
    expect(main.run(world.path, work)).toBe('done');
    const marks = main.steps.filter((step) => step.op === 'mark');
    expect(marks.length).toBeGreaterThan(5);
    for (const mark of marks) {
      expect(mark).toMatchObject({ role: 'shm', file: 'a.db', a: SHM_MARK_CODE, rc: 0, switchPoint: true });
    }
    using other = emptyFolder();
    main.begin(other.path, work);
    const stands = new Set<string | undefined>();
    while (main.go({ budget: 1 }) === 'parked') stands.add(main.pending?.op);
    expect(stands).toContain('mark');
  });

  const plain = machines.find(({ name }) => !name.includes('+'));
  test.runIf(plain !== undefined)('marks nothing in a plain engine', () => {
    using world = emptyFolder();
    using host = HandProcess.start(plain!);
    expect(host.main.run(world.path, work)).toBe('done');
    expect(host.main.done).not.toContain('mark');
  });
});
