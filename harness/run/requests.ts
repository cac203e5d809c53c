// What lanes ask of the coordinator, and what blocks them: sleeps, messages, waits, mutexes, further processes and
// threads. `park` decides whether a parked lane can run, `answer` does what it asked at the moment it is granted.
// What stays out: the order in which lanes run (run.ts).
import { op } from '../model/operations.ts';
import { decode } from '../model/record.ts';
import type { Json } from '../model/values.ts';
import { type Answer, parseRequest, type Request } from '../model/request.ts';
import { isProcessName } from '../model/names.ts';
import { quoted } from '../model/visible.ts';
import type { Channel } from './channel.ts';
import { type LaneState, listed, type ProcessState } from './lanes.ts';
import type { PoolProcess } from './pool.ts';
import type { RunControl, RunState } from './run-state.ts';
import { programComplaint } from './check-program.ts';
import { Heard, printedSince } from './heard.ts';
import { noSuchProgram } from './run-errors.ts';
import { kill, killGroup, processNamed } from './kill-requests.ts';
import { ServerRequests } from './server-requests.ts';
import { StatAnswers } from './stat-answers.ts';
import { beginHeld, isInputOpen, loopKey, withInput } from './inputs.ts';
import { isInterruptible, timeoutOf, wantsShared } from './lane-wants.ts';

/** Steps that ask about a file. */
const statSteps: ReadonlySet<number> = new Set([op.stat, op.lstat, op.fdStat]);

/** The key of all that the kernel keeps between processes: pipes, file locks, their ends (lane/preload/calls.c, KERNEL). */
export const kernelKey = 'kernel';

/** Steps after which a lock that the kernel keeps may be free. */
export const freesLocks: ReadonlySet<number> = new Set([op.funlock, op.fdClose]);

/** A request of one kind. */
type Of<Kind extends Request['kind']> = Extract<Request, { readonly kind: Kind }>;

export class Requests {
  readonly #state: RunState;
  readonly #control: RunControl;
  /** Threads being started: their channel, until the parent says that it has made them. */
  readonly #starting = new Map<string, { channel: Channel; fresh: boolean; program: string; args: Json }>();
  /** Processes being forked, until the parent says that there is a child. */
  readonly #forking = new Map<string, PoolProcess>();
  /** Lanes that wait for a notice, and have one. */
  readonly #noticed = new Set<LaneState>();
  /** Lanes that were ready to take a mutex, which another has taken before them. */
  readonly #waitOn = new Set<LaneState>();
  readonly #stats: StatAnswers;
  readonly server: ServerRequests;
  readonly #heard = new Heard();

  constructor(state: RunState, control: RunControl) {
    this.#state = state;
    this.#control = control;
    this.#stats = new StatAnswers(state);
    this.server = new ServerRequests(state, control);
  }

