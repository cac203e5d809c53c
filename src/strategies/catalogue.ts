// The strategies that have names: each one axis away from the system as reported, but for those that were proposed as one
// fix of several parts. What stays out: combinations, which parse.ts makes out of these, and what the policies do.
import type { Axis, Policies } from '../policies/catalogue.ts';

/**
 * @property changes axes that differ from the system as reported
 * @property parts of a strategy that is a combination of others; it has no changes of its own then
 */
export interface Strategy {
  readonly name: string;
  readonly says: string;
  readonly changes: Partial<Policies>;
  readonly parts?: readonly string[];
}

/** The first is the default. */
const simple: readonly Strategy[] = [
  { name: 'wal', says: 'as reported: WAL, and a raw header read on every connect', changes: {} },
  { name: 'delete', says: 'journal_mode=DELETE instead of WAL', changes: { journal: 'delete' } },
  { name: 'truncate', says: 'journal_mode=TRUNCATE instead of WAL', changes: { journal: 'truncate' } },
  { name: 'persist', says: 'journal_mode=PERSIST instead of WAL', changes: { journal: 'persist' } },
  {
    name: 'no-reissue',
    says: 'sets the journal mode only where it is another one',
    changes: { reissue: 'when-different' },
  },
  { name: 'no-downgrade', says: 'never falls back from WAL to DELETE', changes: { downgrade: 'never' } },
  { name: 'safe-read', says: 'no raw read of a database that this process has open', changes: { probe: 'tracked' } },
  {
    name: 'post-commit',
    says: 'a raw read after every commit instead of on connect',
    changes: { probe: 'post-commit' },
  },
  { name: 'shared', says: 'one long-lived connection a process', changes: { connections: 'shared' } },
  {
    name: 'sentinel',
    says: 'a connection that each gateway pins for its lifetime',
    changes: { connections: 'sentinel' },
  },
  { name: 'reopen', says: 'long-lived connections, opened anew upon an I/O error', changes: { connections: 'reopen' } },
  { name: 'flock-write', says: 'a flock round each write transaction', changes: { lock: 'flock-write' } },
  { name: 'flock-session', says: 'a flock from before open until after close', changes: { lock: 'flock-session' } },
  {
    name: 'blocking-init',
    says: 'a flock round every connect, waited for without limit',
    changes: { initLock: 'blocking' },
  },
  {
    name: 'leader',
    says: 'one gateway a board dispatches; none where the lock fails',
    changes: { dispatch: 'leader' },
  },
  {
    name: 'leader-open',
    says: 'one gateway a board dispatches; every one where the lock file cannot be opened',
    changes: { dispatch: 'leader', leaderFailure: 'open' },
  },
  {
    name: 'leader-root',
    says: 'one gateway dispatches all boards below the shared root',
    changes: { dispatch: 'leader', leaderScope: 'root' },
  },
  { name: 'proxy', says: 'one process opens the database, the others ask it', changes: { dispatch: 'proxy' } },
  {
    name: 'participants',
    says: 'gateways that do not dispatch do not open the database',
    changes: { participation: 'dispatchers' },
  },
  { name: 'guard', says: 'a start from a shell beside a supervised gateway is refused', changes: { guard: 'refuse' } },
  { name: 'adopt', says: 'a starting gateway kills orphans of its identity', changes: { guard: 'adopt-kill' } },
  {
    name: 'adopt-refuse',
    says: 'a starting gateway refuses to run beside an orphan',
    changes: { guard: 'adopt-refuse' },
  },
  { name: 'watchdog', says: 'an orphan finds out that it is one, and exits', changes: { guard: 'watchdog' } },
  {
    name: 'quarantine',
    says: 'a damaged board is disabled until its file changes',
    changes: { corruption: 'quarantine' },
  },
  {
    name: 'repair',
    says: 'one process mends a damaged board, the others wait',
    changes: { corruption: 'repair' },
  },
  {
    name: 'identity',
    says: 'before each transaction: is the file still the one that the path names?',
    changes: { identity: 'before-transaction' },
  },
  {
    name: 'identity-commit',
    says: 'the same, and again before a COMMIT is acknowledged',
    changes: { identity: 'around-commit' },
  },
  {
    name: 'registry',
    says: 'no new board where one has been, but by kanban init --new',
    changes: { recreation: 'registry' },
  },
  {
    name: 'snapshots',
    says: 'snapshots beside the board, from which one that is gone is put back',
    changes: { recovery: 'snapshots' },
  },
  {
    name: 'recovery',
    says: 'an operations journal and snapshots beside the board, from which it comes back whole',
    changes: { recovery: 'journal' },
  },
  {
    name: 'full-sync',
    says: 'synchronous=FULL, a checkpoint every 100 pages, an init lock of 10 s (#33482, #50353)',
    changes: { synchronous: 'full', autocheckpoint: 'pages-100', initLock: 'bounded' },
  },
  { name: 'health-check', says: 'the 6-hourly check that kills, inits and restarts', changes: { health: 'checker' } },
];

