// What is kept of a run's disk is what is on it, and keeping it changes nothing.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DiskLog } from '../model/disk.ts';
import type { Scenario } from '../model/scenario.ts';
import { hosts } from '../run/hosts.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { coordinatorOf, planOf, process as start, scenarioOf } from '../testing/lab.test-support.ts';
import { debianPython, PythonLab } from '../testing/python-lab.test-support.ts';
import { DiskRecorder } from './disk-recorder.ts';

const python = new PythonLab();
afterAll(() => python.close());

const module = new URL('../crash/crash-programs.test-support.ts', import.meta.url).href;

function lab(program: string, args: Parameters<typeof start>[2], journal: 'wal' | 'delete' = 'wal'): Scenario {
  const programs = Object.fromEntries(['setup', program].map((name) => [name, { module, export: name }]));
  return { ...scenarioOf([start('a', program, args)], journal), programs };
}

/** In words, without what differs between engines. */
function told({ operations, files }: DiskLog): readonly string[] {
  return operations.map((one) => {
    const file = 'file' in one ? (files[one.file]?.name ?? '') : '';
    if (one.kind === 'write') return `write ${file} ${one.offset}+${one.bytes.length}${one.extends ? ' longer' : ''}`;
    if (one.kind === 'truncate') return `truncate ${file} ${one.size}`;
    if (one.kind === 'rename') return `rename ${one.name} ${one.to}`;
    if (one.kind === 'link') return `link ${one.name} ${file}`;
    if (one.kind === 'sync-folder') return `sync-folder ${one.folder}`;
    return `${one.kind} ${'name' in one ? one.name : file}`;
  });
}

describe.each(hosts)('host %s', (host) => {
  let coordinator: Coordinator;
  beforeAll(async () => {
    coordinator = await coordinatorOf({ host });
  });
  afterAll(() => coordinator.close());

  async function logOf(scenario: Scenario, plan = planOf()): Promise<DiskLog> {
    const disk = new DiskRecorder();
    try {
      const plain = await coordinator.run(scenario, plan);
      const history = await coordinator.run(scenario, plan, undefined, [], undefined, { disk });
      expect(history.hash).toBe(plain.hash);
      return disk.log();
    } finally {
      disk.close();
    }
  }

  test('plain files: each call of a program is what the disk has to do', async () => {
    expect(told(await logOf(lab('writingFiles', null)))).toEqual([
      'link folder/a folder/a',
      'write folder/a 0+3 longer',
      'truncate folder/a 0',
      'write folder/a 0+5 longer',
      'link b b',
      'write b 0+5 longer',
      'link c b',
      'link d d',
      'rename c folder/c',
      'link e e',
      'write e 0+10 longer',
      'truncate e 5',
      'write e 8+2 longer',
      'sync e',
      'write e 10+3 longer',
      'unlink e',
      'write e 13+6 longer',
      'link the.lock the.lock',
      'unlink b',
    ]);
  });

  test('with a rollback journal: synced before the database, its folder with it, and EXTRA syncs the folder once more', async () => {
    const one = { count: 1, pragmas: 'PRAGMA synchronous=FULL' };
    const names = (log: DiskLog) => told(log).filter((line) => !line.startsWith('write'));
    const full = names(await logOf(lab('inserting', one, 'delete')));
    expect(full).toEqual([
      'link lab.db-journal lab.db-journal',
      'sync lab.db-journal',
      'sync-folder ',
      'sync lab.db-journal',
      'sync lab.db',
      'unlink lab.db-journal',
    ]);
    const extra = names(await logOf(lab('inserting', { ...one, pragmas: 'PRAGMA synchronous=EXTRA' }, 'delete')));
    expect(extra).toEqual([...full, 'sync-folder ']);
  });

  test('with a WAL: NORMAL syncs it at checkpoints, FULL at each commit; the wal-index is no part of it', async () => {
    const syncs = async (level: string) =>
      told(await logOf(lab('inserting', { count: 3, pragmas: `PRAGMA synchronous=${level}` }))).filter(
        (line) => line === 'sync lab.db-wal',
      ).length;
    const [normal, full] = [await syncs('NORMAL'), await syncs('FULL')];
    expect(full).toBe(normal + 3); // each commit
    const log = await logOf(lab('inserting', { count: 3, pragmas: '' }));
    expect(log.files.some(({ name }) => name.endsWith('-shm'))).toBe(false);
  });

  test('what a fault changes from outside is on the disk at once', async () => {
    const plan = planOf({ faults: [{ kind: 'corrupt', at: { timeMs: 2 }, how: 'page-scramble', nth: 1 }] });
    const scenario = lab('inserting', { count: 3, pragmas: '' }, 'delete');
    expect(told(await logOf(scenario, plan))).toContain('outside lab.db');
  });

  test('what people do to files: the steps of the program that a fault starts', async () => {
    const plan = planOf({ faults: [{ kind: 'init-swap', at: { timeMs: 2 }, way: 'mv-aside' }] });
    const log = told(await logOf(lab('inserting', { count: 4, pragmas: '' }), plan));
    expect(log.filter((line) => line.startsWith('rename'))).toHaveLength(1);
    expect(log.filter((line) => line.startsWith('link lab.db '))).toHaveLength(1);
  });

  test('a write that goes by unseen is an error', async () => {
    const disk = new DiskRecorder();
    const begin = disk.begin.bind(disk);
    let root = '';
    disk.begin = (folder) => begin((root = folder));
    const scribble = { see: () => writeFileSync(join(root, 'lab.db'), 'scribbled') };
    const scenario = lab('writingFiles', null);
    const run = coordinator.run(scenario, planOf(), undefined, [scribble], undefined, { disk });
    await expect(run).rejects.toMatchObject({ code: 'WRITE_UNSEEN' });
    disk.close();
  });
});

test.skipIf(!existsSync(debianPython))(
  'a program of Python: plain files, descriptors, folders, and its database',
  async () => {
    const coordinator = await coordinatorOf();
    const program = python.program(
      'plain',
      `
import os, sqlite3
with open('a', 'w') as f:
    f.write('hello')
with open('a', 'a') as f:
    f.write(' you')
    f.flush()
    os.fsync(f.fileno())
fd = os.open('b', os.O_CREAT | os.O_RDWR)
os.write(fd, b'0123456789')
os.pwrite(fd, b'xx', 4)
os.ftruncate(fd, 8)
os.close(fd)
os.replace('b', 'a')
folder = os.open('.', os.O_RDONLY)
os.fsync(folder)
os.close(folder)
db = sqlite3.connect('lab.db')
with db:
    db.execute('INSERT INTO t VALUES(1, 2)')
db.close()
os.remove('a')
`,
    );
    const disk = new DiskRecorder();
    const scenario = python.scenario({ program });
    try {
      const plain = await coordinator.run(scenario, planOf());
      const { hash } = await coordinator.run(scenario, planOf(), undefined, [], undefined, { disk });
      expect(hash).toBe(plain.hash);
      const lines = told(disk.log());
      expect(lines.filter((line) => !line.includes('lab.db'))).toEqual([
        'link a a',
        'write a 0+5 longer',
        'write a 5+4 longer',
        'sync a',
        'link b b',
        'write b 0+10 longer',
        'write b 4+2',
        'truncate b 8',
        'rename b a',
        'sync-folder ',
        'sync-folder ',
        'unlink a',
      ]);
      expect(lines).toContain('sync lab.db-wal');
    } finally {
      disk.close();
      coordinator.close();
    }
  },
);
