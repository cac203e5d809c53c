// The examiner is a process like any other: it may be killed or stopped, and its machine may lack something.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { execa } from 'execa';
import { withDir } from 'tmp-promise';
import { expect, test } from 'vitest';
import { RunInterrupted } from '../errors/interrupted.ts';
import { codeOf } from './attempt.ts';
import { Examiner } from './autopsy.ts';
import { HostTrouble } from './host-trouble.ts';

/** An examiner, and a question about a database with one table of three rows. */
async function withExaminer(
  body: (examiner: Examiner, ask: (sql?: string) => number, root: string) => void,
  { stop = () => false, limitMs }: { readonly stop?: () => boolean; readonly limitMs?: number } = {},
): Promise<void> {
  await withDir(
    async ({ path }) => {
      const root = join(path, 'world');
      mkdirSync(root);
      const db = new Database(join(root, 'a.db'));
      db.exec('CREATE TABLE t(k); INSERT INTO t VALUES(1), (2), (3)');
      db.close();
      const examiner = new Examiner(path, stop, limitMs);
      try {
        const ask = (sql = 'SELECT k FROM t') => examiner.ask({ root, database: 'a.db', queries: { t: sql } });
        body(examiner, ask, root);
      } finally {
        examiner.close();
      }
      await Promise.resolve();
    },
    { unsafeCleanup: true },
  );
}

const rows = [[1], [2], [3]];

function signal(examiner: Examiner, name: NodeJS.Signals): void {
  if (examiner.pid === undefined) throw new Error('There is no examiner.');
  process.kill(examiner.pid, name);
}

test('one that is killed is replaced, and answers what the first was asked', async () => {
  await withExaminer((examiner, ask) => {
    expect(examiner.answer(ask()).queries['t']).toEqual(rows);
    const first = examiner.pid;
    signal(examiner, 'SIGSTOP');
    const tickets = [ask(), ask()];
    signal(examiner, 'SIGKILL');
    expect(tickets.map((ticket) => examiner.answer(ticket).queries['t'])).toEqual([rows, rows]);
    expect(examiner.pid).not.toBe(first);
  });
});

test('it looks at the file as the lanes left it, though recovery heals it', async () => {
  await withExaminer((examiner, ask, root) => {
    const live = join(root, '..', 'live.db');
    const db = new Database(live);
    db.pragma('journal_mode = WAL');
    db.exec('CREATE TABLE t(k); INSERT INTO t VALUES(-9), (-8), (-7)');
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.exec('UPDATE t SET k = k + 10');
    const [file, wal] = [readFileSync(live), readFileSync(`${live}-wal`)];
    db.close();
    file.fill(0xff, 4096, 4196); // the root of t, of which the -wal has a whole one
    writeFileSync(join(root, 'a.db'), file);
    writeFileSync(join(root, 'a.db-wal'), wal);
    const { before, opened, integrity, queries } = examiner.answer(ask());
    expect({ opened, integrity, rows: queries['t'] }).toEqual({ opened: 'ok', integrity: ['ok'], rows });
    expect(before).toMatchObject({ hotJournal: false, walPages: 1, opened: 'ok' });
    expect(before.integrity.join()).not.toBe('ok');
  });
});

test('questions and answers that are more than pipes hold wait for nobody', async () => {
  await withExaminer(
    (examiner, ask) => {
      const long = `SELECT k, hex(zeroblob(2000)) AS padding FROM t -- ${'x'.repeat(2000)}`;
      const tickets = Array.from({ length: 60 }, () => ask(long));
      for (const ticket of tickets) expect(examiner.answer(ticket).queries['t']).toHaveLength(rows.length);
    },
    { limitMs: 5000 },
  );
});

test('a question that comes in parts is read as it was asked', async () => {
  await withExaminer((examiner, ask) => {
    const { queries } = examiner.answer(ask(`SELECT length('${'€'.repeat(60_000)}')`));
    expect(queries['t']).toEqual([[60_000]]);
  });
});

test('what nobody will ask for may go, and the others are answered', async () => {
  await withExaminer((examiner, ask, root) => {
    for (const isSent of [true, false]) {
      signal(examiner, 'SIGSTOP'); // so that nothing is answered yet
      if (!isSent) ask(`SELECT k FROM t -- ${'x'.repeat(10_000)}`);
      const elsewhere = `${root}-elsewhere`;
      mkdirSync(elsewhere);
      const gone = examiner.ask({ root: elsewhere, database: 'b.db', queries: {} });
      const wanted = ask();
      examiner.forget([gone]);
      rmSync(elsewhere, { recursive: true });
      if (!isSent) signal(examiner, 'SIGCONT');
      expect(examiner.answer(wanted).queries['t']).toEqual(rows);
      expect(() => examiner.answer(gone)).toThrow('taken already');
    }
  });
});

test.runIf(process.platform === 'linux')(
  'one that is stopped is given up after a limit, and named; the next question goes to a new one',
  async () => {
    await withExaminer(
      (examiner, ask) => {
        examiner.answer(ask());
        signal(examiner, 'SIGSTOP');
        const ticket = ask();
        expect(() => examiner.answer(ticket)).toThrow(/does not answer: for .* it was stopped by a signal/);
        expect(examiner.answer(ask()).queries['t']).toEqual(rows);
      },
      { limitMs: 2000 },
    );
  },
);

test('a wait for it ends when the person at the keyboard says so', async () => {
  let stopped = false;
  await withExaminer(
    (examiner, ask) => {
      examiner.answer(ask());
      signal(examiner, 'SIGSTOP');
      const ticket = ask();
      stopped = true;
      expect(() => examiner.answer(ticket)).toThrow(RunInterrupted);
      stopped = false;
      expect(examiner.answer(ask()).queries['t']).toEqual(rows);
    },
    { stop: () => stopped },
  );
});

test('a look that the machine does not let it take is no finding', async () => {
  await withDir(
    async ({ path }) => {
      const db = new Database(join(path, 'a.db'));
      db.pragma('journal_mode = wal');
      db.exec('CREATE TABLE t(k)');
      for (let i = 0; i < 100; i++) db.exec('INSERT INTO t VALUES(hex(randomblob(2000)))');
      // As a process leaves it that dies: whoever opens it next must write what lies in the -wal.
      const root = join(path, 'world');
      mkdirSync(root);
      for (const file of ['a.db', 'a.db-wal']) await execa('cp', [join(path, file), join(root, file)]);
      db.close();
      const program = new URL('./examiner.ts', import.meta.url).pathname;
      const input = `${JSON.stringify({ root, database: 'a.db', queries: {} })}\n`;
      const asked = async (limit: string): Promise<unknown> => {
        const command = `ulimit ${limit}; exec "$0" --no-warnings "$1"`;
        const { stdout } = await execa('bash', ['-c', command, process.execPath, program], { input });
        return JSON.parse(stdout) as unknown;
      };
      expect(await asked('-f 1')).toEqual({ host: 'EFBIG' });
      expect(await asked('-f unlimited')).toMatchObject({ autopsy: { opened: 'ok', integrity: ['ok'] } });
    },
    { unsafeCleanup: true },
  );
});

test("which errors are the machine's", () => {
  const error = (code: string): unknown => new Database.SqliteError(code, code);
  for (const code of ['SQLITE_IOERR_WRITE', 'SQLITE_FULL', 'SQLITE_NOMEM', 'SQLITE_IOERR_READ'])
    expect(() => codeOf(error(code))).toThrow(HostTrouble);
  for (const code of ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_IOERR_SHORT_READ', 'SQLITE_CANTOPEN'])
    expect(codeOf(error(code))).toBe(code);
});