  /** The run is over, or nobody lives any more: of children and threads that a lane asked for and did not tell of, nobody hears again. */
  giveUpBegun(): void {
    for (const child of this.#forking.values()) this.#state.options.pool.give(child, '');
    this.#forking.clear();
    this.#starting.clear();
  }

  /** A lane has parked: can it run? */
  park(lane: LaneState): void {
    lane.collects = false; // it has been told
    const { pending } = lane;
    const { nowMs } = this.#state;
    lane.request = pending.op === op.ask ? parseRequest(pending.text) : undefined;
    lane.wakeMs = nowMs + timeoutOf(lane);
    this.#noticed.delete(lane);
    this.#waitOn.delete(lane);
    if (pending.op === op.sleep) this.#sleep(lane, this.#isHurried(lane) ? nowMs : nowMs + decode.sleep(pending).ms);
    else if (pending.op === op.busySleep)
      this.#sleep(lane, nowMs + Math.max(1, Math.ceil(decode.busySleep(pending).microseconds / 1000)));
    else if (lane.request?.kind === 'thread-started') this.#awaitThread(lane, lane.request);
    else if (lane.request?.kind === 'forked') this.#forking.get(lane.request.name)?.greet();
    else if (this.#blocks(lane)) {
      lane.status = 'waiting';
      if (this.#isHurried(lane) && isInterruptible(lane)) this.#state.giveWay(lane);
    }
  }

  /** Asked to stop, and takes no more time for sleeps: a program of its own may not ask whether to stop, and would spin. */
  #isHurried({ process }: LaneState): boolean {
    return !process.pooled.own && (this.#state.stopping || process.stopping);
  }

  /**
   * Of several lanes that waited for one mutex, the first to run takes it: the others wait on. They keep their places among those that are
   * ready, since a decision at which they are found so may be one at which nothing is decided, and that no plan has.
   */
  recheckMutexes(): void {
    for (const lane of this.#state.living()) {
      if (lane.status !== 'ready' || !wantsShared(lane) || !this.#blocks(lane)) continue;
      if (lane.wakeMs <= this.#state.nowMs) continue;
      lane.status = 'waiting';
      this.#waitOn.add(lane);
    }
  }

  /** Something happened (a message, an ending, a mutex given back): who waits for it can run. */
  wake(): void {
    for (const lane of this.#state.living()) {
      if (lane.status !== 'waiting' || this.#blocks(lane)) continue;
      if (this.#waitOn.delete(lane)) lane.status = 'ready';
      else this.#state.makeReady(lane);
    }
  }

  /** The lane that ran does not go on: who hears what has been printed meanwhile is told. */
  hear(): void {
    if (this.#heard.listen()) this.wake();
  }

  /** Something happened to what this key stands for: who waits for such news looks again. */
  notify(key: string): void {
    for (const lane of this.#state.living()) {
      const { status, request } = lane;
      if (status !== 'waiting' || (request?.kind !== 'await' && request?.kind !== 'events') || request.key !== key)
        continue;
      this.#noticed.add(lane);
      this.#state.makeReady(lane);
    }
  }

  /** Time has come for those that sleep or wait no longer than until now. */
  wakeByTime(woken: (lane: LaneState) => void): void {
    for (const lane of this.#state.living()) {
      if (lane.status === 'ready' || lane.wakeMs > this.#state.nowMs) continue;
      woken(lane);
      this.#state.makeReady(lane);
    }
  }

  /** The plan's end, or SIGTERM: the World's sleeps and waits end early; SQLite's own busy sleeps do not. */
  interruptSleeps(lanes: readonly LaneState[]): void {
    for (const lane of lanes) {
      if ((lane.status !== 'asleep' && lane.status !== 'waiting') || !isInterruptible(lane)) continue;
      lane.wakeMs = Math.min(lane.wakeMs, this.#state.nowMs); // it goes on, whether it has what it waits for or not
      this.#state.makeReady(lane);
    }
  }

  /** Does a lane of this process wait for one of its mutexes? */
  someoneWaitsIn(process: ProcessState): boolean {
    return process.lanes.some((lane) => lane.status === 'waiting' && wantsShared(lane));
  }

  /** Does what the pending step asks for. Result: the text of the grant. */
  answer(lane: LaneState): string {
    if (statSteps.has(lane.pending.op)) return this.#stats.of(lane);
    return lane.request === undefined ? '' : JSON.stringify(this.#do(lane, lane.request));
  }

  #sleep(lane: LaneState, wakeMs: number): void {
    lane.status = 'asleep';
    lane.wakeMs = wakeMs;
    if (wakeMs <= this.#state.nowMs) this.#state.giveWay(lane);
  }

  #blocks(lane: LaneState): boolean {
    const { request } = lane;
    switch (request?.kind) {
      case 'receive':
        return lane.mailbox.length === 0;
      case 'wait':
        return this.#endingOf(request.name) === undefined;
      case 'await':
        return !this.#noticed.has(lane);
      case 'events':
        return (
          !this.#noticed.has(lane) &&
          lane.mailbox.length === 0 &&
          !this.#heard.hasNewsFor(lane) &&
          this.#endedOf(request.names).length === 0
        );
      case 'lock':
        return (lane.process.mutexes.get(request.name)?.owner ?? lane) !== lane;
      case 'acquire':
        return lane.process.semaphores.get(request.name) === 0;
      case 'await-flock':
        return this.#state.options.tables.locks.refusesFlock(request.file, request.mode);
      case 'statement':
        return this.server.blocks(request);
      case 'notifications':
        return !this.server.hasNews(request);
      default:
        return false;
    }
  }

  #endingOf(name: string): Json | undefined {
    const process = processNamed(this.#state, name);
    const known = process ?? this.#state.laneByName(name);
    return known === undefined ? { how: 'threw', error: 'unknown' } : known.ending;
  }

  #do(lane: LaneState, request: Request): Answer {
    switch (request.kind) {
      case 'spawn':
        return this.#spawn(lane, request);
      case 'exec':
        return this.#exec(lane, request);
      case 'begin':
        return beginHeld(this.#state, this.#control, request);
      case 'feed':
        return this.#feed(request);
      case 'input':
        return { value: isInputOpen(this.#state, request.name) };
      case 'output':
        return printedSince(this.#state.processByName(request.name), request);
      case 'thread':
        return this.#thread(lane, request);
      case 'thread-started':
        return this.#threadStarted(lane, request);
      case 'fork':
        return this.#fork(lane, request);
      case 'forked':
        return this.#forked(lane, request);
      case 'await':
        return { value: this.#noticed.has(lane) };
      case 'notify':
        this.notify(request.key);
        return {};
      case 'events':
        return { value: this.#eventsFor(lane, request) };
      case 'interrupt':
        return { value: this.#interrupt(lane, request.name) };
      case 'wait':
      case 'poll':
        return this.#poll(request.name);
      case 'poll-any':
        return this.#pollAny(request.names);
      case 'kill':
        return kill(this.#state, this.#control, request);
      case 'kill-group':
        return killGroup(this.#state, this.#control, request);
      case 'processes':
        return { value: listed(this.#state.processes) };
      case 'alone':
        return this.#alone(lane);
      case 'look':
        this.#control.look(request.label);
        return {};
      case 'await-flock':
        return { value: !this.#blocks(lane) };
      case 'exit':
        this.#control.killProcess(lane.process, { how: 'exited', code: request.code });
        return {};
      case 'send':
        return this.#send(lane, request);
      case 'receive':
        return { value: (lane.mailbox.shift() as Json | undefined) ?? null };
      case 'connect':
        return this.server.connect(lane);
      case 'statement':
        return this.#waking(this.server.answer(lane, request));
      case 'notifications':
        return this.server.notifications(lane, request);
      case 'disconnect':
        return this.#waking(this.server.disconnect(request.connection));
      case 'lock':
      case 'acquire':
        return this.#takeShared(lane, request);
      case 'trylock':
      case 'unlock':
      case 'release':
      case 'semaphore':
      case 'set':
        return { error: `The request "${request.kind}" is not to be asked: the gate does it, and tells of it.` };
      default:
        return { error: request.says };
    }
  }

  #spawn(lane: LaneState, { name, program, args, options: { group, detached } }: Of<'spawn'>): Answer {
    const refused = this.#refuses(lane, name, program);
    if (refused !== undefined) return { error: refused };
    const inherited = detached === true ? undefined : lane.process.group;
    this.#control.startProcess(name, program, args, { group: group ?? inherited, parent: lane.process.name, detached });
    return {};
  }

  /** A command that a program starts: a process of the run as any other. */
  #exec(
    lane: LaneState,
    { name, command: asked, input, held, heard, options: { group, detached } }: Of<'exec'>,
  ): Answer {
    const program = `exec:${name}`;
    const command = this.#state.addCommand(program, held ? withInput(asked, name) : asked, lane.process.program);
    const refused = this.#refuses(lane, name, program);
    if (refused !== undefined) return { error: refused };
    const complaint = programComplaint(command);
    if (complaint !== undefined) return { error: complaint };
    const inherited = detached === true ? undefined : lane.process.group;
    this.#control.startProcess(name, program, null, {
      group: group ?? inherited,
      parent: lane.process.name,
      detached,
      input: input === undefined && !held ? undefined : Buffer.from(input ?? '', 'base64'),
      held,
    });
    const process = this.#state.processByName(name);
    if (heard && process !== undefined) this.#heard.add(lane, process, name);
    return { value: this.#state.laneByName(name)?.number ?? null };
  }

  /** Who has come to the end of it looks again: in a Node at a turn of its loop (lane/register/waits.ts). */
  #feed({ name, input, ends }: Of<'feed'>): Answer {
    const process = this.#state.processByName(name);
    if (process === undefined || process.ending !== undefined) return { value: false };
    process.pooled.feed(Buffer.from(input, 'base64'));
    process.inputOpen = !ends;
    for (const key of [kernelKey, loopKey(name)]) this.notify(key);
    return { value: true };
  }

  #refuses(lane: LaneState, name: string, program: string): string | undefined {
    const last = name.split('/').at(-1) ?? '';
    if (!isProcessName(last))
      return `${quoted(name)} is no name for a process or a thread: letters, digits, dot, dash.`;
    if (this.#state.isTaken(name) || this.#starting.has(name) || this.#forking.has(name))
      return `The name ${name} is taken in this run.`;
    if (this.#state.programRef(program) === undefined)
      throw noSuchProgram(this.#state.options, program, `${lane.name} starts ${name} on it`);
    return undefined;
  }

  #thread(lane: LaneState, { name, program: asked, args }: Of<'thread'>): Answer {
    const full = `${lane.process.name}/${name}`;
    const { pooled } = lane.process;
    const program = pooled.own ? lane.process.program : asked; // which begins its threads by itself
    const refused = this.#refuses(lane, full, program);
    if (refused !== undefined) return { error: refused };
    const { channel, waits } = pooled.takeThread();
    this.#starting.set(full, { channel, fresh: !waits, program, args });
    return { value: waits ? null : { in: channel.inPath, out: channel.outPath } };
  }

  #threadStarted(lane: LaneState, { name }: Of<'thread-started'>): Answer {
    const full = `${lane.process.name}/${name}`;
    const starting = this.#starting.get(full);
    if (starting === undefined) return { error: `No thread ${full} is being started.` };
    this.#starting.delete(full);
    this.#control.startLane(lane.process, starting.channel, full, starting.program, starting.args);
    return {};
  }

  /** A fresh thread opens a connection of its own while it starts: until it stands still, nobody else may run. */
  #awaitThread(lane: LaneState, { name }: Of<'thread-started'>): void {
    const full = `${lane.process.name}/${name}`;
    const starting = this.#starting.get(full);
    if (starting === undefined || !starting.fresh) return;
    starting.fresh = false;
    lane.process.pooled.welcome(starting.channel, `the thread ${full}`);
  }

  #fork(lane: LaneState, { name }: Of<'fork'>): Answer {
    const refused = this.#refuses(lane, name, lane.process.program);
    if (refused !== undefined) return { error: refused };
    const child = this.#state.options.pool.fork(lane.process.pooled);
    this.#forking.set(name, child);
    return { value: { in: child.main.inPath, out: child.main.outPath } };
  }

  #forked(lane: LaneState, { name }: Of<'forked'>): Answer {
    const child = this.#forking.get(name);
    if (child === undefined) return { error: `No process ${name} is being forked.` };
    this.#forking.delete(name);
    this.#control.adoptProcess(name, lane.process, child);
    return { value: this.#state.laneByName(name)?.number ?? null };
  }

  #poll(name: string): Answer {
    const ending = this.#endingOf(name);
    return ending === undefined ? {} : { value: ending };
  }

  /** Those of them that have ended, in the order asked. */
  #endedOf(names: readonly string[]): readonly { readonly name: string; readonly ending: Json }[] {
    return names.flatMap((name) => {
      const ending = this.#endingOf(name);
      return ending === undefined ? [] : [{ name, ending }];
    });
  }

  #pollAny(names: readonly string[]): Answer {
    const [first] = this.#endedOf(names);
    return first === undefined ? {} : { value: first };
  }

  #eventsFor(lane: LaneState, { names }: Of<'events'>): Json {
    const { mailbox } = lane;
    const ended = Object.fromEntries(this.#endedOf(names).map(({ name, ending }) => [name, ending]));
    const printed = this.#heard.takeNewsFor(lane);
    return { mail: mailbox.splice(0).map((message) => ({ ...message })), ended, printed };
  }

  /** Result: whether there is such a lane, which has not ended. */
  #interrupt(lane: LaneState, name: string): boolean {
    const other = this.#state.laneByName(name);
    if (other === undefined || other.process !== lane.process || other.status === 'ended') return false;
    this.interruptSleeps([other]);
    return true;
  }

  #alone(lane: LaneState): Answer {
    for (const other of lane.process.lanes) if (other !== lane) other.status = 'ended';
    this.wake();
    return {};
  }

  #send(lane: LaneState, { to, message }: Of<'send'>): Answer {
    const target: LaneState | undefined = this.#state.laneByName(to) ?? this.#state.processByName(to)?.lanes[0];
    if (target === undefined || target.status === 'ended') return { value: false };
    target.mailbox.push({ from: lane.name, message });
    this.wake();
    return { value: true };
  }

  /** A lane has its turn. Result: false where its statement waits, so that it has had it. */
  performs(lane: LaneState): boolean {
    if (this.server.perform(lane)) return true;
    this.wake(); // one that waited with it in a circle may have failed for it
    return false;
  }

  /** Something on the server is over: who waited for what it had locked, or for what it tells, can run. */
  #waking(answer: Answer): Answer {
    this.wake();
    return answer;
  }

  /** It waited for what another had: it has it now, or its time is up. */
  #takeShared(lane: LaneState, request: Of<'lock' | 'acquire'>): Answer {
    if (this.#blocks(lane)) return { value: false };
    if (request.kind === 'lock') this.#lock(lane, request.name);
    else this.#count(lane.process, request.name, -1);
    return { value: true };
  }

  #lock(lane: LaneState, name: string): void {
    const held = lane.process.mutexes.get(name);
    if (held === undefined) lane.process.mutexes.set(name, { owner: lane, depth: 1 });
    else held.depth++;
  }

  /** A lane has done something that needs no answer: what its threads share taken while it was free, or given back. */
  told(lane: LaneState, text: string): void {
    const request = parseRequest(text);
    const { process } = lane;
    if (request.kind === 'lock' || request.kind === 'trylock') this.#lock(lane, request.name);
    else if (request.kind === 'unlock') this.#unlock(process, request.name);
    else if (request.kind === 'acquire') this.#count(process, request.name, -1);
    else if (request.kind === 'release') this.#count(process, request.name, 1);
    else if (request.kind === 'semaphore') {
      process.semaphores.set(request.name, request.count);
      this.wake();
    }
  }

  #count(process: ProcessState, name: string, by: 1 | -1): void {
    process.semaphores.set(name, (process.semaphores.get(name) ?? 1) + by);
    if (by > 0) this.wake();
  }

  #unlock(process: ProcessState, name: string): void {
    const held = process.mutexes.get(name);
    if (held === undefined || --held.depth > 0) return;
    process.mutexes.delete(name);
    this.wake();
  }
}
