// What the plan itself damaged is nobody's failure, and hides no other: neither in another table, nor before, nor after.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinator } from '../../run/coordinator.ts';
import { violationsOf } from '../judge-history.ts';
import type { Fault } from '../../model/fault.ts';
import type { Autopsy, Damage, History } from '../../model/history.ts';
import { historyOf, soundAutopsy } from '../../testing/history.test-support.ts';
import { coordinatorOf, planOf, process, scenarioOf } from '../../testing/lab.test-support.ts';
import { generalInvariants } from './catalogue.ts';

type Corrupt = Extract<Fault, { kind: 'corrupt' }>;
const judged = ['integrity', 'acknowledged-commits', 'whole-transactions'];

describe('real damage', () => {
  let coordinator: Coordinator;
  beforeAll(async () => {
    coordinator = await coordinatorOf();
  });
  afterAll(() => coordinator.close());

  async function messages(losses: object, corrupt: readonly Partial<Corrupt>[]): Promise<readonly string[]> {
    const base = scenarioOf([process('p', 'keeping', losses as never)]);
    const module = new URL('./damaged-programs.test-support.ts', import.meta.url).href;
    const parts = ['t', 'u'].map((table) => ({ table, prefix: `${table}:`, key: 'k' }));
    const programs = { setup: base.programs['setup']!, keeping: { module, export: 'keeping' } };
    const scenario = { ...base, programs, queries: { all: parts } };
    const faults = corrupt.map((more) => ({ kind: 'corrupt', at: { timeMs: 500 }, ...more }) as Corrupt);
    const history = await coordinator.run(scenario, planOf({ faults }));
    expect(history.strikes.map(({ damage }) => damage !== undefined)).toEqual(corrupt.map(() => true));
    return violationsOf(scenario, history)
      .filter(({ invariant }) => judged.includes(invariant))
      .map(({ invariant, message }) => `${invariant}: ${message}`);
  }

  const ways: readonly (readonly [string, Partial<Corrupt>])[] = [
    ['a page of a table', { how: 'page-scramble', owner: 't', nth: 3 }],
    ['the root of a table', { how: 'page-scramble', owner: 't', nth: 1 }],
    ['a page of an index', { how: 'page-scramble', owner: 't_v', nth: 2 }],
    ['the order of two rows', { how: 'rowid-out-of-order', owner: 't', nth: 2 }],
    ['an entry of an index', { how: 'index-entry-dropped', owner: 't_v', nth: 1 }],
    ['the header', { how: 'foreign-bytes' }],
  ];

  test.each(ways)('%s: nobody is blamed for it', async (_, corrupt) => {
    expect(await messages({}, [corrupt])).toEqual([]);
  });

  test.each(ways)('%s: what was lost before is told', async (_, corrupt) => {
    expect(await messages({ before: 'DELETE FROM t WHERE k = 7' }, [corrupt])).toEqual([
      expect.stringMatching(
        /^acknowledged-commits: before the plan damaged the file at step \d+: 1 of 800 acknowledged rows are gone; .* "t:7"/,
      ),
    ]);
  });

  test.each(ways.slice(0, -1))('%s: what is lost of another table afterwards is told', async (_, corrupt) => {
    expect(await messages({ after: 'DELETE FROM u WHERE k = 7' }, [corrupt])).toEqual([
      expect.stringMatching(/^acknowledged-commits: 1 of 850 acknowledged rows are gone; the first is all "u:7"/),
    ]);
  });

  test('a page of a table: what is lost of another page of it is told', async () => {
    const scramble = { how: 'page-scramble', owner: 't', nth: 3 } as const;
    expect(await messages({ after: 'DELETE FROM t WHERE k = 399' }, [scramble])).toEqual([
      expect.stringMatching(/^acknowledged-commits: 1 of 850 acknowledged rows are gone; the first is all "t:399"/),
    ]);
  });

  test('two pages of a table: what lies between them nobody can reach, and nobody is blamed', async () => {
    const pages = [3, 8].map((nth) => ({ how: 'page-scramble', owner: 't', nth }) as const);
    expect(await messages({}, pages)).toEqual([]);
  });
});

