// What lanes ask of the coordinator, and what blocks them: sleeps, messages, waits, mutexes, further processes and
// threads. `park` decides whether a parked lane can run, `answer` does what it asked at the moment it is granted.
// What stays out: the order in which lanes run (run.ts).
import { statSync } from 'node:fs';
import { op } from '../gate/protocol.ts';
import type { SpawnOptions } from '../lane/world.ts';
import type { Json } from '../model/values.ts';
import { isProcessName } from '../model/names.ts';
import { quoted } from '../model/visible.ts';
import { worldPath } from '../host/world-path.ts';
import type { Channel } from './channel.ts';
import type { LaneState, ProcessState } from './lanes.ts';
import type { RunControl, RunState } from './run-state.ts';
import { noSuchProgram } from './run-errors.ts';

type Answer = { readonly value?: Json } | { readonly error: string };

/** Splits off the first word. */
function word(text: string): readonly [string, string] {
  const space = text.indexOf(' ');
  return space < 0 ? [text, ''] : [text.slice(0, space), text.slice(space + 1)];
}

function isNothing(text: string): boolean {
  return text.trim() === '';
}

export class Requests {
  readonly #state: RunState;
  readonly #control: RunControl;
  /** Threads being started: their channel, until the parent says that it has made them. */
  readonly #starting = new Map<string, { channel: Channel; fresh: boolean; program: string; args: Json }>();
  readonly #inodes = new Map<string, number>();

  constructor(state: RunState, control: RunControl) {
    this.#state = state;
    this.#control = control;
  }

  /** A lane has parked: can it run? */
  park(lane: LaneState): void {
    const { pending } = lane;
    const { nowMs } = this.#state;
    lane.wakeMs = Infinity;
    if (pending.op === op.sleep)
      this.#sleep(lane, this.#state.stopping || lane.process.stopping ? nowMs : nowMs + pending.b);
    else if (pending.op === op.busySleep) this.#sleep(lane, nowMs + Math.max(1, Math.ceil(pending.a / 1000)));
    else if (pending.op === op.ask && pending.text.startsWith('thread-started ')) this.#awaitThread(lane);
    else if (pending.op === op.ask && this.#blocks(lane)) {
      lane.status = 'waiting';
      const timeout = this.#timeoutOf(lane);
      lane.wakeMs = timeout === undefined ? Infinity : nowMs + timeout;
      if ((this.#state.stopping || lane.process.stopping) && this.#interruptible(lane)) this.#state.giveWay(lane);
    }
  }

  /** Of several lanes that waited for one mutex, the first to run takes it: the others wait on. */
  recheckMutexes(): void {
    for (const lane of this.#state.lanes) {
      if (
        lane.status === 'ready' &&
        lane.pending.op === op.ask &&
        lane.pending.text.startsWith('lock ') &&
        this.#blocks(lane)
      ) {
        lane.status = 'waiting';
      }
    }
  }

  /** Something happened (a message, an ending, a mutex given back): who waits for it can run. */
  wake(): void {
    for (const lane of this.#state.lanes) {
      if (lane.status === 'waiting' && !this.#blocks(lane)) this.#state.makeReady(lane);
    }
  }

  /** Time has come for those that sleep or wait no longer than until now. */
  wakeByTime(woken: (lane: LaneState) => void): void {
    for (const lane of this.#state.lanes) {
      if (lane.status === 'ended' || lane.status === 'ready' || lane.wakeMs > this.#state.nowMs) continue;
      woken(lane);
      this.#state.makeReady(lane);
    }
  }

  /** The plan's end, or SIGTERM: the World's sleeps and waits end early; SQLite's own busy sleeps do not. */
  interruptSleeps(lanes: readonly LaneState[]): void {
    for (const lane of lanes) {
      if ((lane.status === 'asleep' || lane.status === 'waiting') && this.#interruptible(lane)) {
        this.#state.makeReady(lane);
      }
    }
  }

  /** Does what the pending step asks for. Result: the text of the grant. */
  answer(lane: LaneState): string {
    if (lane.pending.op === op.stat) return this.#statOf(lane);
    if (lane.pending.op !== op.ask) return '';
    return JSON.stringify(this.#doOrRefuse(lane, lane.pending.text));
  }

  #sleep(lane: LaneState, wakeMs: number): void {
    lane.status = 'asleep';
    lane.wakeMs = wakeMs;
    if (wakeMs <= this.#state.nowMs) this.#state.giveWay(lane);
  }

  #interruptible(lane: LaneState): boolean {
    const { pending } = lane;
    if (pending.op === op.sleep) return true;
    return pending.op === op.ask && /^(receive|wait) /.test(pending.text);
  }

  #timeoutOf(lane: LaneState): number | undefined {
    const [verb, rest] = word(lane.pending.text);
    const given = verb === 'receive' ? rest : verb === 'wait' ? word(rest)[1] : '';
    return isNothing(given) ? undefined : Number(given);
  }

  #blocks(lane: LaneState): boolean {
    const [verb, rest] = word(lane.pending.text);
    if (verb === 'receive') return lane.mailbox.length === 0;
    if (verb === 'wait') return this.#endingOf(word(rest)[0]) === undefined;
    if (verb === 'lock') {
      const held = lane.process.mutexes.get(rest);
      return held !== undefined && held.owner !== lane;
    }
    return false;
  }

  #endingOf(name: string): Json | undefined {
    const process = this.#state.processByName(name);
    const known = process ?? this.#state.laneByName(name);
    return known === undefined ? { how: 'threw', error: 'unknown' } : known.ending;
  }

  /** A request that is no JSON where it should be is the lane's error, not the coordinator's. */
  #doOrRefuse(lane: LaneState, text: string): Answer {
    try {
      return this.#do(lane, text);
    } catch (error) {
      if (error instanceof SyntaxError) return { error: `The coordinator cannot read the request "${text}".` };
      throw error;
    }
  }

