// Made-up results in the shapes that real comparisons have: one cell, 60, 600, long names, no failures, only failures. The
// numbers are drawn from a fixed sequence. What stays out: evidence (evidence.test-support.ts).
import { harmNames } from '../../harness/model/invariant.ts';
import { claimOutcomes } from '../../harness/model/judge-claim.ts';
import { boundsOf } from '../../harness/model/verdict.ts';
import {
  type About,
  type ResultCell,
  type ResultClaim,
  type ResultCost,
  type Results,
  resultsFormat,
} from '../results.ts';
import { explanation, invariantsOf, reachedOf } from './judged.test-support.ts';

type Verdict = ResultCell['verdict'];

const scenarios: About['scenarios'] = [
  {
    name: 'wal-unlink-wedge',
    says: 'verifiers come and go beside a gateway; from some point on its every tick fails with disk I/O error until a restart',
    source: 'hermes-agent #31158 (2026-05-23, Linux, SQLite 3.50.4)',
    window: 'close-beside-holder',
    engine: '3.50.4',
  },
  {
    name: 'checkpoint-race',
    says: 'four gateways and the command line write together for an hour; then indexes miss entries and pages cannot be read',
    source: 'hermes-agent #32424 (macOS, SQLite 3.51.0, four gateways)',
    window: 'acted-inside-commit',
    engine: '3.51.0',
  },
  {
    name: 'orphan-dispatcher',
    says: 'a gateway left behind by a shell command dispatches beside the unit’s own, and no restart of the service touches it',
    source: 'hermes-agent #35240 (Linux, systemd, SQLite 3.50.4)',
    window: 'started-from-shell',
    engine: '3.50.4',
  },
  {
    name: 'corrupt-board-storm',
    says: 'after an OOM kill the shared board is corrupt; three gateways refuse it, copy it and try again for ever',
    source: 'hermes-agent #33789 (three gateways on one board, Restart=always, SQLite 3.50.4)',
    window: 'damaged-under-gateways',
    engine: '3.50.4',
  },
  {
    name: 'init-inode-swap',
    says: 'the database file is replaced under seven gateways; old processes write to the stale inode, new ones to the new',
    source: 'hermes-agent #30445 (7 gateways, 2 dispatching, SQLite 3.50.4)',
    window: 'replaced-under-gateways',
    engine: '3.50.4',
  },
  {
    name: 'wal-reset',
    says: 'two writers and a checkpointer: the canary, which a blind search must find up to SQLite 3.51.2',
    source: 'sqlite.org/wal.html, section on the WAL-reset bug',
    window: 'wal-reset-in-checkpoint',
    engine: '3.51.2',
  },
];

const strategies: About['strategies'] = [
  { name: 'wal', says: 'as reported: WAL, and a raw header read on every connect' },
  { name: 'delete', says: 'journal_mode=DELETE instead of WAL' },
  { name: 'truncate', says: 'journal_mode=TRUNCATE instead of WAL' },
  { name: 'persist', says: 'journal_mode=PERSIST instead of WAL' },
  { name: 'no-reissue', says: 'sets the journal mode only where it is another one' },
  { name: 'no-downgrade', says: 'never falls back from WAL to DELETE' },
  { name: 'safe-read', says: 'no raw read of a database that this process has open' },
  { name: 'post-commit', says: 'a raw read after every commit instead of on connect' },
  { name: 'shared', says: 'one long-lived connection a process' },
  { name: 'sentinel', says: 'a connection that each gateway pins for its lifetime' },
  { name: 'reopen', says: 'long-lived connections, opened anew upon an I/O error' },
  { name: 'flock-write', says: 'a flock round each write transaction' },
  { name: 'flock-session', says: 'a flock from before open until after close' },
  { name: 'blocking-init', says: 'a flock round every connect, waited for without limit' },
  { name: 'leader', says: 'one gateway a board dispatches; none where the lock fails' },
  { name: 'leader-open', says: 'one gateway a board dispatches; every one where the lock file cannot be opened' },
  { name: 'leader-root', says: 'one gateway dispatches all boards below the shared root' },
  { name: 'proxy', says: 'one process opens the database, the others ask it' },
  { name: 'participants', says: 'gateways that do not dispatch do not open the database' },
  { name: 'guard', says: 'a start from a shell beside a supervised gateway is refused' },
  { name: 'adopt', says: 'a starting gateway kills orphans of its identity' },
  { name: 'adopt-refuse', says: 'a starting gateway refuses to run beside an orphan' },
  { name: 'watchdog', says: 'an orphan finds out that it is one, and exits' },
  { name: 'quarantine', says: 'a damaged board is disabled until its file changes' },
  { name: 'full-sync', says: 'synchronous=FULL, a checkpoint every 100 pages, an init lock of 10 s (#33482, #50353)' },
  { name: 'health-check', says: 'the 6-hourly check that kills, inits and restarts' },
  {
    name: 'best',
    says: 'what the measurements recommend, on a SQLite without the WAL-reset bug: safe-read+leader+quarantine+no-downgrade+no-reissue+guard',
  },
  { name: 'delete+leader+safe-read', says: 'delete, leader and safe-read together' },
];