describe('broken histories', () => {
  const tables = ['t', 'u'].map((table) => ({ table, rows: 2, indexes: [{ index: `${table}_v`, rows: 2 }] }));
  const before: Autopsy = { ...soundAutopsy, tables };
  const line = 'row 3 missing from index t_v';
  const dropped: Autopsy = { ...before, integrity: [line, 'wrong # of entries in index t_v'] };
  const damage: Damage = { page: 4, owner: 't_v', settled: true, before, after: dropped };

  function said(autopsy: Partial<Autopsy>, more: Partial<Damage> = {}, history: Partial<History> = {}) {
    const strike = { fault: 0, kind: 'corrupt', step: 50, nowMs: 1, liftedMs: 1, changed: true } as const;
    const strikes = [{ ...strike, damage: { ...damage, ...more } }];
    const whole = historyOf({ strikes, autopsy: { ...before, ...autopsy }, ...history });
    return generalInvariants.flatMap((one) => one.check(whole)).map(({ message }) => message);
  }

  test('lines about the same index are its doing, about another are not', () => {
    expect(said(dropped)).toEqual([]);
    expect(said({ integrity: ['row 9 missing from index t_v'] })).toEqual([]);
    expect(said({ integrity: [...dropped.integrity, 'row 3 missing from index u_v'] })).toHaveLength(1);
    expect(said({ integrity: ['Tree 7 page 9: btreeInitPage() returns error code 11'] })).toHaveLength(1);
    expect(said({ integrity: ['database disk image is malformed'] })).toHaveLength(1);
  });

  test('a page that no tree has is its doing where it was at once', () => {
    const leak = 'Page 9: never used';
    expect(said({ integrity: [leak] }, { after: { ...dropped, integrity: [leak] } })).toEqual([]);
    expect(said({ integrity: ['Page 10: never used'] }, { after: { ...dropped, integrity: [leak] } })).toHaveLength(1);
  });

  test('what was wrong before the strike is wrong, and told as of then', () => {
    const wrong = { ...before, integrity: ['row 3 missing from index u_v'] };
    expect(said(dropped, { before: wrong })).toEqual([
      'before the plan damaged the file at step 50: integrity_check says: row 3 missing from index u_v',
    ]);
    // A copy made in the middle of a transaction that has its only journal in memory says nothing.
    expect(said(dropped, { before: wrong, settled: false })).toEqual([]);
  });

  test('a file that opens with another error than just after the strike is not its doing', () => {
    const header = { page: null, owner: null, after: { ...before, opened: 'SQLITE_NOTADB' } };
    expect(said({ opened: 'SQLITE_NOTADB', queries: {} }, header)).toEqual([]);
    expect(said({ opened: 'SQLITE_CANTOPEN', queries: {} }, header)).toHaveLength(2);
    // Healed, or another file by now: nothing is excused any more.
    expect(said({ queries: { t: [[1]] } }, header).join()).toMatch(/1 of 2 acknowledged rows are gone/);
  });

  test('a strike that changed another file excuses nothing', () => {
    const strikes = [{ fault: 0, kind: 'corrupt', step: 50, nowMs: 1, liftedMs: 1, changed: true }];
    expect(said(dropped, {}, { strikes })).toHaveLength(1);
  });

  test('rows that can be read just after the strike are not lost to it', () => {
    expect(said({ queries: { t: [[2]] } }).join()).toMatch(/1 of 2 acknowledged rows are gone; the first is t 1/);
    const hides = { query: 't', table: 't', prefix: '', error: 'SQLITE_CORRUPT' };
    const hidden = { ...before, queries: { t: { error: 'SQLITE_CORRUPT', rows: [[2]] } }, unread: [hides] };
    expect(said(hidden, { owner: 't', after: hidden })).toEqual([]);
    const more = { ...hidden, queries: { t: { error: 'SQLITE_CORRUPT', rows: [] } } };
    expect(said(more, { owner: 't', after: hidden }).join()).toMatch(
      /1 of 2 acknowledged rows are gone; the first is t 2/,
    );
  });
});

test('what recovery had a hand in is told beside what is unsound after it', () => {
  const autopsy = { ...soundAutopsy, integrity: ['Tree 2 page 2: it is broken'] };
  const said = (before: Partial<Autopsy['before']>) => {
    const history = historyOf({ autopsy: { ...autopsy, before: { ...soundAutopsy.before, ...before } } });
    return generalInvariants.flatMap((one) => one.check(history))[0]?.message;
  };
  expect(said({})).toBe('integrity_check says: Tree 2 page 2: it is broken');
  expect(said({ hotJournal: true })).toMatch(
    /\(before that a hot journal was rolled back; the file by itself was sound\)$/,
  );
  expect(said({ walPages: 3, integrity: ['broken'] })).toMatch(/\(before that 3 pages came from -wal; .* unsound\)$/);
});
