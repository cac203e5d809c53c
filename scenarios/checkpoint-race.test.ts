// The promises of the scenario checkpoint-race: its shipped plan shows what the report saw, and replays; and each of the two
// suspected causes, alone, leaves marks of its own.
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fc, test as property } from '@fast-check/vitest';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operations } from '../harness/model/operations.ts';
import type { Coordinator } from '../harness/run/coordinator.ts';
import { violationsOf } from '../harness/judge/judge-history.ts';
import { readPlan } from '../harness/search/plan-file.ts';
import { faultSchema } from '../harness/model/fault.ts';
import { attempt } from '../harness/observe/attempt.ts';
import type { History } from '../harness/model/history.ts';
import { coordinatorOf } from '../harness/testing/lab.test-support.ts';
import { migrations, schema } from '../src/programs/board/schema.ts';
import { actedInsideCommit } from './checkpoint-race.marks.ts';
import { checkpointRace } from './checkpoint-race.ts';
import { long, longUnless } from '../harness/testing/long.test-support.ts';
import { stagedOf } from './staged.test-support.ts';

const planOf = (name: string) => readPlan(fileURLToPath(new URL(`./corpus/${name}.json`, import.meta.url)));
const shipped = planOf('checkpoint-race');
const resetAlone = planOf('checkpoint-race.safe-read');
const locksAlone = planOf('checkpoint-race.delete');

const reportedIndexes = [
  'wrong # of entries in index idx_notify_task',
  'wrong # of entries in index sqlite_autoindex_kanban_notify_subs_1',
];

function violated(history: History): readonly string[] {
  return [...new Set(violationsOf(checkpointRace, history).map(({ invariant }) => invariant))].toSorted();
}

/** What integrity_check says at the end, line by line. */
function complaints({ autopsy }: History): readonly string[] {
  return autopsy.integrity.flatMap((row) => row.split('\n'));
}

let reported: Coordinator;
let current: Coordinator;
beforeAll(async () => {
  reported = await coordinatorOf({ engine: '3.51.0' });
  current = await coordinatorOf({ engine: '3.54.1' });
});
afterAll(() => {
  reported.close();
  current.close();
});

describe('the shipped plan on SQLite 3.51.0', () => {
  let history: History;
  beforeAll(async () => {
    history = await reported.run(checkpointRace, shipped);
  });

  test.each(checkpointRace.symptoms.map((symptom) => [symptom.reported, symptom] as const))(
    'shows: %s',
    (_, symptom) => {
      expect(symptom.see(history)).toBeTypeOf('string');
    },
  );

  test('says of the report’s three messages what this run has, and when', () => {
    const [error, when, pages, entries, last, cause, lost] = checkpointRace.symptoms.map((symptom) =>
      symptom.see(history),
    );
    expect(error).toMatch(/^the first error came at .*, to .*: SQLITE_CORRUPT, database disk image is malformed$/);
    expect(when).toMatch(/^the first error came after 30\.\d min$/);
    expect(pages).toMatch(
      /Tree 10 page \d+: btreeInitPage\(\) returns error code 11;.*these are not;.*kanban_notify_subs/,
    );
    expect(entries).toMatch(
      /names no row as missing; a walk finds: the table SQLITE_CORRUPT, idx_notify_task \d+ rows/,
    );
    expect(last).toMatch(/ 4 gateways act: complete by .*, gave_up by .*, spawn by .*, command by kanban-\d+ at /);
    expect(cause).toContain('once');
    expect(lost).toMatch(/^\d+ of \d+ acknowledged rows are gone/);
  });

  test('what the plan placed is staged: when it came, and who was asked for what', () => {
    expect(stagedOf(checkpointRace.symptoms, history)).toEqual([
      'this came after 30–60 min',
      expect.stringMatching(/^last events/),
    ]);
    expect(stagedOf(checkpointRace.symptoms, { ...history, strikes: [] })).toHaveLength(1);
  });

  test('violates what it must', () => {
    expect(violated(history)).toEqual([
      'acknowledged-commits',
      'bounded-reaction',
      'integrity',
      'locks-held',
      'no-wedge',
    ]);
  });

  test('needs no preemption, only two pauses of one lane', () => {
    expect(shipped.preemptions).toEqual([]);
    expect(shipped.faults.map(({ kind, at }) => [kind, 'op' in at && at.op])).toEqual([
      ['pause', 'shmLock'],
      ['pause', 'unfetch'],
    ]);
  });

  test('does the same when no lock is cancelled: the WAL-reset bug alone', long, async () => {
    const safe = await reported.run(checkpointRace, { ...shipped, strategy: 'safe-read' });
    expect(safe.marks).toMatchObject({ 'locks-cancelled': 0, 'wal-reset-in-checkpoint': 1 });
    expect(complaints(safe)).toEqual(complaints(history));
  });

  test('resets the WAL inside a checkpoint on SQLite 3.54.1 too, and does no harm', long, async () => {
    const mended = await current.run(checkpointRace, { ...shipped, engine: '3.54.1' });
    expect(mended.marks['wal-reset-in-checkpoint']).toBe(1);
    expect(violated(mended)).toEqual(['locks-held']);
  });
});

