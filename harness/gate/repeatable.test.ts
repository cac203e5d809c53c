// Chance and time in a run come from its seed and its grants alone; outside of a run they are the machine's.
import { describe, expect, test } from 'vitest';
import { decode } from '../model/record.ts';
import { HandProcess, someDayMs } from './hand.test-support.ts';
import type { HandWorld } from './hand-lane.test-support.ts';
import { anyMachine, emptyFolder, sharedProcess } from './hand-setting.test-support.ts';

const machine = await anyMachine();
const process = sharedProcess(machine);

/** Leaves a WAL with content behind, and tells what it drew. */
function draw(w: HandWorld): unknown {
  const db = w.open('a.db');
  db.pragma('journal_mode = wal');
  db.exec('create table t(x); insert into t values (random()), (randomblob(20))');
  const drawn = db.prepare('select hex(randomblob(8)), hex(x) from t').raw().all();
  const program = [w.gate('random'), w.gate('random')];
  w.gate('sleep', 1);
  db.close();
  return { drawn, program };
}

interface Left {
  readonly result: unknown;
  readonly db: string;
  readonly wal: string;
  readonly salts: string;
}

function leave(by: HandProcess, seed: bigint): Left {
  using world = emptyFolder();
  by.main.begin(world.path, draw, { seed });
  by.main.go();
  expect(by.main.pending?.op).toBe('sleep');
  const db = world.bytes('a.db').toString('base64');
  const wal = world.bytes('a.db-wal');
  return { result: by.main.finish(), db, wal: wal.toString('base64'), salts: wal.toString('hex', 16, 24) };
}

describe('chance', () => {
  test('of one seed is the same in the same process and in a fresh one: salts, contents, everything', () => {
    const first = leave(process(), 42n);
    const again = leave(process(), 42n);
    using fresh = HandProcess.start(machine);
    expect(again).toEqual(first);
    expect(leave(fresh, 42n)).toEqual(first);
  });

  test('of another seed is another', () => {
    const lefts = [42n, 43n, -1n, 0n, 2n ** 62n].map((seed) => leave(process(), seed));
    expect(new Set(lefts.map(({ salts }) => salts)).size).toBe(lefts.length);
    expect(new Set(lefts.map(({ result }) => JSON.stringify(result))).size).toBe(lefts.length);
  });

  test('is the same in a fresh process even when it was drawn before the first file was opened', () => {
    const early = (w: HandWorld): unknown => {
      const memory = w.open(':memory:');
      const before = memory.prepare('select hex(randomblob(8))').pluck().get();
      w.open('a.db').exec('create table t(x)');
      return [before, memory.prepare('select hex(randomblob(8))').pluck().get()];
    };
    const results = [1, 2].map(() => {
      using fresh = HandProcess.start(machine);
      return [1, 2].map(() => {
        using world = emptyFolder();
        return fresh.main.run(world.path, early);
      });
    });
    expect(new Set(results.flat().map((result) => JSON.stringify(result))).size).toBe(1);
    const [before, after] = results[0]![0] as [string, string];
    expect(before).not.toBe(after);
  });

  test('of a program is spread over 53 bits, and apart from what SQLite draws', () => {
    const numbers = process().main.run('/', (w) => Array.from({ length: 500 }, () => w.gate('random'))) as number[];
    expect(numbers.every((number) => Number.isSafeInteger(number) && number >= 0)).toBe(true);
    expect(new Set(numbers).size).toBe(500);
    const mean = numbers.reduce((sum, number) => sum + number / 2 ** 53, 0) / 500;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.06); // 4.6 standard errors, and the seed is fixed
    const unasked = process().main.run('/', (w) => {
      w.open(':memory:').prepare('select randomblob(100)').get();
      return w.gate('random');
    });
    expect(unasked).toBe(numbers[0]);
  });
});

describe('time', () => {
  test('is that of the last grant, for SQLite and for the program', () => {
    const { main } = process();
    main.begin('/', (w) => {
      const db = w.open(':memory:');
      const look = (): unknown => [
        db.prepare("select datetime('now'), unixepoch('now', 'subsec') as s").raw().get(),
        w.gate('now'),
      ];
      const first = look();
      w.gate('sleep', 100);
      return [first, look()];
    });
    main.go({ nowMs: Date.UTC(1999, 11, 31, 23, 59, 59, 999) });
    main.go({ nowMs: Date.UTC(2000, 0, 1) });
    expect(JSON.parse(main.steps.at(-1)?.text ?? '')).toEqual([
      [['1999-12-31 23:59:59', 946684799.999], 946684799999],
      [['2000-01-01 00:00:00', 946684800], 946684800000],
    ]);
    expect(main.steps.filter(({ op }) => op === 'time')).toHaveLength(2);
  });

  test('spent waiting for a lock is not waited for', () => {
    using world = emptyFolder();
    const { main } = process();
    main.begin(world.path, (w) => {
      const [holder, waiter] = [w.open('a.db'), w.open('a.db', { timeout: 3_600_000 })];
      holder.exec('create table t(x); begin immediate');
      let refusal: unknown;
      try {
        waiter.exec('begin immediate');
      } catch (error) {
        refusal = (error as { code: string }).code;
      }
      holder.close();
      waiter.close();
      return refusal;
    });
    let nowMs = someDayMs;
    let naps = 0;
    const started = Date.now();
    for (;;) {
      if (main.pending?.op === 'busySleep') {
        naps += 1;
        nowMs += decode.busySleep(main.pending).microseconds / 1000;
      }
      if (main.go({ nowMs }) !== 'parked') break;
    }
    expect(JSON.parse(main.steps.at(-1)?.text ?? '')).toBe('SQLITE_BUSY');
    expect(naps).toBeGreaterThan(100);
    expect(nowMs - someDayMs).toBeGreaterThan(3_500_000);
    expect(Date.now() - started).toBeLessThan(3_500_000);
  });
});

