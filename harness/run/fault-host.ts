// What a fault may do to a run (run/faults/fault.ts, FaultHost), done: to processes and lanes, and to the disk from outside.
// What stays out: when it strikes, and the failure rules it leaves behind (fault-runner.ts).
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { stream } from '../model/random.ts';
import type { FaultHost } from './faults/fault.ts';
import { worldPath } from '../host/world-path.ts';
import { epochMs } from './epoch.ts';
import { losePower } from './lose-power.ts';
import type { RunState } from './run-state.ts';
import type { OpenStrike } from './strikes.ts';
import type { StrikeContext } from './strike-context.ts';

export function faultHost(context: StrikeContext): FaultHost {
  const { state, about, strike } = context;
  const nowMs = state.nowMs - epochMs;
  return {
    lane: about?.name,
    database: state.options.database,
    setup: state.options.setup,
    nowMs,
    random: stream('strike', state.options.plan.seed, strike.strike.fault),
    fail: context.fail,
    note: context.note,
    tearAndDie: (name, bytes) => {
      const lane = state.laneByName(name);
      if (lane !== undefined) context.tear(lane, bytes);
    },
    pause: (name, ms) => {
      const lane = state.laneByName(name);
      if (lane === undefined) return;
      lane.pausedUntilMs = Math.max(lane.pausedUntilMs, state.nowMs + ms);
      strike.pauseUntil(nowMs + ms);
    },
    collect: (name) => {
      const lane = state.laneByName(name);
      if (lane === undefined || lane.process.pooled.own === undefined) return false;
      lane.collects = true;
      return true;
    },
    losePower: (loss, offMs) => losePower(context, loss, offMs),
    ...server(context),
    ...processes(context),
    ...disk(state, nowMs, strike),
    ...filesBeside(context, nowMs),
  };
}

/** The server was to be killed inside a statement, and was not. */
function missedSentence(nth: number, progress: 'over' | 'waits'): string {
  const where = `before its write or sync number ${nth}`;
  return progress === 'waits'
    ? `the statement came to wait for another ${where}, so that the server was not killed`
    : `the statement was over ${where}, so that the server was not killed`;
}

type OnServer = Pick<
  FaultHost,
  'killServer' | 'checkpointServer' | 'fillServerDisk' | 'killServerInside' | 'cutConnection'
>;

function server({ state, control, strike, later, note }: StrikeContext): OnServer {
  const { store } = state.options;
  /** Of the connection on which a lane is about to do something, or waits for a notification. */
  const connectionOf = (name: string, kinds: readonly string[] = ['statement']): number => {
    const request = state.laneByName(name)?.request;
    return request !== undefined && 'connection' in request && kinds.includes(request.kind) ? request.connection : 0;
  };
  return {
    killServer: (offMs) => {
      if (store === undefined || !store.isOn) return false;
      store.kill();
      control.wakeWaiting();
      if (offMs === 0) store.start();
      else {
        strike.pauseUntil(state.nowMs - epochMs + offMs);
        later(offMs, () => store.start());
      }
      return true;
    },
    checkpointServer: () => {
      if (store === undefined || !store.isOn) return false;
      store.checkpoint();
      return true;
    },
    fillServerDisk: (isFull) => store?.fillDisk(isFull),
    killServerInside: (name, nth) => {
      const missed = (progress: 'over' | 'waits') => note(missedSentence(nth, progress));
      return store?.killInside(connectionOf(name), { nth, missed }) === true;
    },
    cutConnection: (name, when) => {
      const isCut = store?.cutAt(connectionOf(name, ['statement', 'notifications']), when) === true;
      if (isCut) control.wakeWaiting(); // for a notification: it hears of none any more
      return isCut;
    },
  };
}

type Processes = Pick<FaultHost, 'processOf' | 'startOf' | 'living' | 'kill' | 'rawRead' | 'freeName' | 'start'>;

