// What passes through the gate: every operation, with role, arguments and result, and nothing changed on the way.
import { mkdirSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { decode } from '../model/record.ts';
import type { Operation } from '../model/operations.ts';
import type { HandWorld } from './hand-lane.test-support.ts';
import { emptyFolder, readyMachines, sharedProcess, spell } from './hand-setting.test-support.ts';
import { tour } from './hand-tour.test-support.ts';

const machines = await readyMachines(['3.50.4', '3.51.2', '3.54.1']);
const modes = ['wal', 'delete', 'truncate'] as const;
const tables = modes.flatMap((mode) => machines.map((machine) => ({ mode, machine })));

const everywhere = (
  'start open close read write truncate sync fileSize lock unlock fileControl fetch unfetch ' +
  'access busySleep randomness time end'
).split(' ') as Operation[];
/** What a journal mode does besides. */
const expected: { readonly [mode in (typeof modes)[number]]: readonly Operation[] } = {
  wal: [...everywhere, 'delete', 'shmMap', 'shmLock', 'shmBarrier', 'shmUnmap'],
  delete: [...everywhere.filter((op) => op !== 'truncate'), 'delete', 'checkReserved'],
  truncate: [...everywhere, 'checkReserved'],
};

describe.each(tables)('in $mode mode on $machine.name', ({ mode, machine }) => {
  const process = sharedProcess(machine);

  test('every operation passes and is recorded', () => {
    using world = emptyFolder();
    const { main } = process();
    expect(main.run(world.path, tour, { args: [mode], lane: 7 })).toEqual({
      refusal: 'SQLITE_BUSY',
      found: { now: '2031-02-03 04:05:06', drawn: 1 },
      integrity: 'ok',
    });
    expect([...new Set(main.done)].toSorted()).toEqual([...expected[mode]].toSorted());
    expect(main.steps.every(({ lane }) => lane === 7)).toBe(true);
    expect(main.counted.steps).toBe(main.steps.length);
    expect(main.counted.points).toBe(main.steps.filter(({ switchPoint }) => switchPoint).length);
  });

  test('every step belongs to a file by its name below the root, and to a handle that is open', () => {
    using world = emptyFolder();
    const { main } = process();
    main.run(world.path, tour, { args: [mode] });
    const roles = { 'a.db': ['db', 'shm'], 'a.db-wal': ['wal'], 'a.db-journal': ['journal'] };
    const open = new Set<number>();
    for (const step of main.steps) {
      if (step.role === 'none') continue;
      expect(roles[step.file as keyof typeof roles]).toContain(step.role);
      if (step.op === 'open') open.add(step.handle);
      else if (step.handle !== 0) expect(open).toContain(step.handle);
      if (step.op === 'close') open.delete(step.handle);
    }
    expect(open).toEqual(new Set());
  });

  test('a database has the same bytes as one made without the gate', () => {
    using world = emptyFolder();
    const make = (w: Pick<HandWorld, 'open' | 'args'>): unknown => {
      const db = w.open('a.db');
      db.pragma(`journal_mode = ${w.args[0]}`);
      db.pragma('cache_size = 5');
      db.pragma('temp.cache_size = 5');
      db.exec('create table t(id integer primary key, x); create index i on t(x); create table u(y)');
      const insert = db.prepare('insert into t(x) values (?)');
      db.exec('begin');
      for (let i = 0; i < 300; i++) insert.run(`${i * 7919}`.padStart(10 + ((i * 37) % 900), '.'));
      db.exec('commit; delete from t where id % 3 = 0; begin; update t set x = x || x where id % 5 = 0; savepoint s');
      db.exec('insert into u select x from t; rollback to s; insert into u values (1); commit');
      db.exec('create temp table v as select x || x as z from t; insert into u select max(z) from v order by z');
      db.exec('vacuum; drop table t');
      const integrity = db.pragma('integrity_check', { simple: true });
      db.close();
      return integrity;
    };
    expect(process().main.run(world.path, make, { args: [mode] })).toBe('ok');
    const plain = make({
      args: [mode],
      open: () => new Database(world.file('plain.db'), { nativeBinding: machine.binding }),
    });
    expect(plain).toBe('ok');
    expect(world.bytes('a.db').length).toBeGreaterThan(50_000);
    expect(world.bytes('a.db').equals(world.bytes('plain.db'))).toBe(true);
  });
});

describe.each(machines)('on $name', (machine) => {
  const process = sharedProcess(machine);

  test('a commit with a rollback journal is the sequence that atomiccommit.html tells', () => {
    using world = emptyFolder();
    const { main } = process();
    main.run(world.path, (w) => {
      const db = w.open('a.db');
      db.pragma('synchronous = full');
      db.exec('create table t(x)');
      w.gate('step', 'commit', null, null);
      w.gate('done', 0);
      db.exec('insert into t values (1)');
      w.gate('step', 'committed', null, null);
      w.gate('done', 0);
      db.close();
    });
    const from = main.steps.findIndex(({ text }) => text === 'commit') + 1;
    const to = main.steps.findIndex(({ text }) => text === 'committed');
    const questions = new Set<Operation>(['fileControl', 'access', 'fileSize', 'checkReserved', 'read']);
    const commit = main.steps.slice(from, to).filter(({ op }) => !questions.has(op));
    expect(commit.map(spell)).toEqual([
      'lock db 1',
      'lock db 2',
      'open journal',
      'write journal 512@0',
      'write journal 4@512',
      'write journal 4096@516',
      'write journal 4@4612',
      'lock db 4',
      'write journal 4@4616',
      'write journal 4096@4620',
      'write journal 4@8716',
      'sync journal',
      'write journal 12@0',
      'sync journal',
      'write db 4096@0',
      'write db 4096@4096',
      'sync db',
      'close journal',
      'delete journal',
      'unlock db 1',
      'unlock db 0',
    ]);
  });

  test('a commit to the WAL takes a read lock, the write lock, writes frames, and gives them back', () => {
    using world = emptyFolder();
    const { main } = process();
    main.run(world.path, (w) => {
      const db = w.open('a.db');
      db.pragma('synchronous = full');
      db.pragma('journal_mode = wal');
      db.exec('create table t(x)');
      w.gate('step', 'commit', null, null);
      w.gate('done', 0);
      db.exec('insert into t values (1)');
      w.gate('step', 'committed', null, null);
      w.gate('done', 0);
      db.close();
    });
    const from = main.steps.findIndex(({ text }) => text === 'commit') + 1;
    const to = main.steps.findIndex(({ text }) => text === 'committed');
    const commit = main.steps.slice(from, to).filter(({ op }) => op !== 'shmBarrier' && op !== 'fileControl');
    expect(commit.map(spell)).toEqual([
      'shmLock shm 4+1 lock exclusive',
      'shmLock shm 4+1 unlock exclusive',
      'shmLock shm 4+1 lock shared',
      'shmLock shm 0+1 lock exclusive',
      'write wal 24@8272',
      'write wal 4096@8296',
      'sync wal',
      'shmLock shm 0+1 unlock exclusive',
      'shmLock shm 4+1 unlock shared',
    ]);
  });

  test('results are those of the real file: answers, sizes and codes', () => {
    using world = emptyFolder();
    const { main } = process();
    main.run(world.path, tour, { args: ['delete'] });
    const spelled = main.steps.map(spell);
    expect(spelled).toContain('read db 100@0 → 522'); // a new file is empty: SQLITE_IOERR_SHORT_READ
    expect(spelled).toContain('lock db 2 → 5'); // the other connection has it: SQLITE_BUSY
    expect(spelled).toContain('fileControl db → 12'); // SQLITE_NOTFOUND
    expect(
      main.steps.filter(({ op }) => op === 'checkReserved').map((step) => decode.checkReserved(step).answer),
    ).toContain(1);
    const journal = main.steps.filter(({ op, role }) => op === 'access' && role === 'journal');
    expect(new Set(journal.map((step) => decode.access(step).answer))).toEqual(new Set([0, 1]));
    const [open] = main.steps.filter(({ op }) => op === 'open');
    const fileSize = main.steps.findLast(({ op }) => op === 'fileSize');
    expect(decode.fileSize(fileSize!).size).toBe(statSync(world.file('a.db')).size);
    expect(decode.open(open!).flags).toBe(0x106); // READWRITE, CREATE, MAIN_DB
  });

  test('checksums tell contents apart, and know them again', () => {
    using world = emptyFolder();
    const { main } = process();
    main.run(world.path, (w) => {
      const db = w.open('a.db');
      db.exec("create table t(x); insert into t values ('a'); update t set x = 'b'; update t set x = 'a'");
      db.close();
      const again = w.open('a.db');
      again.prepare('select x from t').all();
      again.close();
    });
    const secondPage = (op: 'read' | 'write'): number[] =>
      main.steps
        .filter((step) => step.op === op && step.role === 'db' && decode[op](step).offset === 4096)
        .map(({ sum }) => sum);
    const [empty, a, b, ...rest] = secondPage('write');
    expect(new Set([empty, a, b, 0]).size).toBe(4);
    expect(rest).toEqual([a]);
    expect(secondPage('read')).toEqual([a]);
  });

  test('a file that cannot be opened is an error for the program, and nothing worse', () => {
    using world = emptyFolder();
    mkdirSync(world.file('folder.db'));
    const { main } = process();
    const found = main.run(world.path, (w) => {
      const codes = ['folder.db', 'missing.db'].map((file) => {
        try {
          return w.open(file, { fileMustExist: true }).name;
        } catch (error) {
          return (error as { code: string }).code;
        }
      });
      const db = w.open('fine.db');
      db.exec('create table t(x)');
      db.close();
      return codes;
    });
    expect(found).toEqual(['SQLITE_CANTOPEN', 'SQLITE_CANTOPEN']);
    expect(main.steps.filter(({ op }) => op === 'open').map(({ file, rc }) => [file, rc & 0xff])).toEqual([
      ['folder.db', 14],
      ['missing.db', 14],
      ['fine.db', 0],
      ['fine.db-journal', 0],
    ]);
  });

  test('in exclusive locking mode a WAL needs no shared memory, and none is used', () => {
    using world = emptyFolder();
    const { main } = process();
    const rows = main.run(world.path, (w) => {
      const db = w.open('a.db');
      db.pragma('locking_mode = exclusive');
      db.pragma('journal_mode = wal');
      db.exec('create table t(x); insert into t values (1)');
      const count = db.prepare('select count(*) from t').pluck().get();
      db.close();
      return count;
    });
    expect(rows).toBe(1);
    expect(main.steps.filter(({ role }) => role === 'shm')).toEqual([]);
    expect(main.steps.filter(({ op, role }) => op === 'write' && role === 'wal').length).toBeGreaterThan(0);
  });

  test('temporary files have no name and the role `other`', () => {
    using world = emptyFolder();
    const { main } = process();
    const rows = main.run(world.path, (w) => {
      const db = w.open('a.db');
      db.pragma('temp_store = file');
      db.pragma('temp.cache_size = 5');
      db.exec('create temp table t(x)');
      const insert = db.prepare('insert into t values (?)');
      for (let i = 0; i < 200; i++) insert.run(`${i}`.padEnd(3000));
      const count = db.prepare('select count(distinct x) from t').pluck().get();
      db.close();
      return count;
    });
    expect(rows).toBe(200);
    const temporary = main.steps.filter(({ file }) => file === '(temporary)');
    expect(new Set(temporary.map(({ role }) => role))).toEqual(new Set(['other']));
    expect(temporary.filter(({ op }) => op === 'write').length).toBeGreaterThan(50);
    expect(temporary.filter(({ op }) => op === 'open').length).toBe(
      temporary.filter(({ op }) => op === 'close').length,
    );
  });

  test('records are the same wherever the world lies', () => {
    using near = emptyFolder();
    using far = emptyFolder('far-'.repeat(20));
    const { main } = process();
    const work = (w: HandWorld): void => {
      const db = w.open('below/a.db');
      for (const mode of ['delete', 'truncate', 'wal']) {
        db.pragma('temp_store = file');
        db.pragma('temp.cache_size = 5');
        db.pragma(`journal_mode = ${mode}`);
        db.exec('create table t(x, y); create temp table v(x); insert into t values (randomblob(90000), random())');
        db.exec("insert into v select x from t; vacuum; drop table v; drop table t; select datetime('now')");
      }
      db.prepare('vacuum into ?').run(`${w.root}/copy.db`);
      w.gate('step', 'read', 'below/a.db', null);
      w.gate('done', 0);
      db.close();
    };
    const [first, second] = [near, far].map((world) => {
      mkdirSync(world.file('below'));
      main.run(world.path, work);
      return main.steps;
    });
    expect(first?.length).toBeGreaterThan(300);
    expect(second).toEqual(first);
    expect(new Set(first?.map(({ file }) => file))).toContain('below/a.db-wal');
  });
});
