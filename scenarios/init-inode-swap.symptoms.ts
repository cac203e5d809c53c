// What the report of init-inode-swap saw, and how to tell whether a run saw it too. Pure functions of the history. What stays
// out: the report's own cause, `kanban init`; it is a claim, and what the file's replacement is blamed on here is who did it.
import type { Symptom } from '../harness/model/symptom.ts';
import type { History, OpenFile } from '../harness/model/history.ts';
import { isPresent, rowsPresent } from '../harness/judge/invariants/rows-present.ts';
import { type GatewayLog, gatewayLogs } from '../src/oracle/gateway-log.ts';
import { seconds, wordsOf } from '../src/oracle/said.ts';
import { count } from '../harness/model/count.ts';
import { processOf } from '../harness/model/names.ts';
import { initLooks } from './init-inode-swap.invariants.ts';
import { database } from './kanban/processes.ts';
import type { Workload } from './kanban/workload.ts';

/** Handles that the report counted in each gateway. */
const handlesReported = 40;

/** The first replacement of the file. @property process that did it; what it starts is called after it */
interface Swap {
  readonly way: string;
  readonly process: string;
  readonly step: number;
  readonly nowMs: number;
}

function swapOf({ observations }: History): Swap | undefined {
  const found = observations.find(({ kind }) => kind === 'replaced');
  if (found === undefined) return undefined;
  const { step, nowMs, lane, data } = found;
  return { way: (data as { readonly way: string }).way, process: processOf(lane), step, nowMs };
}

function isBy({ process }: Swap, lane: string): boolean {
  const name = processOf(lane);
  return name === process || name.startsWith(`${process}.`);
}

/** Gateways that were up when the file was replaced. */
function oldGateways(history: History, swap: Swap): ReadonlyMap<string, GatewayLog> {
  const logs = gatewayLogs(history.observations).filter(({ upMs }) => upMs < swap.nowMs);
  return new Map(logs.map((log) => [log.gateway, log]));
}

const files = [database, `${database}-wal`, `${database}-shm`];

function handlesOn(openFiles: readonly OpenFile[], gateway: string): readonly OpenFile[] {
  return openFiles.filter(({ process, file }) => process === gateway && files.includes(file));
}

function everyGatewayOpens(history: History): string | undefined {
  return openIn(history, 1);
}

function manyHandles(history: History): string | undefined {
  return openIn(history, handlesReported);
}

/** Connections that chats leave open are the workload's: so many handles are what it asks for. */
function leaksPlaced({ plan }: History): string | undefined {
  const { gateways } = plan.workload as unknown as Workload;
  const leaks = gateways.map(({ messages }) => messages.filter((message) => message.leaks).length);
  const [least, most] = [Math.min(...leaks), Math.max(...leaks)];
  if (most === 0) return undefined;
  return `the plan has ${least === most ? most : `${least} to ${most}`} chats of each gateway leave a connection open`;
}

/** All gateways have the board open, those that do not dispatch among them, each with so many handles on average. */
function openIn(history: History, handles: number): string | undefined {
  const logs = gatewayLogs(history.observations);
  const idle = logs.filter(({ runs }) => !runs.includes('dispatcher')).length;
  for (const { label, openFiles } of history.looks) {
    const held = logs.map(({ gateway }) => handlesOn(openFiles, gateway));
    const numbers = held.map(({ length }) => length);
    const all = held.flat();
    if (idle === 0 || Math.min(...numbers) === 0 || all.length < handles * logs.length) continue;
    const parts = files.map((file) => `${all.filter((one) => one.file === file).length} on ${file}`).join(', ');
    return (
      `look "${label}": ${logs.length} gateways, ${idle} of which do not dispatch, hold ${all.length} handles, ` +
      `${Math.min(...numbers)} to ${Math.max(...numbers)} each: ${parts}`
    );
  }
  return undefined;
}

