// What the report of orphan-dispatcher saw, and how to tell whether a run saw it too. Pure functions of the history. What
// stays out: what a history does not show. It knows no parent process, so an orphan is what was started detached, outside
// every unit; and no system calls past SQLite one by one, so the raw read shows by the locks that it cancelled.
import type { Symptom } from '../harness/model/symptom.ts';
import type { History, Look } from '../harness/model/history.ts';
import { isPresent, type KeysOfRows, rowsPresent } from '../harness/judge/invariants/rows-present.ts';
import type { Json } from '../harness/model/values.ts';
import { failuresOf, type GatewayLog, gatewayLogs, type LoggedTick } from '../src/oracle/gateway-log.ts';
import { ages } from './orphan-dispatcher.ages.ts';
import { twoDispatchers } from './orphan-dispatcher.marks.ts';

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

const minuteMs = 60_000;

function age(ms: number): string {
  const minutes = Math.round(ms / minuteMs);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The report gives ages in minutes. */
const isAbout = (ms: number, reportedMs: number) => Math.abs(ms - reportedMs) < minuteMs;

/** What the observations that are read here say, all kinds together. */
interface Said {
  readonly act?: string;
  readonly verb?: string;
  readonly label?: string;
  readonly by?: string;
  readonly code?: string;
  readonly statement?: string;
}

type Seen = Said & { readonly nowMs: number };

function seen({ observations }: History, ...kinds: readonly string[]): readonly Seen[] {
  return observations
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ nowMs, data }) => ({ nowMs, ...(data as Said) }));
}

/** The moment at which the person lists processes and open files. */
interface Found {
  readonly nowMs: number;
  readonly look: Look;
  /** Outside every unit, oldest first. */
  readonly orphans: readonly GatewayLog[];
  readonly own: readonly GatewayLog[];
}

function foundIn(history: History): Found | undefined {
  const look = history.looks.find(({ label }) => label === 'found');
  const nowMs = seen(history, 'operator').find(({ act, label }) => act === 'look' && label === 'found')?.nowMs;
  if (look === undefined || nowMs === undefined) return undefined;
  const died = new Map(history.deaths.map((death) => [death.process, death.nowMs]));
  const living = gatewayLogs(history.observations).filter(
    ({ gateway, upMs, downMs }) => upMs <= nowMs && (downMs ?? died.get(gateway) ?? Infinity) > nowMs,
  );
  const isOrphan = ({ unit, detached }: GatewayLog) => unit === null && detached;
  return { nowMs, look, orphans: living.filter(isOrphan), own: living.filter((log) => !isOrphan(log)) };
}

function named(logs: readonly GatewayLog[]): string {
  return logs.map(({ gateway }) => gateway).join(' and ');
}

function twoOutsideTheUnit(history: History): string | undefined {
  const found = foundIn(history);
  const [first, second] = found?.orphans ?? [];
  if (found === undefined || first === undefined || second === undefined) return undefined;
  return (
    `at ${seconds(found.nowMs)}, ${first.gateway} of ${first.profile} and ${second.gateway} of ${second.profile} are both ` +
    `detached and in no unit; the units' main processes are ${named(found.own)}`
  );
}

function twoAges(history: History): string | undefined {
  const found = foundIn(history);
  const [first, second] = found?.orphans ?? [];
  if (found === undefined || first === undefined || second === undefined) return undefined;
  const [older, younger] = [found.nowMs - first.upMs, found.nowMs - second.upMs];
  if (!isAbout(older, ages.runReplaceMs) || !isAbout(younger, ages.restartMs)) return undefined;
  return `at ${seconds(found.nowMs)}, ${first.gateway} is ${age(older)} old and ${second.gateway} ${age(younger)}`;
}

/** Wakings that were skipped, since each would have done what the tick before did, count as ticks. */
function ticksFrom(log: GatewayLog, fromMs: number, untilMs: number): number {
  return log.watchers.dispatcher
    .filter(({ nowMs }) => nowMs >= fromMs && nowMs <= untilMs)
    .reduce((sum, { repeats = 1 }) => sum + repeats, 0);
}

function untouchedByRestarts(history: History): string | undefined {
  const found = foundIn(history);
  const [oldest] = found?.orphans ?? [];
  if (found === undefined || oldest === undefined) return undefined;
  const restarts = seen(history, 'operator').filter(
    ({ act, verb, nowMs }) => act === 'systemctl' && verb === 'restart' && nowMs > oldest.upMs && nowMs < found.nowMs,
  );
  const last = restarts.at(-1);
  if (last === undefined) return undefined;
  const ticks = ticksFrom(oldest, last.nowMs, found.nowMs);
  if (ticks === 0) return undefined;
  return (
    `units were restarted ${restarts.length} times beside ${oldest.gateway}, the last time at ${seconds(last.nowMs)}; its ` +
    `dispatcher ticked ${ticks} times from then until ${seconds(found.nowMs)}`
  );
}

function twoDispatch(history: History): string | undefined {
  const orphans = new Set(gatewayLogs(history.observations).flatMap((log) => (log.detached ? [log.gateway] : [])));
  const claims = seen(history, 'claimed');
  const byOrphans = claims.filter(({ by }) => by !== undefined && orphans.has(by)).length;
  const turns = twoDispatchers.count(history);
  if (turns === 0 || byOrphans === 0 || byOrphans === claims.length) return undefined;
  return (
    `dispatchers of different processes took turns ${turns} times; of ${claims.length} claims the orphans made ` +
    `${byOrphans}, the units' own gateways ${claims.length - byOrphans}`
  );
}

