// Each invariant holds on a sound run and is violated by one that is broken in just its way; and what looks like a
// violation and is none. Those of no-wedge, which has more to say, are in a file of their own.
import { describe, expect, test } from 'vitest';
import type { Autopsy, History, Observation, OpenFile, TableCount } from '../../harness/model/history.ts';
import { soundLook } from '../../harness/testing/history.test-support.ts';
import { kanbanInvariants } from './catalogue.ts';
import {
  at,
  backup,
  begins,
  claim,
  corruptError,
  created,
  createdTasks,
  death,
  down,
  ended,
  ends,
  noTables,
  planUnder,
  quarantined,
  runOf,
  soundAutopsy,
  spawned,
  struck,
  up,
} from './run.test-support.ts';

const [one, two, three] = ['gateway-1', 'gateway-2', 'gateway-3'] as const;
type More = Partial<History> & { readonly strategy?: string };
type Case = readonly [string, readonly Observation[], More?];

const examined = (more: Partial<Autopsy>): Autopsy => ({ ...soundAutopsy, ...more });
const rows = (...keys: readonly string[]) => examined({ queries: { board: keys.map((key) => [key]) } });
const damaged = examined({ integrity: ['Rowid 14 out of order'] });
const gone = examined({ opened: 'SQLITE_CANTOPEN', integrity: [], quick: [], tables: [], queries: {} });
const withStatus = (status: string) => examined({ queries: { ...soundAutopsy.queries, statuses: [['t_1', status]] } });
const recovered = (step: number, ...lost: readonly string[]) =>
  at(step, one, 'board-recovered', {
    by: one,
    board: 'kanban.db',
    why: 'missing',
    sequence: 7,
    unlike: 0,
    aside: null,
    lost,
  });
const wanted = (step: number) => at(step, 'cli', 'board-created', { by: 'cli', board: 'kanban.db', deliberate: true });
const files = (process: string, number: number, file = 'kanban.db') =>
  Array.from({ length: number }, () => ({ process, file, deleted: false, generation: 1 }));
const look = (...openFiles: readonly OpenFile[]) => [{ ...soundLook, openFiles }];
const differing: TableCount = {
  table: 'tasks',
  rows: 2,
  indexes: [{ index: 'idx_tasks_status', rows: 2, difference: 'entry 1 is (b, 1)' }],
};
const backupFiles = (number: number) =>
  Array.from({ length: number }, (_, i) => ({ name: `kanban.db.corrupt.${i}.bak`, bytes: 4096 }));
const unitUp = (step: number, gateway: string) => up(step, gateway, { unit: 'gw' });
const shellUp = (step: number, gateway: string) => up(step, gateway, { detached: true });
const tornExtend = at(20, `${one}/dispatcher`, 'tick-failed', {
  gateway: one,
  lane: 'dispatcher',
  code: 'TORN_EXTEND',
  statement: '_check_file_length_invariant',
});

/** A transaction of which nothing more is heard. */
const cutShort = (step: number, lane: string, committed: boolean) => [
  at(step, lane, 'committing', { table: 'board', keys: [`event:${step}`] }),
  ...(committed ? [at(step + 1, lane, 'committed', { table: 'board', keys: [`event:${step}`] })] : []),
];