const invariants: About['invariants'] = [
  { name: 'integrity', says: 'the database passes integrity_check at the end', about: 'harm' },
  { name: 'acknowledged-commits', says: 'every commit that somebody was told of is in the database', about: 'harm' },
  { name: 'no-wedge', says: 'no gateway fails for ever after it has once succeeded', about: 'harm' },
  { name: 'bounded-reaction', says: 'a damaged board is copied and reported a bounded number of times', about: 'harm' },
  { name: 'locks-held', says: 'the kernel holds every lock that SQLite believes it holds', about: 'hazard' },
  { name: 'no-deleted-files', says: 'no process has a database file open that has lost its name', about: 'hazard' },
];

const marks: About['marks'] = [
  { name: 'close-beside-holder', says: 'a process closes its last connection beside a living holder' },
  { name: 'locks-cancelled', says: 'locks were cancelled while a connection was open' },
  { name: 'acted-inside-commit', says: 'another process acted between the first and the last write of a commit' },
  { name: 'started-from-shell', says: 'a gateway was started from a shell beside the unit’s own' },
  { name: 'damaged-under-gateways', says: 'the database was damaged while gateways had it open' },
  { name: 'replaced-under-gateways', says: 'the file was replaced while gateways had it open' },
  { name: 'wal-reset-in-checkpoint', says: 'the WAL was reset inside a checkpoint of another process' },
];

const engines = ['3.50.4', '3.51.2', '3.54.1', '3.49.2', '3.51.0', '3.51.2+shm'] as const;

/** A fixed sequence of numbers from 0 to 1 (mulberry32). */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const harm = harmNames(invariants);

const nothing: Omit<
  ResultCell,
  keyof Place | 'verdict' | 'runs' | 'repeats' | 'replayed' | 'replayable' | 'marks' | 'reached' | 'reachedByReplay'
> = {
  failedRun: null,
  steps: 0,
  seconds: 0,
  upperBound: null,
  upperBoundAllRuns: null,
  explored: null,
  violations: [],
  hazards: [],
  noticed: { words: null, idle: [] },
  invariants: [],
  how: null,
  shipped: null,
  plan: null,
  full: null,
  hash: null,
  minimal: null,
  explanation: [],
  symptoms: [],
  borrowed: [],
  powerLoss: [],
  cut: false,
  evidence: null,
  error: null,
};

function failing(name: string, random: () => number): Partial<ResultCell> {
  const first = invariants[Math.floor(random() * 4)]?.name ?? 'integrity';
  const second = random() < 0.4 ? ['locks-held'] : [];
  const shipped = random() < 0.4;
  // A failure that memory knows is looked for by search, too, and sometimes not found.
  const runs = Math.ceil(random() * 120);
  const both = shipped && runs % 2 === 0;
  return {
    runs,
    replayed: shipped ? 1 : 0,
    replayable: shipped ? 1 : 0,
    failedRun: shipped && !both ? null : runs,
    violations: [first, ...second].map((invariant, place) => ({
      invariant,
      message: `gateway-1 fails for 3 ticks in a row with SQLITE_IOERR_SHORT_READ and does not recover (${name})`,
      step: place === 0 ? 92 : null,
    })),
    hazards: ['locks-held', 'no-deleted-files'],
    how: shipped ? 'shipped' : 'search',
    shipped: shipped ? 'scenarios/corpus/wal-unlink-wedge.json' : null,
    plan: `plans/${name}.json`,
    full: `plans/${name}.found.json`,
    hash: '06516abb3323d21538ce10ee5cabfaa13b341a4ca8c1a32485655c89c88be2c9',
    minimal: {
      locallyMinimal: true,
      size: { preemptions: 2, faults: 1, operations: 3, bytes: 214 },
      from: { preemptions: 41, faults: 2, operations: 24, bytes: 3980 },
    },
    explanation,
    symptoms: [
      {
        reported: 'every tick fails with disk I/O error',
        seen: true,
        staged: null,
        evidence: 'gateway-1, 3 ticks from 4.1 s on',
      },
      {
        reported: 'a fresh process reads the board',
        seen: true,
        staged: null,
        evidence: 'integrity ok, 2 tasks at 4.6 s',
      },
      { reported: 'the board lost rows', seen: false, staged: null, evidence: 'none was missing at the end' },
      { reported: 'it was 28 h old', seen: false, staged: 'the plan starts it then', evidence: 'gateway-1, 28 h' },
    ],
    evidence: `evidence/${name}.json`,
  };
}

