// The examiner is a process like any other: it may be killed or stopped, and its machine may lack something.
import { mkdirSync } from 'node:fs';
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
  body: (examiner: Examiner, ask: () => number) => void,
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
        body(examiner, () => examiner.ask({ root, database: 'a.db', queries: { t: 'SELECT k FROM t' } }));
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