const violating: { readonly [invariant: string]: readonly (readonly [...Case, RegExp])[] } = {
  'one-claim': [
    [
      'a task is claimed while it is claimed',
      [...claim(10, one, 1), ...claim(20, two, 2)],
      {},
      /gateway-1 claimed t_1 \(run 1, step 12\), and gateway-2 claimed it too \(run 2, step 22\)/,
    ],
    ['again by the same process', [...claim(10, one, 1), ...claim(20, one, 2)], {}, /and gateway-1 claimed it too/],
    [
      'a run ended, but before the first claim',
      [...ended(1, 'w-0', 0, 'crashed'), ...claim(10, one, 1), ...claim(20, two, 2)],
      {},
      /claimed it too/,
    ],
    [
      'a run ended, but after the second claim',
      [...claim(10, one, 1), ...claim(20, two, 2), ...ended(30, 'w-1', 1, 'completed')],
      {},
      /claimed it too/,
    ],
    [
      'only another task was given back',
      [...claim(10, one, 1), ...ended(15, 'w-9', 9, 'completed', 't_9'), ...claim(20, two, 2)],
      {},
      /claimed it too/,
    ],
    [
      'one attempt has two workers',
      [...claim(10, one, 1), spawned(20, one, 1, 'w-1'), spawned(30, two, 1, 'w-2')],
      {},
      /gateway-1 started w-1 for run 1 of t_1 at step 20, and gateway-2 started w-2 for the same run/,
    ],
    [
      'a task is completed twice',
      [...claim(10, one, 1), ...ended(20, 'w-1', 1, 'completed'), ...ended(30, 'w-2', 2, 'completed')],
      {},
      /w-1 completed t_1 by run 1 at step 22, and w-2 completed it again by run 2/,
    ],
  ],
  'one-dispatcher': [
    [
      'one begins before the other has ended',
      [begins(10, one), begins(20, two), ends(30, two), ends(40, one)],
      { strategy: 'leader' },
      /gateway-1 acts on kanban\.db from step 10 to 40, and gateway-2 begins .* at step 20: two leaders at once/,
    ],
    [
      'the first was killed, but later',
      [begins(10, one), begins(20, two), ends(30, two)],
      { strategy: 'leader', deaths: [death(one, 25)] },
      /from step 10 to 25/,
    ],
    [
      'they take turns',
      [begins(10, one), ends(11, one), begins(20, two), ends(21, two), begins(30, one), ends(31, one)],
      { strategy: 'leader' },
      /gateway-1 acted on kanban\.db at step 10 and acts again at step 30, .* but gateway-2 acted on it at step 20/,
    ],
    [
      'one acts in the middle of a long act, after a third',
      [begins(10, one), begins(20, two), ends(21, two), begins(30, three), ends(31, three), ends(40, one)],
      { strategy: 'leader-open' },
      /gateway-3 begins to act on it at step 30/,
    ],
    [
      'a gateway has the database open beside the server',
      [up(0, one), begins(10, one), ends(11, one)],
      { strategy: 'proxy', looks: look(...files('board-server', 1), ...files(one, 1)) },
      /look "end": gateway-1 has kanban\.db open/,
    ],
    [
      'a worker has',
      [begins(10, one), spawned(11, one, 1, 'w-1'), ends(12, one)],
      { strategy: 'proxy', looks: look(...files('w-1', 1)) },
      /w-1 has kanban\.db open/,
    ],
  ],
  'no-wedge': [
    ['a watcher does not tick any more', [up(0, one)], {}, /the dispatcher of gateway-1 does not tick any more/],
  ],
  'bounded-reaction': [
    [
      'a process shows the same error again',
      [corruptError(10, one), corruptError(20, one)],
      {},
      /gateway-1 showed 2 errors about the corrupt kanban\.db, which was in 1 state at most; the first is SQLITE_CORRUPT/,
    ],
    [
      'a process shows an error twice for one fingerprint',
      [corruptError(10, one), quarantined(11, one, 'a'), corruptError(20, one), quarantined(21, one, 'a')],
      {},
      /2 errors .* 1 state /,
    ],
    [
      'a process shows an error twice for what is two fingerprints to another',
      [corruptError(10, one), quarantined(11, two, 'a'), quarantined(12, two, 'b'), corruptError(20, one)],
      {},
      /gateway-1 showed 2 errors .* 1 state /,
    ],
    ['two backups of one state', [backup(10, one), backup(20, two)], {}, /2 backups \(8192 bytes\) by 2 processes/],
    [
      'more backups than fingerprints',
      [quarantined(9, one, 'a'), quarantined(19, one, 'b'), backup(10, one), backup(20, one), backup(30, one)],
      {},
      /3 backups \(12288 bytes\) by gateway-1 of a board that was in 2 damaged states at most/,
    ],
    ['backups pile up', [], { autopsy: examined({ files: backupFiles(11) }) }, /11 backups \(45056 bytes\) lie there/],
    ['handles pile up', [], { looks: look(...files(one, 65)) }, /look "end": gateway-1 holds 65 files open/],
  ],
  'no-silent-loss': [
    [
      'the board at the end is empty',
      createdTasks(10, 'cli', 't_1', 't_2'),
      { autopsy: rows() },
      /2 tasks had been acknowledged, and the board at the end is valid and has none/,
    ],
    [
      'the database at the end has no tables',
      createdTasks(10, 'cli', 't_1'),
      { autopsy: examined({ tables: [], queries: { board: noTables } }) },
      /1 task had been acknowledged, and the board at the end is valid and has none/,
    ],
    [
      'only tasks of a new board are there',
      [...createdTasks(10, 'cli', 't_1'), created(20, one), ...createdTasks(30, 'cli', 't_2')],
      { autopsy: rows('task:t_2') },
      /gateway-1 made a new, empty kanban\.db at step 20, though 1 task had been .*; 1 of them never came back/,
    ],
    [
      'a new board was made, and at the end none can be read',
      [...createdTasks(10, 'cli', 't_1'), created(20, one)],
      { autopsy: damaged },
      /at the end no board can be read/,
    ],
    [
      'a row does not come back in its time, and nobody names it',
      createdTasks(10, 'cli', 't_1', 't_9'),
      { strategy: 'recovery' },
      /1 acknowledged row did not come back, and nobody named them; the first is task:t_9, acknowledged to cli/,
    ],
    [
      'a row is named, and nothing had become of the board: only what lay beside it was damaged',
      [...createdTasks(10, 'cli', 't_1', 't_9'), recovered(20, 'task:t_9')],
      { strategy: 'recovery' },
      /1 acknowledged row did not come back, though they were named, which is no excuse here/,
    ],
    [
      'a row is named, and nothing had become of the journal that has it',
      [
        ...createdTasks(10, 'cli', 't_1', 't_9'),
        at(15, 'op', 'operator', { act: 'replace' }),
        recovered(20, 'task:t_9'),
      ],
      { strategy: 'recovery' },
      /1 acknowledged row did not come back, though they were named, which is no excuse here; the first is task:t_9/,
    ],
    [
      'another row than the missing one is named',
      [...createdTasks(10, 'cli', 't_1', 't_9'), recovered(20, 'task:t_8')],
      { strategy: 'recovery' },
      /the first is task:t_9/,
    ],
    [
      'no board comes back',
      createdTasks(10, 'cli', 't_1'),
      { strategy: 'recovery', autopsy: gone },
      /no board that can be read has come back/,
    ],
    [
      'a row comes back twice',
      createdTasks(10, 'cli', 't_1'),
      { strategy: 'recovery', autopsy: rows('task:t_1', 'task:t_1') },
      /task:t_1 is on the board twice/,
    ],
    [
      'a row comes back that was rolled back',
      [at(10, 'cli', 'rolled-back', { table: 'board', keys: ['task:t_2'] })],
      { strategy: 'recovery' },
      /task:t_2 is on the board, though cli was told that its transaction was rolled back/,
    ],
    [
      'a task that was done is not any more',
      [at(20, one, 'run-ended', { task: 't_1', run: 1, by: one, outcome: 'completed' })],
      { strategy: 'recovery', autopsy: withStatus('ready') },
      /t_1 was done, acknowledged to gateway-1, and is "ready" at the end: an older state came back/,
    ],
  ],
  'no-false-alarm': [
    [
      'a sound board is put into quarantine',
      [quarantined(20, one, 'a')],
      {},
      /gateway-1 put kanban\.db into quarantine/,
    ],
    ['a sound board is backed up', [backup(20, one)], {}, /gateway-1 made the backup kanban\.db\.corrupt\.20\.bak/],
    [
      'a sound board is refused',
      [corruptError(20, one, { code: 'SQLITE_ERROR', message: 'no such table: tasks' })],
      {},
      /gateway-1 refused kanban\.db as corrupt \(SQLITE_ERROR\) at step 20/,
    ],
    ['a commit is taken for damage', [tornExtend], {}, /gateway-1\/dispatcher refused the board \(TORN_EXTEND\)/],
    [
      'after a passing I/O error',
      [quarantined(20, one, 'a')],
      { strikes: [struck(10, 'io-hiccup', 15)] },
      /gateway-1 put kanban\.db into quarantine/,
    ],
    ['damage came later', [quarantined(20, one, 'a'), corruptError(30, one)], {}, /into quarantine at step 20/],
    ['a fault damaged it later', [backup(20, one)], { strikes: [struck(30, 'corrupt')] }, /made the backup/],
  ],
  'no-orphan': [
    [
      'a start from a shell is not refused',
      [unitUp(0, one), shellUp(10, two), down(20, two)],
      { strategy: 'guard' },
      /gateway-2, .* came up at 10\.0 s, and gateway-1 of the unit gw at 0\.0 s: the start .* was not refused/,
    ],
    [
      'it outlives a restart of the unit that was to kill it',
      [shellUp(10, one), unitUp(20, two)],
      { strategy: 'adopt' },
      /both were up until 3600\.0 s/,
    ],
    [
      'a unit starts beside it',
      [shellUp(10, one), unitUp(20, two), down(141, one)],
      { strategy: 'adopt-refuse' },
      /until 141/,
    ],
    ['it starts beside a unit', [unitUp(10, one), shellUp(20, two)], { strategy: 'adopt-refuse' }, /both were up/],
    ['the watchdog does not bite', [unitUp(10, one), shellUp(20, two)], { strategy: 'watchdog' }, /both were up/],
    [
      'nor before a fault that comes later',
      [shellUp(10, one), unitUp(20, two), down(401, one)],
      { strategy: 'watchdog', strikes: [struck(300, 'pause', 600)] },
      /both were up until 401\.0 s/,
    ],
    [
      'nor when a fault is over',
      [shellUp(10, one), unitUp(20, two), down(401, one)],
      { strategy: 'watchdog', strikes: [struck(30, 'pause', 280)] },
      /both were up until 401\.0 s/,
    ],
  ],
};