/** The combination that measurements recommend. */
const bestParts = ['safe-read', 'leader', 'quarantine', 'no-downgrade', 'no-reissue', 'guard'] as const;

/** What brings a board back, whatever a person, a crash or a fault does to its file. */
const durableParts = ['delete', 'identity-commit', 'recovery', 'repair', 'flock-session'] as const;

/** The changes of several strategies, put together. They must not contradict each other: parse.ts tells. */
function together(names: readonly string[]): Partial<Policies> {
  const changes = simple.filter(({ name }) => names.includes(name)).map((strategy) => strategy.changes);
  return Object.assign({}, ...changes) as Partial<Policies>;
}

export const strategies: readonly Strategy[] = [
  ...simple,
  {
    name: 'best',
    says: `what the measurements recommend, on a SQLite without the WAL-reset bug: ${bestParts.join('+')}`,
    changes: together(bestParts),
    parts: bestParts,
  },
  {
    name: 'durable',
    says: `the board comes back whole, whatever becomes of its file: ${durableParts.join('+')}`,
    changes: together(durableParts),
    parts: durableParts,
  },
];

/** Strategies that can be named, and that nothing lists or proposes; what they change may be `addedValues` of the policies. */
export const addedStrategies = new Map<string, Strategy>();

/** Choices of which one makes the other senseless, and why. */
export interface Conflict {
  readonly choices: readonly (readonly [Axis, string])[];
  readonly because: string;
}

export const conflicts: readonly Conflict[] = [
  ...(['shared', 'sentinel', 'reopen'] as const).map((kept) => ({
    choices: [
      ['lock', 'flock-session'],
      ['connections', kept],
    ] as const,
    because: 'a connection that is never closed never gives its lock back, so nobody else could open the board',
  })),
  ...(['journal', 'snapshots'] as const).flatMap((kept): Conflict[] => [
    {
      choices: [
        ['recovery', kept],
        ['corruption', 'quarantine'],
      ],
      because: 'the quarantine keeps everybody away from a damaged board, also who could bring it back',
    },
    ...(['shared', 'reopen'] as const).map(
      (lasting): Conflict => ({
        choices: [
          ['recovery', kept],
          ['connections', lasting],
        ],
        because: 'a board is compared with what is kept of it when it is opened, and such a connection is opened once',
      }),
    ),
    {
      choices: [
        ['recovery', kept],
        ['dispatch', 'proxy'],
      ],
      because: 'a board is compared with what is kept of it when it is opened, and the server opens it once',
    },
  ]),
  {
    choices: [
      ['dispatch', 'proxy'],
      ['connections', 'sentinel'],
    ],
    because: 'under a proxy the gateways have no connection, so there is none to pin',
  },
  {
    choices: [
      ['dispatch', 'proxy'],
      ['connections', 'shared'],
    ],
    because: 'under a proxy the gateways have no connection, so their threads have none to share',
  },
];