  #do(lane: LaneState, text: string): Answer {
    const [verb, rest] = word(text);
    switch (verb) {
      case 'spawn':
        return this.#spawn(lane, rest);
      case 'thread':
        return this.#thread(lane, rest);
      case 'thread-started':
        return this.#threadStarted(lane, rest);
      case 'wait':
      case 'poll':
        return this.#poll(word(rest)[0]);
      case 'kill':
        return this.#kill(rest);
      case 'kill-group':
        return this.#killGroup(rest);
      case 'processes':
        return { value: this.#living() };
      case 'look':
        this.#control.look(rest);
        return {};
      case 'exit':
        this.#control.killProcess(lane.process, { how: 'exited', code: Number(rest) });
        return {};
      case 'send':
        return this.#send(lane, rest);
      case 'receive':
        return { value: (lane.mailbox.shift() as Json | undefined) ?? null };
      case 'lock':
        return this.#lock(lane, rest);
      default:
        return { error: `The coordinator does not know the request "${verb}".` };
    }
  }

  #spawn(lane: LaneState, rest: string): Answer {
    const [name, more] = word(rest);
    const [program, told] = word(more);
    const refused = this.#refuses(lane, name, program);
    if (refused !== undefined) return { error: refused };
    const { args = null, group, detached } = JSON.parse(told) as SpawnOptions & { readonly args?: Json };
    const inherited = detached === true ? undefined : lane.process.group;
    this.#control.startProcess(name, program, args, { group: group ?? inherited, parent: lane.process.name, detached });
    return {};
  }

  #refuses(lane: LaneState, name: string, program: string): string | undefined {
    const last = name.split('/').at(-1) ?? '';
    if (!isProcessName(last))
      return `${quoted(name)} is no name for a process or a thread: letters, digits, dot, dash.`;
    if (this.#state.laneByName(name) !== undefined || this.#starting.has(name))
      return `The name ${name} is taken in this run.`;
    if (this.#state.programRef(program) === undefined)
      throw noSuchProgram(this.#state.options, program, `${lane.name} starts ${name} on it`);
    return undefined;
  }

  #thread(lane: LaneState, rest: string): Answer {
    const [name, more] = word(rest);
    const [program, args] = word(more);
    const full = `${lane.process.name}/${name}`;
    const refused = this.#refuses(lane, full, program);
    if (refused !== undefined) return { error: refused };
    const { channel, waits } = lane.process.pooled.takeThread();
    this.#starting.set(full, { channel, fresh: !waits, program, args: JSON.parse(args) as Json });
    return { value: waits ? null : { in: channel.inPath, out: channel.outPath } };
  }

  #threadStarted(lane: LaneState, name: string): Answer {
    const full = `${lane.process.name}/${name}`;
    const starting = this.#starting.get(full);
    if (starting === undefined) return { error: `No thread ${full} is being started.` };
    this.#starting.delete(full);
    this.#control.startLane(lane.process, starting.channel, full, starting.program, starting.args);
    return {};
  }

  /** A fresh thread opens a connection of its own while it starts: until it stands still, nobody else may run. */
  #awaitThread(lane: LaneState): void {
    const full = `${lane.process.name}/${word(lane.pending.text)[1]}`;
    const starting = this.#starting.get(full);
    if (starting === undefined || !starting.fresh) return;
    starting.fresh = false;
    lane.process.pooled.welcome(starting.channel, `the thread ${full}`);
  }

  #poll(name: string): Answer {
    const ending = this.#endingOf(name);
    return ending === undefined ? {} : { value: ending };
  }

  #kill(rest: string): Answer {
    const [name, signal] = word(rest);
    const process = this.#state.processByName(name);
    if (process === undefined || process.ending !== undefined) return { value: false };
    if (signal === 'SIGKILL') {
      this.#control.killProcess(process, { how: 'killed', signal });
    } else {
      process.stopping = true;
      this.interruptSleeps(process.lanes);
    }
    return { value: true };
  }

  #killGroup(rest: string): Answer {
    const [group, signal] = word(rest);
    if (signal === 'SIGKILL') return { value: this.#control.killGroup(group) };
    const members = this.#state.processes.filter((process) => process.group === group && process.ending === undefined);
    for (const process of members) {
      process.stopping = true;
      this.interruptSleeps(process.lanes);
    }
    return { value: members.length };
  }

  /** As ps lists them. A parent that is dead has given its children to init. */
  #living(): Json {
    const living = this.#state.processes.filter(({ ending }) => ending === undefined);
    const names = new Set(living.map(({ name }) => name));
    return living.map(({ name, program, args, parent = 'init', group = null }) => {
      return { name, program, args, parent: names.has(parent) ? parent : 'init', group };
    });
  }

  #send(lane: LaneState, rest: string): Answer {
    const [to, message] = word(rest);
    const target: LaneState | undefined = this.#state.laneByName(to) ?? this.#state.processByName(to)?.lanes[0];
    if (target === undefined || target.status === 'ended') return { value: false };
    target.mailbox.push({ from: lane.name, message: JSON.parse(message) as Json });
    this.wake();
    return { value: true };
  }

  #lock(lane: LaneState, name: string): Answer {
    const held = lane.process.mutexes.get(name);
    if (held === undefined) lane.process.mutexes.set(name, { owner: lane, depth: 1 });
    else held.depth++;
    return {};
  }

  /** A lane has done something that needs no answer: a mutex taken while it was free, or given back. */
  told(lane: LaneState, text: string): void {
    const [verb, rest] = word(text);
    if (verb === 'lock') this.#lock(lane, rest);
    else if (verb === 'unlock') this.#unlock(lane.process, rest);
  }

  #unlock(process: ProcessState, name: string): void {
    const held = process.mutexes.get(name);
    if (held === undefined || --held.depth > 0) return;
    process.mutexes.delete(name);
    this.wake();
  }

  /** Logical number of the inode that the pending stat will meet, and its mtime: nothing else runs in between. */
  #statOf(lane: LaneState): string {
    const name = lane.files[lane.pending.file];
    if (name === undefined) return '0 0';
    return `${this.#inodeOf(name)} ${this.#state.mtimes.of(name)}`;
  }

  #inodeOf(name: string): string {
    const path = worldPath(this.#state.options.root, name);
    const stat = path === undefined ? undefined : statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return '0';
    const key = `${stat.dev}:${stat.ino}:${stat.birthtimeNs}`; // a number may be used again, at another time
    const known = this.#inodes.get(key) ?? this.#inodes.size + 1;
    this.#inodes.set(key, known);
    return String(known);
  }
}