const holding: { readonly [invariant: string]: readonly Case[] } = {
  'one-claim': [
    ['claims after ends', [...claim(10, one, 1), ...ended(20, one, 1, 'reclaimed'), ...claim(30, two, 2)]],
    ['claims of two tasks', [...claim(10, one, 1), ...claim(20, two, 2, 't_2')]],
    [
      'an end that is observed after the claim that it allows',
      [...claim(10, one, 1), ...ended(20, three, 1, 'crashed').slice(0, 2), ...claim(22, two, 2)].concat(
        ended(28, three, 1, 'crashed').slice(2),
      ),
    ],
    [
      'an end of which nobody could tell: killed before COMMIT returned',
      [...claim(10, one, 1), ...cutShort(20, three, false), ...claim(30, two, 2)],
      { deaths: [death(three, 25)] },
    ],
    [
      'an end of which nobody could tell: killed right after',
      [...claim(10, one, 1), ...cutShort(20, `${three}/dispatcher`, true), ...claim(30, two, 2)],
      { deaths: [death(three, 25)] },
    ],
    [
      'an end of which nobody could tell: COMMIT failed',
      [
        ...claim(10, one, 1),
        ...cutShort(20, `${one}/dispatcher`, false),
        { ...tornExtend, step: 22 },
        ...claim(30, two, 2),
      ],
    ],
    [
      'an end of which nobody could tell: COMMIT failed, and the lane went on without a word',
      [...claim(10, one, 1), ...cutShort(20, `${two}/dispatcher`, false), ...claim(30, two, 2)],
    ],
    [
      'two attempts with a worker each, also where a lost run number comes again',
      [
        ...claim(10, one, 1),
        spawned(14, one, 1, 'w-1'),
        ...ended(20, 'w-1', 1, 'crashed'),
        ...claim(30, two, 1),
        spawned(34, two, 1, 'w-2'),
        ...ended(40, 'w-2', 1, 'completed'),
      ],
    ],
  ],
  'one-dispatcher': [
    ['two at once, where nothing is promised', [begins(10, one), begins(20, two), ends(30, two), ends(40, one)]],
    ['one after the other', [begins(10, one), ends(11, one), begins(20, two), ends(21, two)], { strategy: 'leader' }],
    [
      'the leader is killed in the middle, the next takes over',
      [begins(10, one), begins(20, two), ends(30, two)],
      { strategy: 'leader', deaths: [death(one, 15)] },
    ],
    ['a run that ends in the middle', [begins(10, one), ends(11, one), begins(20, one)], { strategy: 'leader' }],
    [
      'dispatchers that all ask the server',
      [up(0, one), up(0, two), begins(10, one), begins(11, two), ends(12, one), ends(13, two)],
      { strategy: 'proxy', looks: look(...files('board-server', 3), ...files(one, 2, 'gateway.lock')) },
    ],
    [
      'a person beside the server',
      [begins(10, one), ends(11, one)],
      { strategy: 'proxy', looks: look(...files('reindex-1', 1)) },
    ],
  ],
  'no-wedge': [['a gateway that goes down at once', [up(0, one), down(1, one)]]],
  'bounded-reaction': [
    ['an error in each process, one backup', [corruptError(10, one), corruptError(11, two), backup(12, two)]],
    [
      'an error and a backup for each fingerprint',
      [
        corruptError(10, one),
        quarantined(11, one, 'a'),
        backup(12, one),
        corruptError(20, one),
        quarantined(21, one, 'b'),
        backup(22, one),
      ],
    ],
    [
      'a second corruption',
      [corruptError(10, one), backup(12, one), corruptError(30, one), backup(32, one)],
      {
        strikes: [struck(5, 'corrupt'), struck(20, 'corrupt')],
      },
    ],
    [
      'a board that a person replaced',
      [corruptError(10, one), at(20, 'op', 'operator', { act: 'replace' }), corruptError(30, one)],
    ],
    [
      'as many backups and handles as may be',
      [],
      {
        autopsy: examined({ files: [...backupFiles(10), { name: 'kanban.db.corrupt.0.bak-wal', bytes: 1 }] }),
        looks: look(...files(one, 64), ...files(two, 64)),
      },
    ],
  ],
  'no-silent-loss': [
    ['all tasks are there', createdTasks(10, 'cli', 't_1', 't_2')],
    ['one of two is there: loss, but not of the board', createdTasks(10, 'cli', 't_1', 't_9')],
    ['a new board before any task', [created(5, one), ...createdTasks(10, 'cli', 't_1')]],
    ['two processes that make one board', [...createdTasks(10, 'cli', 't_1'), created(20, one)]],
    ['no task was ever acknowledged', [created(5, one)], { autopsy: rows() }],
    ['a board that is damaged, for all to see', createdTasks(10, 'cli', 't_9'), { autopsy: damaged }],
    [
      'a board that is gone, for all to see',
      createdTasks(10, 'cli', 't_9'),
      {
        autopsy: gone,
      },
    ],
    ['a person wants a new board', [...createdTasks(10, 'cli', 't_9'), wanted(20)], { autopsy: rows() }],
    [
      'a person wants a new board, where recovery keeps the old one',
      [...createdTasks(10, 'cli', 't_9'), wanted(20)],
      { strategy: 'recovery', autopsy: rows() },
    ],
    [
      'what cannot come back is named',
      [
        ...createdTasks(10, 'cli', 't_1', 't_9'),
        at(15, 'op', 'operator', { act: 'replace' }),
        recovered(20, 'task:t_9'),
      ],
      { strategy: 'recovery', strikes: [{ ...struck(14, 'file-damage'), changed: true }] },
    ],
    [
      'what cannot come back is named, and there is no journal that would have it',
      [
        ...createdTasks(10, 'cli', 't_1', 't_9'),
        at(15, 'op', 'operator', { act: 'replace' }),
        recovered(20, 'task:t_9'),
      ],
      { strategy: 'snapshots' },
    ],
    [
      'its time is not over',
      [...createdTasks(10, 'cli', 't_1', 't_9'), at(3590, 'op', 'operator', { act: 'replace' })],
      { strategy: 'recovery' },
    ],
    [
      'a person has just put an older state there',
      [
        at(20, one, 'run-ended', { task: 't_1', run: 1, by: one, outcome: 'completed' }),
        at(3590, 'op', 'operator', { act: 'replace' }),
      ],
      { strategy: 'recovery', autopsy: withStatus('ready') },
    ],
    [
      'what was rolled back stays away',
      [at(10, 'cli', 'rolled-back', { table: 'board', keys: ['task:t_9'] })],
      { strategy: 'recovery' },
    ],
    [
      'a task that was done is still done',
      [at(20, one, 'run-ended', { task: 't_1', run: 1, by: one, outcome: 'completed' })],
      { strategy: 'recovery', autopsy: withStatus('done') },
    ],
  ],
  'no-false-alarm': [
    ['no alarm', [corruptError(10, one)].slice(1)],
    ['SQLite found it malformed', [corruptError(10, one), backup(11, one), quarantined(12, one, 'a')]],
    [
      'the guard says what SQLite said, its backup made just before',
      [
        backup(10, one),
        corruptError(11, one, {
          code: 'KANBAN_DB_CORRUPT',
          message: "… integrity_check returned 'Rowid 14 out of order'",
        }),
      ],
    ],
    ['it is damaged at the end', [quarantined(20, one, 'a')], { autopsy: damaged }],
    ['rows are without a parent at the end', [quarantined(20, one, 'a')], { autopsy: examined({ foreignKeys: 1 }) }],
    ['an index lies at the end', [quarantined(20, one, 'a')], { autopsy: examined({ tables: [differing] }) }],
    ['a fault had damaged it', [quarantined(20, one, 'a')], { strikes: [struck(10, 'corrupt')] }],
    [
      'a person had replaced it',
      [at(10, 'op', 'operator', { act: 'replace' }), corruptError(20, one, { code: 'KANBAN_DB_GONE', message: '' })],
    ],
  ],
  'no-orphan': [
    ['an orphan, where nothing is promised', [shellUp(10, one), unitUp(20, two)]],
    [
      'an orphan beside the unit of another profile',
      [up(10, one, { profile: 'jimmy' }), unitUp(20, two)],
      { strategy: 'watchdog' },
    ],
    ['a start from a shell before the unit', [shellUp(10, one), unitUp(20, two)], { strategy: 'guard' }],
    ['a forced start', [unitUp(0, one), up(10, two, { force: true })], { strategy: 'guard' }],
    ['a start when the unit is down', [unitUp(0, one), down(5, one), shellUp(10, two)], { strategy: 'guard' }],
    [
      'an orphan that came up after the unit that would kill it',
      [unitUp(0, one), shellUp(10, two)],
      { strategy: 'adopt' },
    ],
    [
      'an orphan that is killed in time',
      [shellUp(10, one), unitUp(20, two)],
      { strategy: 'adopt', deaths: [death(one, 30)] },
    ],
    [
      'an orphan that the watchdog ends in time',
      [unitUp(0, one), shellUp(10, two), down(129, two)],
      { strategy: 'watchdog' },
    ],
    [
      'a run that ends before it must',
      [shellUp(10, one), unitUp(20, two)],
      {
        strategy: 'watchdog',
        plan: planUnder('watchdog', { horizonMs: 120_000 }),
      },
    ],
    [
      'an orphan that a fault holds up',
      [shellUp(10, one), unitUp(20, two), down(390, one)],
      {
        strategy: 'watchdog',
        strikes: [struck(30, 'pause', 280)],
      },
    ],
  ],
};