describe('the WAL-reset bug alone', () => {
  for (const strategy of ['safe-read', 'leader+safe-read'])
    test(
      `loses acknowledged rows, and integrity_check says ok: ${strategy}`,
      longUnless(strategy === 'safe-read'),
      async () => {
        const history = await reported.run(checkpointRace, { ...resetAlone, strategy });
        expect(violated(history)).toEqual(['acknowledged-commits']);
        expect(history.autopsy.integrity).toEqual(['ok']);
        expect(history.marks).toMatchObject({ 'locks-cancelled': 0, 'wal-reset-in-checkpoint': 1 });
      },
    );

  test(
    'does no harm where writers wait for each other, though another process acts inside a COMMIT',
    long,
    async () => {
      const history = await reported.run(checkpointRace, { ...resetAlone, strategy: 'flock-write+safe-read' });
      expect(violated(history)).toEqual([]);
      expect(history.marks['wal-reset-in-checkpoint']).toBe(0);
      expect(history.marks[actedInsideCommit.name]).toBeGreaterThan(0);
      expect(checkpointRace.symptoms.flatMap((symptom) => symptom.see(history) ?? [])).toEqual([]);
    },
  );

  test('does no harm where there is no WAL', long, async () => {
    expect(violated(await reported.run(checkpointRace, { ...resetAlone, strategy: 'delete+safe-read' }))).toEqual([]);
  });

  test('is mended in SQLite 3.54.1', long, async () => {
    const history = await current.run(checkpointRace, { ...resetAlone, engine: '3.54.1' });
    expect(history.marks['wal-reset-in-checkpoint']).toBe(1);
    expect(violated(history)).toEqual([]);
  });
});

describe('cancelled locks alone, in DELETE mode', () => {
  test('damage the same indexes, name the rows that are missing, and make no page unreadable', async () => {
    const history = await reported.run(checkpointRace, locksAlone);
    expect(history.marks).toMatchObject({ 'wal-reset-in-checkpoint': 0 });
    expect(history.marks['locks-cancelled']).toBeGreaterThan(0);
    expect(complaints(history)).toEqual(expect.arrayContaining(reportedIndexes));
    expect(complaints(history)).toContain('row 1 missing from index idx_notify_task');
    expect(complaints(history).filter((line) => line.startsWith('Tree'))).toEqual([]);
  });

  test('do the same on SQLite 3.54.1', async () => {
    const history = await current.run(checkpointRace, { ...locksAlone, engine: '3.54.1' });
    expect(complaints(history)).toEqual(expect.arrayContaining(reportedIndexes));
  });

  test.each([
    ['delete+safe-read', []],
    ['delete+flock-session', []],
    ['delete+flock-write', ['bounded-reaction', 'integrity']],
  ])('under %s violate %j', async (strategy, invariants) => {
    const history = await reported.run(checkpointRace, { ...locksAlone, strategy });
    expect(history.strikes).toHaveLength(1);
    expect(violated(history)).toEqual(invariants);
  });
});