function cellOf(place: Place, verdict: Verdict, random: () => number): ResultCell {
  const { scenario, strategy, engine } = place;
  const runs = 200;
  const window = scenarios.find(({ name }) => name === scenario)?.window ?? 'close-beside-holder';
  const name = `${scenario}.${strategy}.${engine}`;
  const more: Readonly<Record<Verdict, () => Partial<ResultCell>>> = {
    fail: () => failing(name, random),
    pass: () => ({ runs }),
    inconclusive: () => ({ runs }),
    error: () => ({
      runs: 3,
      error: {
        code: 'lane-silent',
        message: 'gateway-1/notifier did not come back within 10 s of real time; its last step was 1204 (write, wal).',
      },
    }),
  };
  const cell = {
    ...place,
    verdict,
    ...nothing,
    runs: 0,
    repeats: 0,
    replayed: 0,
    replayable: 0,
    marks: {},
    reached: 0,
    reachedByReplay: 0,
    ...more[verdict](),
  };
  const share = 0.05 + random() * 0.9;
  const reached = reachedOf(verdict, cell.runs, share);
  return {
    ...cell,
    ...boundsOf(verdict, { ...cell, reached }),
    invariants: verdict === 'error' ? [] : invariantsOf(harm, { ...cell, reached }),
    steps: cell.runs * 2231,
    seconds: cell.runs / 42,
    reached,
    reachedByReplay: cell.replayed,
    marks: { [window]: reached + cell.replayed, 'locks-cancelled': Math.floor(reached / 3) },
  };
}

interface Place {
  readonly scenario: string;
  readonly strategy: string;
  readonly engine: string;
}

function costOf(strategy: string, gateways: number, random: () => number): ResultCost {
  const commitsPerSecond = (900 + random() * 2400) / gateways ** 0.3;
  const p50Ms = (gateways / commitsPerSecond) * 700 * (0.8 + random() * 0.4);
  const round = (middle: number) => ({
    low: middle * (0.97 - random() * 0.04),
    high: middle * (1.03 + random() * 0.04),
  });
  return {
    strategy,
    engine: '3.54.1',
    gateways,
    samples: 4000,
    commitsPerSecond,
    commitsPerSecondInterval: round(commitsPerSecond),
    p50Ms,
    p50Interval: round(p50Ms),
    p95Ms: p50Ms * 2.4,
    p95Interval: round(p50Ms * 2.4),
    p99Ms: p50Ms * 6.1,
    p99Interval: round(p50Ms * 6.1),
    vfsCallsPerCommit: 20 + random() * 40,
    syncsPerCommit: random() * 3,
    bytesPerCommit: 8240 + random() * 9000,
    diskBytesPerCommit: 1100,
    handles: gateways * 3,
    cpuMsPerCommit: 4,
    serverCpuMsPerCommit: 0,
    memoryBytes: gateways * 60_000_000,
    serverMemoryBytes: 0,
    failed: random() < 0.1 ? 12 : 0,
  };
}

function claimsOf(cells: readonly ResultCell[]): readonly ResultClaim[] {
  return cells
    .filter((_, place) => place % 7 === 0)
    .slice(0, 24)
    .map(({ scenario, strategy, engine, verdict }, place) => ({
      scenario,
      strategy,
      engine,
      claim: 'with the raw read kept, this journal mode corrupts the database or loses acknowledged rows',
      source: 'reported: hermes-agent #31158: a 3-task stress was clean, no tick failed',
      expects: verdict === 'fail' ? 'violation' : 'none',
      outcome: claimOutcomes[place % 3] ?? 'untested',
      tried: place % 2 === 0,
      evidence: 'violated in run 37 of 200: integrity',
    }));
}

/** How a comparison is to be made up. `verdict` decides by place and by a number from 0 to 1. */
interface Recipe {
  readonly strategies: number;
  readonly scenarios: number;
  readonly engines: number;
  readonly verdict: (place: Place, chance: number) => Verdict;
  readonly about?: Partial<About>;
  readonly rename?: (name: string) => string;
}

