// What the report of wal-unlink-wedge saw, and how to tell whether a run saw it too. Pure functions of the history.
import type { Symptom } from '../harness/model/symptom.ts';
import type { History } from '../harness/model/history.ts';
import { acknowledgedCommits } from '../harness/judge/invariants/acknowledged-commits.ts';
import { failingTail, failuresOf, type GatewayLog, gatewayLogs, type LoggedTick } from '../src/oracle/gateway-log.ts';

interface Wedge {
  readonly log: GatewayLog;
  readonly tail: readonly LoggedTick[];
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The first gateway that is wedged at its end, and when. */
function wedgeOf(history: History): Wedge | undefined {
  for (const log of gatewayLogs(history.observations)) {
    const tail = failingTail(log.watchers.dispatcher);
    const [first] = tail;
    if (first !== undefined && tail.length >= 3) {
      return { log, tail, fromMs: first.nowMs, untilMs: log.downMs ?? history.virtualMs };
    }
  }
  return undefined;
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** What fresh processes read while a gateway was wedged. */
function freshReads(history: History): readonly { readonly nowMs: number; readonly data: Fresh }[] {
  const wedge = wedgeOf(history);
  if (wedge === undefined) return [];
  return history.observations
    .filter(({ kind, nowMs }) => kind === 'fresh-read' && nowMs >= wedge.fromMs && nowMs <= wedge.untilMs)
    .map(({ nowMs, data }) => ({ nowMs, data: data as unknown as Fresh }));
}

interface Fresh {
  readonly ok: boolean;
  readonly integrity?: string;
  readonly quick?: string;
  readonly tasks?: number;
  readonly events?: number;
}

/** At least three completions before; disk I/O errors only; release_stale_claims among what fails. */
function failingTicks(history: History): string | undefined {
  const wedge = wedgeOf(history);
  if (wedge === undefined) return undefined;
  const { log, tail, fromMs, untilMs } = wedge;
  const completions = history.observations.filter(
    ({ kind, nowMs, data }) =>
      kind === 'verified' && nowMs < fromMs && (data as { readonly verdict?: string }).verdict === 'complete',
  ).length;
  if (completions < 3) return undefined;
  if (!tail.every(({ code }) => code?.startsWith('SQLITE_IOERR'))) return undefined;
  if (!tail.some(({ statement }) => statement === 'release_stale_claims')) return undefined;
  return (
    `after ${completions} verifier completions all ${tail.length} ticks of ${log.gateway} from ${seconds(fromMs)} ` +
    `until its end at ${seconds(untilMs)} fail: ${failuresOf(tail)}`
  );
}

/** As lsof showed it: three inodes of -wal and one of -shm at least, all in one gateway. */
function deletedHandles(history: History): string | undefined {
  const gateways = new Set(gatewayLogs(history.observations).map(({ gateway }) => gateway));
  let best: string | undefined;
  let most = 0;
  for (const { label, openFiles } of history.looks) {
    for (const gateway of gateways) {
      const deleted = openFiles.filter((file) => file.process === gateway && file.deleted);
      const inodes = (suffix: string) =>
        new Set(deleted.filter(({ file }) => file.endsWith(suffix)).map(({ generation }) => generation)).size;
      const [wal, shm] = [inodes('-wal'), inodes('-shm')];
      if (wal < 3 || shm < 1 || wal + shm <= most) continue;
      most = wal + shm;
      best = `look "${label}": ${gateway} holds ${wal} deleted inodes of -wal and ${shm} of -shm in ${deleted.length} handles`;
    }
  }
  return best;
}

function integrityOk(history: History): string | undefined {
  const read = freshReads(history).find(({ data }) => data.integrity === 'ok' && data.quick === 'ok');
  return read === undefined
    ? undefined
    : `integrity_check and quick_check said ok at ${seconds(read.nowMs)}, in the middle of the wedge`;
}

function freshReaderWell(history: History): string | undefined {
  const read = freshReads(history).find(({ data }) => data.ok);
  if (read === undefined) return undefined;
  return `a fresh process read ${read.data.tasks} tasks and ${read.data.events} events at ${seconds(read.nowMs)}`;
}

function restartCures(history: History): string | undefined {
  const wedge = wedgeOf(history);
  if (wedge === undefined) return undefined;
  const after = gatewayLogs(history.observations).find(
    ({ upMs, watchers: { dispatcher, notifier } }) =>
      upMs >= wedge.untilMs && dispatcher.length > 0 && [...dispatcher, ...notifier].every(({ ok }) => ok),
  );
  if (after === undefined) return undefined;
  const { dispatcher, notifier } = after.watchers;
  return `${after.gateway}, up at ${seconds(after.upMs)}: ${dispatcher.length} dispatcher and ${notifier.length} notifier ticks, each well`;
}

export const symptoms: readonly Symptom[] = [
  {
    reported: 'after 3–4 verifier completions every dispatcher tick fails with disk I/O error in release_stale_claims',
    see: failingTicks,
  },
  {
    reported: 'lsof of the gateway: kanban.db-shm (DEL), kanban.db-wal (deleted) three times, three different inodes',
    see: deletedHandles,
  },
  { reported: 'integrity_check and quick_check are ok meanwhile', see: integrityOk },
  { reported: 'a fresh process reads fine; only the long-lived process is wedged', see: freshReaderWell },
  { reported: 'a restart of the gateway cures it', see: restartCures },
  {
    reported: 'writes acknowledged to the gateway are lost (measured later; the report did not look)',
    see: (history) => acknowledgedCommits.check(history)[0]?.message,
  },
];
