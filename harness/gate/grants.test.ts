// What a grant may say: how far, stop where, fail with what, tear, read raw; and that nothing else happens.
import { existsSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { awaitDeath } from '../host/native.ts';
import { decode } from '../model/record.ts';
import { anyOp, anyRole, grantAction, opSet, roleSet, trapsMax, unlimited } from './protocol.ts';
import { op, type Operation, type Role, role } from '../model/operations.ts';
import { HandProcess, type HandLane, type Step } from './hand.test-support.ts';
import type { HandWorld } from './hand-lane.test-support.ts';
import { anyMachine, emptyFolder, posixLocks, sharedProcess, spell } from './hand-setting.test-support.ts';

const machine = await anyMachine();
const process = sharedProcess(machine);

/** Some two hundred steps of every kind, without sleeps. */
function work(w: HandWorld): unknown {
  const db = w.open('a.db');
  db.pragma('synchronous = full');
  db.exec('create table t(x); insert into t values (randomblob(9000))');
  db.pragma('journal_mode = wal');
  for (let i = 0; i < 3; i++) db.prepare('insert into t values (?)').run(i);
  w.gate('observe', '{}');
  db.pragma('wal_checkpoint(truncate)');
  db.prepare("select count(*), datetime('now') from t").get();
  db.close();
  return 'done';
}

function whole(lane: HandLane): readonly Step[] {
  using world = emptyFolder();
  expect(lane.run(world.path, work)).toBe('done');
  return lane.steps;
}

const points = (steps: readonly Step[]): number => steps.filter(({ switchPoint }) => switchPoint).length;

describe('how far', () => {
  const limits = fc.record({
    budget: fc.integer({ min: 1, max: 40 }),
    softSteps: fc.oneof(fc.constant(unlimited), fc.integer({ min: 1, max: 60 })),
    hardSteps: fc.oneof(fc.constant(unlimited), fc.integer({ min: 1, max: 60 })),
  });

  property.prop([fc.array(limits, { minLength: 1, maxLength: 20 })], { numRuns: 40 })(
    'a lane parks where the first of its limits says, and takes the same steps whatever they are',
    (grants) => {
      using world = emptyFolder();
      const { main } = process();
      const free = whole(main);
      main.begin(world.path, work);
      for (let i = 0; ; i++) {
        const grant = grants[i % grants.length]!;
        const before = main.steps.length;
        const outcome = main.go(grant);
        const passed = main.steps.slice(before);
        expect(points(passed)).toBeLessThanOrEqual(grant.budget);
        if (outcome === 'left') break;

        expect(outcome).toBe('parked');
        const { pending } = main;
        const hard = passed.length >= grant.hardSteps && passed.slice(grant.hardSteps).every(isRandomness);
        const budget = pending?.switchPoint === true && points(passed) === grant.budget;
        const soft = pending?.switchPoint === true && passed.length >= grant.softSteps;
        expect(hard || budget || soft).toBe(true);
        // It did not pass a place where it should have parked.
        expect(passed.slice(Math.min(grant.hardSteps, passed.length)).every(isRandomness)).toBe(true);
        expect(passed.slice(Math.min(grant.softSteps, passed.length)).some(({ switchPoint }) => switchPoint)).toBe(
          false,
        );
      }
      expect(main.steps).toEqual(free);
    },
  );

  test('a step that is not done is announced as it will be recorded', () => {
    using world = emptyFolder();
    const { main } = process();
    main.begin(world.path, work);
    const announced: string[] = [];
    do announced.push(spell(main.pending!).replace(/ → .*/, ''));
    while (main.go({ hardSteps: 1 }) === 'parked');
    // Answers, such as a file's size, stand in the record only; and randomness is not waited for.
    const known = main.steps.filter((step) => step.op !== 'fileSize' && step.op !== 'end' && !isRandomness(step));
    expect(announced.filter((text) => !text.startsWith('fileSize'))).toEqual(
      known.map((step) => spell(step).replace(/ → .*/, '')),
    );
  });

  test('every lane parks before it sleeps, asks or looks at an inode, whatever its budget', () => {
    const { main } = process();
    main.begin('/', (w) => {
      w.gate('sleep', 5);
      const answer = w.gate('ask', 'how are you');
      const sent = w.gate('send', 'other', '{"a":1}');
      const received = w.gate('receive', 20n);
      w.gate('step', 'stat', 'file', null);
      const inode = w.gate('answer');
      w.gate('done', 0);
      w.gate('step', 'rename', 'from', 'to');
      w.gate('done', 2);
      w.gate('step', 'anything', null, null);
      w.gate('done', 0);
      return { answer, sent, received, inode, stopping: w.gate('stopping'), now: w.gate('now') };
    });
    const asked: (string | number | undefined)[] = [];
    const replies = ['', '', 'fine', 'yes', '{"b":2}', '4711'];
    for (const reply of replies) {
      const { pending } = main;
      asked.push(pending?.op === 'sleep' ? decode.sleep(pending).ms : pending?.text);
      expect(pending?.switchPoint).toBe(true);
      main.go({ reply, stopping: true, nowMs: 1234 });
    }
    expect(asked).toEqual(['', 5, 'how are you', 'send other {"a":1}', 'receive 20', '']);
    expect(main.idle).toBe(true);
    const end = main.steps.at(-1);
    expect(JSON.parse(end?.text ?? '')).toEqual({
      answer: 'fine',
      sent: 'yes',
      received: '{"b":2}',
      inode: '4711',
      stopping: 1,
      now: 1234,
    });
    expect(main.steps.slice(-4, -1)).toMatchObject([
      { op: 'stat', role: 'other', file: 'file', rc: 0, text: '' },
      { op: 'rename', role: 'other', file: 'from', rc: 2, text: 'to' },
      { op: 'step', role: 'none', file: undefined, rc: 0, text: 'anything' },
    ]);
  });
});

describe('stop where', () => {
  const places: readonly { readonly at: Operation | undefined; readonly in: Role | undefined; readonly nth: number }[] =
    [
      { at: 'write', in: 'wal', nth: 1 },
      { at: 'write', in: 'wal', nth: 4 },
      { at: 'write', in: 'db', nth: 2 },
      { at: 'read', in: undefined, nth: 3 },
      { at: 'shmLock', in: 'shm', nth: 5 },
      { at: 'access', in: 'journal', nth: 1 },
      { at: 'time', in: 'none', nth: 1 },
      { at: 'delete', in: undefined, nth: 2 },
      { at: undefined, in: 'journal', nth: 7 },
      { at: undefined, in: undefined, nth: 100 },
    ];
  test.each(places)('before $at of $in number $nth', ({ at, in: where, nth }) => {
    using world = emptyFolder();
    const { main } = process();
    main.begin(world.path, work);
    const ops = at === undefined ? anyOp : opSet([op[at]]);
    const trap = { ops, roles: where === undefined ? anyRole : roleSet([role[where]]), left: nth };
    main.go({ traps: [trap] });
    // Nobody waits at randomness: SQLite holds a mutex of the whole process there.
    const matches = (step: Step): boolean =>
      (at === undefined ? step.op !== 'randomness' : step.op === at) && (where === undefined || step.role === where);
    expect(main.steps.slice(1).filter(matches)).toHaveLength(nth - 1);
    expect(matches(main.pending!)).toBe(true);
    expect(main.finish()).toBe('done');
  });

  test('before a lock of the wal-index that is taken, and not before one that is given back', () => {
    using world = emptyFolder();
    const { main } = process();
    main.begin(world.path, work);
    const before: boolean[] = [];
    for (;;) {
      main.go({ traps: [{ ops: opSet([op.shmLock]), roles: anyRole, left: 1, taking: true }] });
      if (main.idle) break;
      if (main.pending?.op === 'shmLock') before.push(isTaken(main.pending));
    }
    const all = main.steps.filter((step) => step.op === 'shmLock').map(isTaken);
    expect(before).toEqual(all.filter((taken) => taken));
    expect(all.filter((taken) => !taken).length).toBeGreaterThan(5);
  });

  test('at the nearest of many', () => {
    using world = emptyFolder();
    const { main } = process();
    main.begin(world.path, work);
    const traps = Array.from({ length: trapsMax }, (_, i) => ({
      ops: opSet([op.write]),
      roles: roleSet([role.wal]),
      left: trapsMax + 3 - i,
    }));
    main.go({ traps });
    expect(main.steps.filter((step) => step.op === 'write' && step.role === 'wal')).toHaveLength(3);
    expect(main.pending).toMatchObject({ op: 'write', role: 'wal' });
    // A grant brings its own traps, and these do not count the step that stands before them.
    main.go({ traps: [{ ops: opSet([op.write]), roles: roleSet([role.wal]), left: 1 }] });
    expect(main.steps.filter((step) => step.op === 'write' && step.role === 'wal')).toHaveLength(4);
    main.go();
    expect(main.idle).toBe(true);
  });

  test('not before another operation than those of the set, whose second half is beyond the 64th', () => {
    using world = emptyFolder();
    const { main } = process();
    main.begin(world.path, work);
    const ops = opSet(
      Object.values(op)
        .map((number) => number + 64)
        .filter((number) => number < 128),
    );
    main.go({ traps: [{ ops, roles: anyRole, left: 1 }] });
    expect(main.idle).toBe(true);
  });
});

/** SQLITE_SHM_LOCK, and not SQLITE_SHM_UNLOCK. */
function isTaken({ a }: Pick<Step, 'a'>): boolean {
  return (a & 2) !== 0;
}

/** Runs until the n-th step of a kind is pending. */
function standBefore(lane: HandLane, at: Operation, where: Role, nth = 1): void {
  lane.go({ traps: [{ ops: opSet([op[at]]), roles: roleSet([role[where]]), left: nth }] });
  expect(lane.pending).toMatchObject({ op: at, role: where });
}

describe('fail with what', () => {
  interface Failure {
    readonly at: Operation;
    readonly in: Role;
    readonly code: number;
    readonly seen: string;
    readonly mode: string;
  }
  const failures: readonly Failure[] = [
    { at: 'open', in: 'journal', code: 14, seen: 'SQLITE_CANTOPEN', mode: 'delete' },
    { at: 'read', in: 'db', code: 266, seen: 'SQLITE_IOERR_READ', mode: 'delete' },
    { at: 'write', in: 'journal', code: 13, seen: 'SQLITE_FULL', mode: 'delete' },
    { at: 'write', in: 'wal', code: 13, seen: 'SQLITE_FULL', mode: 'wal' },
    { at: 'write', in: 'wal', code: 778, seen: 'SQLITE_IOERR_WRITE', mode: 'wal' },
    { at: 'sync', in: 'wal', code: 1034, seen: 'SQLITE_IOERR_FSYNC', mode: 'wal' },
    { at: 'sync', in: 'journal', code: 1034, seen: 'SQLITE_IOERR_FSYNC', mode: 'delete' },
    { at: 'lock', in: 'db', code: 5, seen: 'SQLITE_BUSY', mode: 'delete' },
    { at: 'lock', in: 'db', code: 3850, seen: 'SQLITE_IOERR_LOCK', mode: 'delete' },
    { at: 'fileSize', in: 'db', code: 1802, seen: 'SQLITE_IOERR_FSTAT', mode: 'delete' },
    { at: 'access', in: 'journal', code: 3338, seen: 'SQLITE_IOERR_ACCESS', mode: 'delete' },
    { at: 'truncate', in: 'journal', code: 1546, seen: 'SQLITE_IOERR_TRUNCATE', mode: 'truncate' },
    { at: 'delete', in: 'journal', code: 2570, seen: 'SQLITE_IOERR_DELETE', mode: 'delete' },
    { at: 'shmLock', in: 'shm', code: 5130, seen: 'SQLITE_IOERR_SHMLOCK', mode: 'wal' },
  ];

  test.each(failures)('$at of $in with $seen', ({ at, in: where, code, seen, mode }) => {
    using world = emptyFolder();
    const { main } = process();
    const attempt = (w: HandWorld): unknown => {
      const db = w.open('a.db', { timeout: 0 });
      db.pragma('synchronous = full');
      db.pragma(`journal_mode = ${w.args[0]}`);
      db.exec('create table t(x); insert into t values (1)');
      const other = w.open('a.db'); // invalidates what the first has cached
      other.exec('insert into t values (2)');
      other.close();
      w.gate('observe', '{}');
      let refusal: unknown;
      try {
        db.exec('insert into t values (3)');
      } catch (error) {
        refusal = (error as { code: string }).code;
      }
      const integrity = db.pragma('integrity_check', { simple: true });
      db.exec('insert into t values (4)');
      const rows = db.prepare('select x from t order by x').pluck().all();
      db.close();
      return { refusal, integrity, rows };
    };
    main.begin(world.path, attempt, { args: [mode] });
    main.go({ traps: [{ ops: opSet([op.observe]), roles: anyRole, left: 1 }] });
    const sizes = (): (number | undefined)[] =>
      ['a.db', 'a.db-wal'].map((name) => statSync(world.file(name), { throwIfNoEntry: false })?.size);
    standBefore(main, at, where);
    const before = sizes();
    main.go({ action: grantAction.fail, code, hardSteps: 1 });
    expect(sizes()).toEqual(before);
    expect(main.steps.findLast(({ injected }) => injected)).toMatchObject({
      op: at,
      role: where,
      rc: code,
      b: at === 'fileSize' ? 0 : expect.any(Number),
    });
    expect(main.finish()).toEqual({ refusal: seen, integrity: 'ok', rows: [1, 2, 4] });
    expect(main.steps.filter(({ injected }) => injected)).toHaveLength(1);
  });

  test('a short read gives zeros, not what was in memory', () => {
    using world = emptyFolder();
    const { main } = process();
    main.begin(world.path, (w) => {
      const db = w.open('a.db');
      db.exec('create table u(y); create table t(id integer primary key, x); begin');
      // 4285 bytes: 489 in the leaf, and the rest does not fill the one overflow page (fileformat2.html, section 1.6).
      for (let i = 0; i < 40; i++) db.prepare('insert into t(x) values (?)').run(Buffer.alloc(4285, 0xff));
      db.exec('commit');
      db.close();
      const again = w.open('a.db');
      again.pragma('cache_size = 10');
      const select = again.prepare('select x from t where id = ?').pluck();
      for (let i = 1; i < 40; i++) select.get(i);
      again.exec('begin; insert into u values (1)'); // with a dirty page, SQLite reads through its cache
      w.gate('observe', '{}');
      const bytes = select.get(40) as Buffer;
      again.close();
      return [bytes.indexOf(0), bytes.filter((byte) => byte === 0).length];
    });
    main.go({ traps: [{ ops: opSet([op.observe]), roles: anyRole, left: 1 }] });
    const lastPage = statSync(world.file('a.db')).size - 4096;
    do main.go({ traps: [{ ops: opSet([op.read]), roles: roleSet([role.db]), left: 1 }] });
    while (main.pending !== undefined && decode.read(main.pending).offset !== lastPage);
    expect(main.finish({ action: grantAction.fail, code: 522 })).toEqual([489 - 4, 3800]);
  });

  test('leaves nothing in a record that was in memory before', () => {
    using world = emptyFolder();
    const { main } = process();
    main.begin(world.path, (w) => {
      const db = w.open('a.db');
      db.exec('create table t(x); begin; insert into t values (1); rollback');
      db.close();
    });
    // SQLite asks for the size of a journal that it rolls back into a variable that it has not set.
    standBefore(main, 'fileSize', 'journal');
    main.finish({ action: grantAction.fail, code: 1802 });
    expect(main.steps.find(({ injected }) => injected)).toMatchObject({ op: 'fileSize', rc: 1802, b: 0 });
  });

  test.runIf(globalThis.process.platform === 'linux')(
    'what gives back happens even so: nothing stays open or locked',
    () => {
      using world = emptyFolder();
      const shared = process();
      const { main } = shared;
      main.begin(world.path, (w) => {
        const db = w.open('a.db');
        db.pragma('journal_mode = wal');
        db.pragma('mmap_size = 1000000');
        db.exec('create table t(x); insert into t values (1)');
        db.close();
        w.gate('sleep', 1);
      });
      let failed = 0;
      const traps = (['close', 'shmUnmap', 'unfetch'] as const).map((name) => ({
        ops: opSet([op[name]]),
        roles: anyRole,
        left: 1,
      }));
      for (;;) {
        if (main.pending?.op === 'sleep') break;
        const fails = ['close', 'shmUnmap', 'unfetch'].includes(main.pending?.op ?? '');
        if (fails) failed += 1;
        main.go({ traps, ...(fails ? { action: grantAction.fail, code: 10 } : {}) });
      }
      expect(failed).toBeGreaterThan(3);
      expect(main.steps.filter(({ injected, rc }) => injected && rc === 10)).toHaveLength(failed);
      const open = readdirSync(`/proc/${shared.pid}/fd`).map((fd) => {
        try {
          return readlinkSync(`/proc/${shared.pid}/fd/${fd}`);
        } catch {
          return '';
        }
      });
      expect(open.filter((path) => path.startsWith(world.path))).toEqual([]);
      expect(posixLocks(shared.pid, world.file('a.db'))).toEqual([]);
      main.finish();
    },
  );
});

describe('tear', () => {
  function tornWal(bytes: number): { wal: Buffer; torn: Step | undefined } {
    using world = emptyFolder();
    using victim = HandProcess.start(machine);
    const { main } = victim;
    main.begin(world.path, (w) => {
      const db = w.open('a.db');
      db.pragma('journal_mode = wal');
      db.exec('create table t(x)');
      db.exec("insert into t values ('abc')");
      w.gate('sleep', 1);
    });
    standBefore(main, 'write', 'wal', 7);
    expect(main.pending).toMatchObject({ a: 4096, b: 8296 });
    if (bytes < 0) {
      main.go();
      return { wal: world.bytes('a.db-wal'), torn: undefined };
    }
    expect(main.go({ action: grantAction.torn, code: bytes })).toBe('dead');
    expect(awaitDeath(victim.pid)).toEqual({ signal: 'SIGKILL' });
    return { wal: world.bytes('a.db-wal'), torn: main.steps.at(-1) };
  }

  test('exactly the first bytes are written, and the process is dead by SIGKILL', () => {
    const { wal: full } = tornWal(-1);
    expect(full.length).toBe(8296 + 4096);
    for (const bytes of [0, 1, 1000, 4096, 5000]) {
      const written = Math.min(bytes, 4096);
      const { wal, torn } = tornWal(bytes);
      expect(wal.length).toBe(8296 + written);
      expect(wal.equals(full.subarray(0, 8296 + written))).toBe(true);
      expect(torn).toMatchObject({ op: 'write', role: 'wal', a: written, b: 8296, rc: 0, torn: true, injected: true });
    }
  });

  test('of what is no write, nothing happens but the death', () => {
    using world = emptyFolder();
    using victim = HandProcess.start(machine);
    victim.main.begin(world.path, work);
    standBefore(victim.main, 'delete', 'journal');
    expect(victim.main.go({ action: grantAction.torn, code: 100 })).toBe('dead');
    expect(awaitDeath(victim.pid)).toEqual({ signal: 'SIGKILL' });
    expect(existsSync(world.file('a.db-journal'))).toBe(true);
  });
});

describe.runIf(globalThis.process.platform === 'linux')('read raw', () => {
  function holder(main: HandLane, root: string): void {
    main.begin(root, (w) => {
      const db = w.open('a.db');
      db.pragma('journal_mode = wal');
      db.exec('create table t(x); begin immediate; insert into t values (1)');
      w.gate('observe', '{}');
      db.exec('commit');
      db.close();
      return 'done';
    });
    main.go({ traps: [{ ops: opSet([op.observe]), roles: anyRole, left: 1 }] });
  }

  test('drops the locks of the file and of no other, and the lane stands before the same step', () => {
    using world = emptyFolder();
    const shared = process();
    const { main, pid } = shared;
    holder(main, world.path);
    const [db, shm] = [world.file('a.db'), world.file('a.db-shm')];
    const stands = main.pending;
    const heldOnShm = posixLocks(pid, shm);
    expect(posixLocks(pid, db)).toEqual(['READ 1073741826-1073742335']);
    expect(heldOnShm).toContain('WRITE 120-120');

    main.go({ hardSteps: 0, action: grantAction.raw, reply: `${db}\0` });
    expect(main.pending).toEqual(stands);
    expect(main.steps.at(-1)).toMatchObject({ op: 'raw', role: 'db', file: 'a.db', rc: 0, injected: true });
    expect(posixLocks(pid, db)).toEqual([]);
    expect(posixLocks(pid, shm)).toEqual(heldOnShm);

    main.go({ action: grantAction.raw, reply: `${shm}\0${world.file('a.db-wal')}\0${world.file('none')}\0` });
    expect(main.pending).toEqual(stands);
    expect(main.steps.slice(-3)).toMatchObject([
      { role: 'shm', file: 'a.db-shm', rc: 0 },
      { role: 'wal', file: 'a.db-wal', rc: 0 },
      { role: 'other', file: 'none', rc: 2 },
    ]);
    expect(posixLocks(pid, shm)).toEqual([]);
    expect(main.finish()).toBe('done');
    expect(main.steps.filter((step) => step.op === stands?.op)).toHaveLength(1);
  });
});

function isRandomness(step: Step): boolean {
  return step.op === 'randomness';
}