function writesToBoth(history: History): string | undefined {
  const swap = swapOf(history);
  if (swap === undefined) return undefined;
  const old = oldGateways(history, swap);
  const stray = history.strayWrites.filter(({ process, lost }) => old.has(process) && isBy(swap, lost.by));
  const [first] = stray;
  const present = rowsPresent(history.autopsy);
  const later = wordsOf(history.observations, 'committed').filter(({ step }) => step > swap.step);
  const rows = later.flatMap(({ data: { table, keys } }) => keys.map((key) => ({ key, in: present.get(table) })));
  const kept = rows.filter(({ key, in: known }) => known !== undefined && isPresent(known, key)).length;
  if (first === undefined || kept === 0 || kept === rows.length) return undefined;
  const writers = stray.map(({ process, writes }) => `${old.get(process)?.profile} ${writes} times`).join(', ');
  return (
    `${swap.way} at ${seconds(swap.nowMs)}: gateways that were up before wrote to the ${first.file} that ${first.lost.by} had ` +
    `${first.lost.how} (${writers}); of ${rows.length} rows acknowledged from then on ${kept} are in the new file and ` +
    `${rows.length - kept} are gone`
  );
}

function failsInOldGateways(reported: string): (history: History) => string | undefined {
  return (history) => {
    const swap = swapOf(history);
    if (swap === undefined) return undefined;
    const old = oldGateways(history, swap);
    const failed = wordsOf(history.observations, 'tick-failed').filter(
      ({ data }) => old.has(data.gateway) && data.message === reported,
    );
    const after = failed.filter(({ step }) => step > swap.step);
    const [first] = after;
    if (first === undefined) return undefined;
    const { gateway, lane, code, statement } = first.data;
    const before = failed.length - after.length;
    return (
      `${count(after.length, 'tick')} of ${count(new Set(after.map(({ data }) => data.gateway)).size, 'old gateway')} after the ` +
      `swap (${before === 0 ? 'none' : before} before it); the first is the ${lane}’s of ${gateway} at ` +
      `${seconds(first.nowMs)}: ${code} in ${statement}`
    );
  };
}

function madeAnew(history: History): string | undefined {
  const swap = swapOf(history);
  if (swap === undefined) return undefined;
  const deletedIn = (openFiles: readonly OpenFile[]) =>
    openFiles.filter(({ file, deleted }) => file === database && deleted);
  const created = wordsOf(history.observations, 'board-created').find(({ step }) => step > swap.step);
  const look = history.looks.find(({ step, openFiles }) => step > swap.step && deletedIn(openFiles).length > 0);
  const afterInit = history.looks.find(({ label }) => label === initLooks.after);
  if (created === undefined || look === undefined || afterInit === undefined) return undefined;
  const held = deletedIn(look.openFiles);
  const before = deletedIn(afterInit.openFiles).length;
  return (
    `after ${swap.way} at ${seconds(swap.nowMs)} ${created.data.by} made a new one at ${seconds(created.nowMs)}: look ` +
    `"${look.label}": ${count(new Set(held.map(({ process }) => process)).size, 'gateway')} hold the deleted one in ` +
    `${held.length} handles; after \`kanban init\` alone ${before === 0 ? 'nobody' : before} did (look "${afterInit.label}")`
  );
}

export const symptoms: readonly Symptom[] = [
  {
    reported: 'every gateway opens the database, dispatching or not: seven',
    see: everyGatewayOpens,
  },
  { reported: 'about 40 handles in each, 280 and more together', see: manyHandles, staged: leaksPlaced },
  {
    reported: 'the database file is deleted and made anew (the report says: by `kanban init`)',
    see: madeAnew,
    staged: () => 'the plan has a person replace it',
  },
  { reported: 'old processes keep writing to the stale inode, new ones to the new', see: writesToBoth },
  { reported: 'disk I/O error', see: failsInOldGateways('disk I/O error') },
  { reported: 'database disk image is malformed', see: failsInOldGateways('database disk image is malformed') },
];