describe('the window: another process acted inside so many commits', () => {
  const db = 'kanban.db';
  /** `lane observation`, or `lane operation file`: whether the moment was reached, step by step. */
  function reachedIn(said: readonly string[]): number {
    const see = actedInsideCommit.watch();
    return said.filter((words, step) => {
      const [lane = '', what = '', file] = words.split(' ');
      const told = { step, lane, nowMs: 0, rc: 0 };
      if (file === 'killed') return see({ ...told, op: 'end', injected: true });
      if (what === 'end') return see({ ...told, op: 'end' });
      if (file !== undefined) return see({ ...told, op: what, role: 'other', file });
      return see({ ...told, op: 'observe', text: JSON.stringify({ kind: what, data: {} }) });
    }).length;
  }

  test.each([
    ['nobody else acts', ['a committing', `a write ${db}`, 'a committed', 'b tick', `b open ${db}`], 0],
    ['a thread of the same process, and a person', ['a committing', 'a/notifier tick', 'operator operator'], 0],
    ['another process says something', ['a committing', 'b tick', 'c/notifier tick', 'a committed'], 1],
    ['two in each other’s', ['a committing', 'b committing', `a write ${db}`, 'a committed', 'b committed'], 2],
    ['it has ended in a failure', ['a committing', 'a tick-failed', 'b tick', `b open ${db}`], 0],
    ['another process reads the board', ['a committing', `b lock ${db}`, `b read ${db}`, 'a committed'], 1],
    ['another process waits for a lock', ['a committing', `b flock ${db}.recovery.lock`, 'a committed'], 1],
    ['another process writes a sidecar', ['a committing', `b write ${db}-wal`, 'a committed'], 1],
    ['nobody but its own threads at the board', ['a committing', `a/notifier read ${db}`, 'a committed'], 0],
    ['elsewhere', ['a committing', 'b read other.db', 'b flock other.db.write.lock', 'b stat units/gateway-1.json'], 0],
    ['who would dispatch, and nobody else', ['a committing', `b flock ${db}.dispatch.lock`, 'a committed'], 0],
    ['a snapshot, which lies beside the board', ['a committing', `b stat ${db}.recovery/snapshot.1.1`], 0],
    ['its process was killed before', ['a/x committing', 'a/y end killed', `b open ${db}`], 0],
    ['another thread of its process has ended', ['a/x committing', 'a/y end', `b open ${db}`, 'a/x committed'], 1],
    ['its thread has ended', ['a/x committing', 'a/x end', `b open ${db}`], 0],
  ])('%s', (_, said, commits) => {
    expect(reachedIn(said)).toBe(commits);
  });

  test('is looked at whatever is done with a file', () => {
    const touching = operations.filter((operation) => !actedInsideCommit.at.includes(operation));
    expect(touching).not.toContain('observe');
    for (const operation of ['open', 'read', 'write', 'lock', 'shmLock', 'flock', 'fdLock', 'stat', 'end'] as const) {
      expect(touching).not.toContain(operation);
    }
  });
});

/** A new board with one subscription, in which a page has been overwritten with zeros; what integrity_check then says. */
function boardWithout(page: number): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'checkpoint-race-'));
  try {
    const file = join(folder, 'kanban.db');
    const whole = new Database(file);
    for (const sql of [schema, ...migrations]) whole.exec(sql);
    whole.exec(
      "INSERT INTO kanban_notify_subs(task_id, platform, chat_id, created_at) VALUES('t_1', 'x', 'chat-1', 1)",
    );
    const pageBytes = Number(whole.pragma('page_size', { simple: true }));
    whole.close();
    const fd = openSync(file, 'r+');
    writeSync(fd, Buffer.alloc(pageBytes), 0, pageBytes, (page - 1) * pageBytes);
    closeSync(fd);
    const damaged = new Database(file);
    const rows: string[] = [];
    attempt(() => {
      for (const row of damaged.prepare('PRAGMA integrity_check').pluck().iterate()) rows.push(String(row));
      return null;
    });
    damaged.close();
    return rows.flatMap((row) => row.split('\n'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('the report’s three messages are those of one overwritten page, the root of kanban_notify_subs', () => {
  const reportedPage = 'Tree 10 page 10: btreeInitPage() returns error code 11';
  expect(boardWithout(10)).toEqual(['*** in database main ***', reportedPage, ...reportedIndexes]);
});

describe('the declaration', () => {
  test('takes the shipped plans, and only workloads of its shape', () => {
    for (const { workload } of [shipped, resetAlone, locksAlone])
      expect(checkpointRace.workload.safeParse(workload).success).toBe(true);
    for (const wrong of [null, {}, { gateways: [], operator: [] }, { ...(shipped.workload as object), more: 1 }]) {
      expect(checkpointRace.workload.safeParse(wrong).success).toBe(false);
    }
  });

  property.prop([
    fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
    fc.integer({ min: 1, max: 16 }),
  ])('generates workloads and faults of their shape, one entry a gateway', (numbers, gateways) => {
    const random = () => numbers.next().value as number;
    const parameters = { ...checkpointRace.parameters, gateways };
    const workload = checkpointRace.generate(random, parameters, 'wal');
    expect(checkpointRace.workload.safeParse(workload).error).toBeUndefined();
    expect(workload).toMatchObject({ gateways: { length: gateways } });
    for (const fault of checkpointRace.faults?.(random, parameters, 'wal') ?? [])
      expect(faultSchema.safeParse(fault).error).toBeUndefined();
  });
});