/** Results after a recipe. */
export function resultsOf(recipe: Recipe): Results {
  const random = sequence(recipe.strategies * 1000 + recipe.scenarios * 10 + recipe.engines);
  const rename = recipe.rename ?? ((name: string) => name);
  const renamed = <T extends { readonly name: string }>(items: readonly T[]) =>
    items.map((item) => ({ ...item, name: rename(item.name) }));
  const kept = {
    scenarios: renamed(scenarios.slice(0, recipe.scenarios)),
    strategies: renamed(strategies.slice(0, recipe.strategies)),
    engines: engines.slice(0, recipe.engines),
  };
  const cells = kept.scenarios.flatMap(({ name: scenario }) =>
    kept.strategies.flatMap(({ name: strategy }) =>
      // As in the real catalogue: the canary is no kanban board, and has no strategy but the first.
      scenario === rename('wal-reset') && strategy !== rename('wal')
        ? []
        : kept.engines.map((engine) => {
            const place = { scenario, strategy, engine };
            return cellOf(place, recipe.verdict(place, random()), random);
          }),
    ),
  );
  return {
    format: resultsFormat,
    about: {
      version: '0.1.0',
      code: '5d0a1f1c3b7e88ab21a4a8f0f3d0c7e1d9b1f34c55a1c7b0e2a9a6f1f0b3c4d5',
      commit: '43868ed1c0ffee0123456789abcdef0123456789',
      changed: false,
      at: '2026-11-30T09:15:00.000Z',
      seconds: 5400,
      platform: 'Linux 6.12.9 x64, tmpfs',
      processors: '2 × AMD EPYC 7B13',
      node: '24.21.0',
      seed: 1,
      chooser: 'preemptions',
      bound: 0.05,
      jobs: 2,
      budget: { runs: 200, timeMs: null },
      short: false,
      shard: null,
      interrupted: false,
      ...kept,
      invariants,
      marks,
      ...recipe.about,
    },
    cells,
    claims: [...claimsOf(cells)],
    costs: kept.strategies.flatMap(({ name }) => [1, 4, 16].map((gateways) => costOf(name, gateways, random))),
  };
}

/** A verdict such as real comparisons give: old engines and cheap fixes fail, `best` never does. */
function plausible({ strategy, engine, scenario }: Place, chance: number): Verdict {
  if (strategy.startsWith('best') || strategy.includes('+')) return 'pass';
  if (strategy === 'watchdog' && scenario === 'orphan-dispatcher') return 'inconclusive';
  if (strategy === 'proxy' && engine === '3.51.2' && scenario === 'checkpoint-race') return 'error';
  const old = engine < '3.51' ? 0.55 : 0.25;
  if (chance < old) return 'fail';
  return chance > 0.95 ? 'inconclusive' : 'pass';
}

export const oneCell = (): Results => resultsOf({ strategies: 1, scenarios: 1, engines: 1, verdict: () => 'fail' });

/** 60 cells, with changes since a baseline. */
export function sixtyCells(): Results {
  const results = resultsOf({ strategies: 10, scenarios: 3, engines: 2, verdict: plausible });
  const [first, second, third] = results.cells;
  const changes = [first, second, third].flatMap((cell, place) => {
    if (cell === undefined) return [];
    const { scenario, strategy, engine, verdict } = cell;
    const before = verdict === 'fail' ? ('pass' as const) : ('fail' as const);
    return [{ scenario, strategy, engine, before: place === 2 ? null : before, after: verdict }];
  });
  return {
    ...results,
    baseline: { at: '2026-11-02T18:00:00.000Z', commit: '0a1b2c3d4e5f60718293a4b5c6d7e8f901234567', changes },
  };
}

/** As large as the whole catalogue on three engines: 28 strategies. */
export const catalogue = (): Results => resultsOf({ strategies: 28, scenarios: 6, engines: 3, verdict: plausible });

export const sixHundredCells = (): Results =>
  resultsOf({ strategies: 24, scenarios: 5, engines: 5, verdict: plausible });

export const noFailures = (): Results => resultsOf({ strategies: 5, scenarios: 3, engines: 2, verdict: () => 'pass' });

export const onlyFailures = (): Results =>
  resultsOf({ strategies: 6, scenarios: 3, engines: 2, verdict: () => 'fail', about: { interrupted: true } });

export const longNames = (): Results =>
  resultsOf({
    strategies: 6,
    scenarios: 4,
    engines: 6,
    verdict: ({ strategy }, chance) => (strategy.startsWith('wal') || chance < 0.2 ? 'fail' : 'pass'),
    rename: (name) => `${name}+leader-root+quarantine+no-downgrade+no-reissue+flock-session`,
    about: { shard: { index: 2, of: 8 } },
  });

export const empty = (): Results => ({
  ...resultsOf({ strategies: 0, scenarios: 0, engines: 0, verdict: () => 'pass' }),
});