function found(name: string, observations: readonly Observation[], more: More = {}) {
  const invariant = kanbanInvariants.find((candidate) => candidate.name === name);
  return invariant?.check(runOf(observations, more)) ?? [];
}

test('a sound run violates nothing', () => {
  expect(kanbanInvariants.flatMap((invariant) => invariant.check(runOf([])))).toEqual([]);
});

test('every invariant of kanban is broken by a test, and held by another', () => {
  const names = kanbanInvariants.map(({ name }) => name).toSorted();
  expect(Object.keys(violating).toSorted()).toEqual(names);
  expect(Object.keys(holding).toSorted()).toEqual(names);
});

describe.each(Object.entries(violating))('%s is violated', (name, cases) => {
  test.each(cases)('when %s', (_what, observations, more, message) => {
    const violations = found(name, observations, more);
    expect(new Set(violations.map(({ invariant }) => invariant))).toEqual(new Set([name]));
    expect(violations.map((violation) => violation.message).join('\n')).toMatch(message);
  });
});

describe.each(Object.entries(holding))('%s holds', (name, cases) => {
  test.each(cases.map(([what, observations, more = {}]) => [what, observations, more] as const))(
    'when %s',
    (_what, observations, more) => {
      expect(found(name, observations, more)).toEqual([]);
    },
  );
});
