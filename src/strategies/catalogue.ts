// The strategies that have names: each one axis away from the system as reported, but for those that were proposed as one
// fix of several parts. What stays out: combinations, which parse.ts makes out of these, and what the policies do.
import type { Policies } from '../policies/catalogue.ts';

/**
 * @property changes axes that differ from the system as reported
 * @property parts of a strategy that is a combination of others; it has no changes of its own then
 * @property sameAs the strategy that it is a second name of
 */
export interface Strategy {
  readonly name: string;
  readonly says: string;
  readonly changes: Partial<Policies>;
  readonly parts?: readonly string[];
  readonly sameAs?: string;
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
    name: 'postgres',
    says: 'the board in a PostgreSQL server, each write in a transaction of READ COMMITTED',
    changes: { store: 'postgres' },
  },
  {
    name: 'postgres-serializable',
    says: 'the board in a PostgreSQL server, each write in a SERIALIZABLE transaction that is tried again',
    changes: { store: 'postgres', isolation: 'serializable-retry' },
  },
  {
    name: 'postgres-notify',
    says: 'the board in a PostgreSQL server, which tells dispatchers and notifiers of work (LISTEN and NOTIFY)',
    changes: { store: 'postgres', notify: 'listen' },
  },
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
    name: 'leader-memory',
    says: 'one gateway dispatches, and while it lives nobody makes a new board, but by kanban init --new',
    changes: { dispatch: 'leader', recreation: 'leader' },
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
  {
    name: 'extra-sync',
    says: 'synchronous=EXTRA: full, and the folder when a journal has been deleted',
    changes: { synchronous: 'extra' },
  },
  { name: 'no-sync', says: 'synchronous=OFF', changes: { synchronous: 'off' } },
  { name: 'ofd-guard-armed', says: 'OFD locks by the first connection of a process', changes: { ofdGuard: 'armed' } },
  { name: 'ofd-guard', says: 'OFD locks, renewed at each open and checkpoint', changes: { ofdGuard: 'renewed' } },
  {
    name: 'ofd-guard-strict',
    says: 'OFD locks, without which no open succeeds',
    changes: { ofdGuard: 'strict' },
  },
  {
    name: 'generation-guard',
    says: 'a connection whose -wal or -shm is gone is halted for good',
    changes: { generation: 'sticky' },
  },
  {
    name: 'generation-reopen',
    says: 'a connection whose -wal or -shm is gone is closed and opened anew',
    changes: { generation: 'reopens' },
  },
  {
    name: 'generation-safe',
    says: 'a connection whose -wal or -shm is gone is halted, and never checkpoints',
    changes: { generation: 'safe-shutdown' },
  },
  { name: 'fchmod', says: 'modes are tightened by descriptors that are closed', changes: { modes: 'by-descriptor' } },
  { name: 'chmod-by-path', says: 'modes are tightened by name', changes: { modes: 'by-path' } },
  {
    name: 'version-gate',
    says: 'WAL is not enabled where SQLite has the WAL-reset bug',
    changes: { journal: 'version-gate' },
  },
  { name: 'probe-sets', says: 'a probe of the mode that is busy sets it', changes: { reissue: 'probe-sets' } },
  {
    name: 'bounded-init',
    says: 'a flock of 10 s round the first connect of a process (#50353)',
    changes: { initLock: 'bounded' },
  },
  {
    name: 'sentinel-table',
    says: 'tables are made again where one is gone',
    changes: { schema: 'sentinel-table' },
  },
  {
    name: 'passive-checkpoint',
    says: 'a PASSIVE checkpoint every 300 s from the tick',
    changes: { checkpoints: 'passive' },
  },
  {
    name: 'truncate-checkpoint',
    says: 'a TRUNCATE checkpoint every 300 s from the tick',
    changes: { checkpoints: 'truncate' },
  },
  {
    name: 'auto-reindex',
    says: 'quarantine, and damage of indexes only is mended in place',
    changes: { corruption: 'reindex' },
  },
  {
    name: 'boundary-retries',
    says: 'BEGIN and COMMIT are tried five times more',
    changes: { retries: 'boundary' },
  },
  { name: 'size-limit', says: 'journal_size_limit=8 MiB', changes: { sizeLimit: 'mib-8' } },
  { name: 'health-check', says: 'the 6-hourly check that kills, inits and restarts', changes: { health: 'checker' } },
];

/** What keeps processes out of each other's way without another journal mode, a recovery, or a byte on the disk. */
const leanParts = ['safe-read', 'leader', 'quarantine', 'no-downgrade', 'no-reissue', 'guard'] as const;

/** What ships in the newest published kanban_db of upstream (November 2026); OFD locks and generations are of its state.db alone. */
const upstreamParts = [
  'safe-read',
  'version-gate',
  'no-reissue',
  'no-downgrade',
  'full-sync',
  'sentinel-table',
  'passive-checkpoint',
  'size-limit',
  'boundary-retries',
  'auto-reindex',
  'leader-root',
  'leader-open',
  'guard',
] as const;
/** What brings a board back, whatever a person, a crash or a fault does to its file, with what keeps processes out of each other's way. */
const durableParts = [
  'delete',
  'extra-sync',
  'identity-commit',
  'recovery',
  'repair',
  'safe-read',
  'leader',
  'guard',
] as const;

/** The changes of several strategies, put together. They must not contradict each other: parse.ts tells. */
function together(names: readonly string[]): Partial<Policies> {
  const changes = simple.filter(({ name }) => names.includes(name)).map((strategy) => strategy.changes);
  return Object.assign({}, ...changes) as Partial<Policies>;
}

export const strategies: readonly Strategy[] = [
  ...simple,
  {
    name: 'lean',
    says: `the fixes that cost nothing, in WAL and without a recovery: ${leanParts.join('+')}`,
    changes: together(leanParts),
    parts: leanParts,
  },
  {
    name: 'upstream',
    says: `what upstream ships today: ${upstreamParts.join('+')}`,
    changes: together(upstreamParts),
    parts: upstreamParts,
  },
  {
    name: 'durable',
    says: `the board comes back whole, whatever becomes of its file: ${durableParts.join('+')}`,
    changes: together(durableParts),
    parts: durableParts,
  },
  {
    name: 'best',
    says: 'what the measurements recommend: durable',
    changes: together(durableParts),
    parts: ['durable'],
    sameAs: 'durable',
  },
];

/** Strategies that can be named, and that nothing lists or proposes; what they change may be `addedValues` of the policies. */
export const addedStrategies = new Map<string, Strategy>();