/** As lsof showed it: several handles on the database in an orphan, beside those of the unit's own gateway. */
function severalHandles(history: History): string | undefined {
  const found = foundIn(history);
  if (found === undefined) return undefined;
  const handles = (gateway: string, suffix: string) =>
    found.look.openFiles.filter(({ process, file }) => process === gateway && file === `kanban.db${suffix}`).length;
  const said = ({ gateway }: GatewayLog) =>
    `${gateway} has kanban.db open ${handles(gateway, '')} times and kanban.db-wal ${handles(gateway, '-wal')} times`;
  const orphan = found.orphans.find(({ gateway }) => handles(gateway, '') >= 2 && handles(gateway, '-wal') >= 1);
  const own = found.own.find(({ gateway }) => handles(gateway, '') >= 1);
  return orphan === undefined || own === undefined
    ? undefined
    : `look "found": ${said(orphan)}, beside it ${said(own)}`;
}

/** Connections of the orphans that the plan left open: without these, what chats leave open is all there is. */
function leaksPlaced({ plan, strikes }: History): string | undefined {
  const lanes = strikes.flatMap(({ kind, fault }) => {
    const spec = plan.faults[fault];
    return kind === 'leaked-connection' && spec !== undefined && 'lane' in spec ? [spec.lane] : [];
  });
  return lanes.length === 0 ? undefined : `the plan leaves connections open, of ${lanes.join(' and ')}`;
}

function rawReads({ marks }: History): string | undefined {
  const times = marks['locks-cancelled'] ?? 0;
  if (times === 0) return undefined;
  return `${times} times a process opened, read and closed a file past SQLite on which it held locks, and lost them`;
}

/** Three stages of one dispatcher, and no tick went well between them. */
function errorMalformedQuarantine(history: History): string | undefined {
  for (const { gateway, watchers } of gatewayLogs(history.observations)) {
    let error: LoggedTick | undefined;
    let malformed: LoggedTick | undefined;
    for (const tick of watchers.dispatcher) {
      if (error !== undefined && malformed !== undefined && tick.skipped === 'quarantined') {
        return (
          `the dispatcher of ${gateway}: ${failuresOf([error])} at ${seconds(error.nowMs)}, ${failuresOf([malformed])} at ` +
          `${seconds(malformed.nowMs)}, and from ${seconds(tick.nowMs)} on quarantine: its ticks are skipped`
        );
      }
      if (tick.ok) [error, malformed] = [undefined, undefined];
      else if (tick.code?.startsWith('SQLITE_IOERR')) error ??= tick;
      else if (tick.code?.startsWith('SQLITE_CORRUPT') && error !== undefined) malformed ??= tick;
    }
  }
  return undefined;
}

const isTask = (key: Json): key is string => typeof key === 'string' && key.startsWith('task:');

function rowsGone(history: History): string | undefined {
  const present = rowsPresent(history.autopsy);
  const acknowledged = history.observations
    .filter(({ kind }) => kind === 'committed')
    .flatMap(({ data }) => {
      const { table, keys } = data as unknown as KeysOfRows;
      return keys.map((key) => ({ rows: present.get(table), key }));
    });
  const gone = acknowledged.flatMap(({ rows, key }) => (rows === undefined || isPresent(rows, key) ? [] : [key]));
  const tasks = gone.filter(isTask);
  if (tasks.length === 0) return undefined;
  return `${gone.length} of ${acknowledged.length} acknowledged rows are gone, among them ${tasks.join(' and ')}`;
}

function reindexInHiccup(history: History): string | undefined {
  for (const { kind, nowMs, liftedMs } of history.strikes) {
    if (kind !== 'io-hiccup') continue;
    const ended = history.observations.find(
      (one) =>
        one.kind.startsWith('sql-') &&
        one.lane.startsWith('reindex-') &&
        one.nowMs >= nowMs &&
        one.nowMs <= (liftedMs ?? Infinity),
    );
    if (ended === undefined) continue;
    const { code, statement } = ended.data as Said;
    const came = code === undefined ? 'went through' : `failed with ${code} in ${statement}`;
    const until = liftedMs === null ? 'the end' : seconds(liftedMs);
    return `the volume failed from ${seconds(nowMs)} to ${until}; REINDEX began at ${seconds(ended.nowMs)} and ${came}`;
  }
  return undefined;
}

export const symptoms: readonly Symptom[] = [
  {
    reported: 'two gateways live outside the units’ control groups, not MainPID',
    see: twoOutsideTheUnit,
  },
  {
    reported: 'they have been alive for 1 d 4 h and for 2 h 25 min',
    see: twoAges,
    staged: () => 'the plan starts them, and looks, at these times',
  },
  { reported: 'systemctl restart does not touch them', see: untouchedByRestarts },
  { reported: 'each ticks a dispatcher of its own, so two processes dispatch one board', see: twoDispatch },
  {
    reported: 'lsof: the orphan holds several read/write handles on kanban.db beside the unit’s own',
    see: severalHandles,
    staged: leaksPlaced,
  },
  {
    reported: 'strace: kanban.db is opened O_RDONLY before SQLite opens it (here: by the locks that this cancelled)',
    see: rawReads,
  },
  {
    reported: 'disk I/O error, then database disk image is malformed, then the dispatcher quarantines the board',
    see: errorMalformedQuarantine,
  },
  { reported: 'a task is lost (there: dropped in a rebuild by hand, which no run does)', see: rowsGone },
  {
    reported: 'a raw REINDEX of the live database in a transient hiccup of the volume',
    see: reindexInHiccup,
    staged: () => 'the plan has a person run it, and makes the volume fail meanwhile',
  },
];