describe('outside of a run', () => {
  /** Uses files, chance and time; with the gate as default VFS, but not in a run. */
  function outside(w: HandWorld): unknown {
    const db = w.open(`${w.root}/outside.db`.slice(w.root.length));
    db.exec('create table if not exists t(x); insert into t values (randomblob(8))');
    const rows = db.prepare("select hex(randomblob(16)) as drawn, unixepoch('now') as now, count(*) as n from t").get();
    db.close();
    return rows;
  }
  interface Rows {
    readonly drawn: string;
    readonly now: number;
    readonly n: number;
  }
  const isNow = (seconds: number): boolean => Math.abs(seconds - Date.now() / 1000) < 86_400;

  test('before the first and between runs, a connection is untouched', () => {
    using world = emptyFolder();
    const seen = [1, 2].map(() => {
      using fresh = HandProcess.start(machine);
      return [1, 2].map(() => {
        fresh.main.outside(world.path, outside);
        // The run's result tells what was found before it; the run itself draws from the same seed each time.
        const found = fresh.main.run(world.path, (w) => {
          w.open(':memory:').prepare('select randomblob(9)').get();
          return w.kept['outside'];
        });
        expect(fresh.main.done).toEqual(['start', 'randomness', 'end']);
        return found as Rows;
      });
    });
    const rows = seen.flat();
    expect(rows.map(({ n }) => n)).toEqual([1, 2, 3, 4]);
    expect(new Set(rows.map(({ drawn }) => drawn)).size).toBe(4);
    expect(rows.every(({ now }) => isNow(now))).toBe(true);
  });

  test('and before the gate is attached', () => {
    using fresh = HandProcess.start(machine, (w) => {
      const found = w.open(':memory:').prepare("select unixepoch('now') as now").get();
      return found;
    });
    const found = fresh.main.run('/', (w) => w.kept['early']);
    expect(isNow((found as Rows).now)).toBe(true);
    expect(fresh.main.done).toEqual(['start', 'end']);
  });

  test('a file that was open before the run stays unrecorded in it', () => {
    using world = emptyFolder();
    const { main } = process();
    main.outside(world.path, (w) => {
      const db = w.open('before.db');
      db.exec('create table t(x)');
      w.kept['db'] = db;
    });
    main.run(world.path, (w) => {
      const db = w.kept['db'] as ReturnType<HandWorld['open']>;
      db.exec('insert into t values (1)');
    });
    // What is opened in the run is of the run: here the journal.
    expect(main.steps.filter(({ handle }) => handle !== 0).map(({ role }) => role)).toContain('journal');
    expect(main.steps.filter(({ role }) => role === 'db')).toEqual([]);
  });

  test('a file that an earlier run left open stays unrecorded in the next', () => {
    using world = emptyFolder();
    const { main } = process();
    const leaving = (w: HandWorld): void => {
      w.open('kept.db').exec('create table t(x); insert into t values (1)');
      w.kept['left'] = w.leave('kept.db');
    };
    main.run(world.path, leaving);
    expect(main.done).toContain('open');
    main.begin(world.path, (w) => {
      const db = w.kept['left'] as ReturnType<HandWorld['open']>;
      const count = db.prepare('select count(*) from t').pluck().get();
      db.close();
      return count;
    });
    expect(main.finish()).toBe(1);
    expect(main.steps.filter(({ handle }) => handle !== 0)).toEqual([]);
  });

  test('another thread that is not attached is untouched in files of its own while a run goes on', () => {
    using world = emptyFolder();
    using apart = emptyFolder();
    const { main } = process();
    const found = main.run(
      world.path,
      (w) => {
        const db = w.open('a.db');
        db.exec('create table t(x)');
        const elsewhere = w.elsewhere(
          `(w) => {
            const db = w.open(w.args[0]);
            db.exec('create table t(x); insert into t values (2)');
            const row = db.prepare("select unixepoch('now') as now, count(*) as n from t").get();
            db.close();
            return row;
          }`,
          `${w.args[0]}/a.db`,
        );
        w.gate('observe', '{}');
        db.close();
        return elsewhere;
      },
      { args: [apart.path] },
    );
    expect(found).toMatchObject({ n: 1 });
    expect(isNow((found as Rows).now)).toBe(true);
    expect(main.steps.filter(({ op }) => op === 'open').map(({ file }) => file)).toEqual(['a.db', 'a.db-journal']);
    expect(main.done).not.toContain('time');
  });
});