function processes({ state, control, note, lastsUntilEnd }: StrikeContext): Processes {
  const fileTable = state.options.tables.files;
  return {
    processOf: (lane) => state.laneByName(lane)?.process.name ?? lane.split('/')[0] ?? lane,
    startOf: (name) => state.processByName(name),
    living: () =>
      state.processes
        .filter(({ ending }) => ending === undefined)
        .map((process) => ({
          name: process.name,
          group: process.group,
          lanes: process.lanes.filter(({ status }) => status !== 'ended').length,
          handles: fileTable.open().filter((file) => file.process === process.name).length,
        })),
    kill: (name) => {
      const process = state.processByName(name);
      if (process !== undefined) control.killProcess(process, { how: 'killed', signal: 'SIGKILL' });
    },
    rawRead: (name, files) => {
      const lane = state.processByName(name)?.lanes.find((other) => other.status !== 'ended');
      if (lane === undefined) return;
      control.rawRead(
        lane,
        files.flatMap((file) => worldPath(state.options.root, file) ?? []),
      );
    },
    freeName: (stem) => {
      let n = 1;
      while (state.isTaken(`${stem}-${n}`)) n++;
      return `${stem}-${n}`;
    },
    start: ({ name, program, args }, { detached = false, lasts }) => {
      if (state.isOff) {
        note(`the machine is off, so ${name} was not started`);
        return;
      }
      if (state.isTaken(name)) {
        note(`the name ${name} is taken, so nothing was started`);
        return;
      }
      control.startProcess(name, program, args, { detached });
      const process = state.processByName(name);
      if (lasts && process?.ending === undefined && process !== undefined) lastsUntilEnd(process);
    },
  };
}

/** The coordinator holds no lock on any of these files, so what it opens and closes drops nobody's. */
function disk(state: RunState, nowMs: number, strike: OpenStrike): Pick<FaultHost, 'sizeOf' | 'read' | 'overwrite'> {
  /** As if it were not there, where the name leads out of the world. */
  const fileAt = (file: string): string | undefined => {
    const path = worldPath(state.options.root, file);
    return path !== undefined && statSync(path, { throwIfNoEntry: false })?.isFile() === true ? path : undefined;
  };
  return {
    sizeOf: (file) => {
      const path = fileAt(file);
      return path === undefined ? undefined : statSync(path).size;
    },
    read: (file) => {
      const path = fileAt(file);
      return path === undefined ? undefined : readFileSync(path);
    },
    overwrite: (file, offset, bytes, page) => {
      const path = fileAt(file);
      if (path === undefined) return;
      const copyDisk = file === state.options.database ? state.options.copyDisk : undefined;
      const before = copyDisk?.();
      const fd = openSync(path, 'r+');
      writeSync(fd, bytes, 0, bytes.length, offset);
      closeSync(fd);
      state.mtimes.touch(file, nowMs);
      const after = copyDisk?.();
      if (before === undefined || after === undefined) strike.changes();
      else {
        const { ticket, settled } = before;
        const where = { page: page?.number ?? null, owner: page?.owner ?? null };
        strike.changes({ ...where, settled, before: ticket, after: after.ticket });
      }
    },
  };
}

type FilesBeside = Pick<FaultHost, 'filesIn' | 'cut' | 'remove'>;

function filesBeside({ state, strike, write }: StrikeContext, nowMs: number): FilesBeside {
  const { root } = state.options;
  const pathOf = (name: string): string | undefined => worldPath(root, name, 'itself');
  return {
    filesIn: (folder) => {
      const path = worldPath(root, folder);
      if (path === undefined || statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
      const entries = readdirSync(path, { withFileTypes: true });
      return entries.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).toSorted();
    },
    cut: (file, bytes) => {
      const path = pathOf(file);
      if (path === undefined) return;
      truncateSync(path, bytes);
      state.mtimes.touch(file, nowMs);
      strike.changes();
    },
    remove: (names) => {
      const gone = names.filter((name) => {
        const path = pathOf(name);
        const found = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
        if (path === undefined || found === undefined) return false;
        if (!found.isDirectory()) unlinkSync(path);
        else if (readdirSync(path).length === 0) rmdirSync(path);
        else return false;
        return true;
      });
      // Names mean other files from here on: whoever follows the trace forgets those that it knew (observe/file-table.ts).
      write({ kind: 'file-damage', gone });
      strike.changes();
    },
  };
}
