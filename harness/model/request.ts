// What lanes ask of the coordinator, as values and as the text that stands in the trace: a verb and what it needs, one word a
// name, the rest JSON. One codec for World, coordinator and whoever reads a trace. What stays out: what a request does
// (the coordinator's requests.ts), and the calls that carry it (gate-mutex.c writes what the threads of a process share itself).
import { type CommandProgram, commandHosts, type Ending } from './process.ts';
import type { Json, SqlValue } from './values.ts';

/**
 * @property group the control group to start it in; default: that of who starts it, and none for a detached one
 * @property detached started by a launcher that exits: a real orphan, adopted by PID 1 or the nearest subreaper
 */
export interface SpawnOptions {
  readonly group?: string;
  readonly detached?: boolean;
}

export type FlockMode = 'shared' | 'exclusive';

/** By its name of signal(7). Programs over World know SIGKILL and SIGTERM only. */
export type Signal = `SIG${string}`;

/**
 * What a lane can ask for. Times are virtual ms; without one it waits as long as it takes. `begin` lets a held one go, with what it reads on its standard input (base64); `open` where more of that may come, by `feed`, which `ends` it, and is answered whether anybody
 * may read it. `input` asks whether that of a process is open: who finds its end there awaits the key of the kernel. `fork` gives the FIFOs for a child that
 * goes on as a process of the run (lockstep.h, lockstep_forked); its parent asks `forked` when there is one, and is told its number. `await-flock` waits
 * until nobody has a flock(2) on a file that would refuse this one, and is answered whether that is so.
 * `await` waits until a lane of the run notifies of that key, or is asked to look again: who looks before by several steps may miss what came between them, so that
 * `poll-any` looks at many ends at once, and tells the first of them that has come. `events` waits for whatever comes first: a message to
 * this lane, the end of one of these processes or lanes, or a notice of that key; it is answered with all that has come ({@link Events}).
 * `interrupt` has a lane of the same process wait no longer, for whatever that is. Where `name` is a process, `pid:7` is the one
 * whose main lane has the number 7, and `pgrp:7` all of its process group. `connect`, `statement` and `disconnect` are for the run's
 * PostgreSQL server: connections have numbers, and a statement that waits for a lock waits there ({@link ServerAnswer}).
 * `notifications` waits until the server has told a connection of a NOTIFY, or has ended it ({@link NotificationsAnswer}).
 */
export type Asked =
  | {
      readonly kind: 'spawn';
      readonly name: string;
      readonly program: string;
      readonly args: Json;
      readonly options: SpawnOptions;
    }
  | {
      readonly kind: 'exec';
      readonly name: string;
      readonly command: CommandProgram;
      /** For its standard input, base64. */
      readonly input: string | undefined;
      /** It begins when it is told to (`begin`), and has its number before. */
      readonly held: boolean;
      /** This lane is told when it has printed something ({@link Events}). */
      readonly heard: boolean;
      readonly options: SpawnOptions;
    }
  | { readonly kind: 'begin'; readonly name: string; readonly input: string; readonly open?: boolean }
  | { readonly kind: 'feed'; readonly name: string; readonly input: string; readonly ends: boolean }
  | { readonly kind: 'input'; readonly name: string }
  /** What it has printed, from these places on: bytes of standard output, and of standard error. */
  | { readonly kind: 'output'; readonly name: string; readonly from: readonly [out: number, err: number] }
  | { readonly kind: 'thread'; readonly name: string; readonly program: string; readonly args: Json }
  | { readonly kind: 'thread-started'; readonly name: string }
  | { readonly kind: 'fork'; readonly name: string }
  | { readonly kind: 'forked'; readonly name: string }
  | { readonly kind: 'wait'; readonly name: string; readonly timeoutMs: number | undefined }
  | { readonly kind: 'poll'; readonly name: string }
  | { readonly kind: 'poll-any'; readonly names: readonly string[] }
  | { readonly kind: 'await'; readonly key: string; readonly timeoutMs: number | undefined }
  | { readonly kind: 'notify'; readonly key: string }
  | {
      readonly kind: 'events';
      readonly key: string;
      readonly names: readonly string[];
      readonly timeoutMs: number | undefined;
    }
  | { readonly kind: 'interrupt'; readonly name: string }
  | { readonly kind: 'kill'; readonly name: string; readonly signal: Signal }
  | { readonly kind: 'kill-group'; readonly group: string; readonly signal: 'SIGKILL' | 'SIGTERM' }
  | { readonly kind: 'processes' }
  /** The process comes to its end, and none of its other lanes runs any more. */
  | { readonly kind: 'alone' }
  | { readonly kind: 'look'; readonly label: string }
  | { readonly kind: 'exit'; readonly code: number }
  | {
      readonly kind: 'await-flock';
      readonly file: string;
      readonly mode: FlockMode;
      readonly timeoutMs: number | undefined;
    }
  | { readonly kind: 'send'; readonly to: string; readonly message: Json }
  | { readonly kind: 'receive'; readonly timeoutMs: number | undefined }
  | { readonly kind: 'connect' }
  | {
      readonly kind: 'statement';
      readonly connection: number;
      readonly sql: string;
      readonly bind: readonly SqlValue[];
      readonly timeoutMs: number | undefined;
    }
  | { readonly kind: 'notifications'; readonly connection: number; readonly timeoutMs: number | undefined }
  | { readonly kind: 'disconnect'; readonly connection: number };

/**
 * What the gate says for a lane (gate-mutex.c): it takes or gives back a mutex or one of a semaphore of its process, makes a
 * semaphore of which `count` can be had, or has set what its process shares. `lock` and `acquire` it asks where another lane has
 * what it wants; with `timeoutMs`, no longer than that. `entry` is key and value as they stand in the trace.
 */
type Told =
  | { readonly kind: 'lock' | 'acquire'; readonly name: string; readonly timeoutMs?: number }
  | { readonly kind: 'trylock' | 'unlock' | 'release'; readonly name: string }
  | { readonly kind: 'semaphore'; readonly name: string; readonly count: number }
  | { readonly kind: 'set'; readonly entry: string };

/** @property says a sentence: what makes no sense */
interface Unreadable {
  readonly kind: 'unreadable';
  readonly says: string;
}

export type Request = Asked | Told | Unreadable;

/** The coordinator's answer, JSON on the wire. An error is the program's, which the lane throws. */
export type Answer = { readonly value?: Json } | { readonly error: string };

/**
 * The answer to `statement`, and to `connect` where it was refused: rows, or an SQLSTATE.
 *
 * @property inTransaction of the connection, afterwards
 * @property isOpen is it still?
 */
export type ServerAnswer = { readonly inTransaction: boolean; readonly isOpen: boolean } & (
  | { readonly rows: readonly { readonly [column: string]: SqlValue }[]; readonly changes: number }
  | { readonly sqlstate: string; readonly message: string }
);

/** What a NOTIFY says. @property payload empty where it has none */
export interface Notification {
  readonly channel: string;
  readonly payload: string;
}

/** The answer to `notifications`: those that have come, none where the time is up; or that the connection is gone. */
export type NotificationsAnswer =
  | { readonly notifications: readonly Notification[] }
  | { readonly sqlstate: string; readonly message: string };

/**
 * The answer to `events`.
 *
 * @property mail messages to this lane, in the order in which they were sent; they are its own now
 * @property ended of the processes and lanes asked for, those that have ended
 * @property printed of the processes that it hears, those that have printed something since it was last told
 */
export interface Events {
  readonly mail: readonly { readonly from: string; readonly message: Json }[];
  readonly ended: { readonly [name: string]: Ending };
  readonly printed: readonly string[];
}

/** After a step `stat`: the inode's number within the run, and when the file was last changed, ns since the run's start. */
export interface StatAnswer {
  readonly inode: number;
  readonly mtimeNs: number;
}

/**
 * The text of a request.
 *
 * @throws a name that is not one word: the text would say something else
 */
export function encodeRequest(request: Asked): string {
  switch (request.kind) {
    case 'spawn': {
      const { name, program, args, options } = request;
      return `spawn ${oneWord(name)} ${oneWord(program)} ${JSON.stringify({ args, ...options })}`;
    }
    case 'exec': {
      const { name, command, input, held, heard, options } = request;
      const how = { ...command, input, ...(held && { held }), ...(heard && { heard }), ...options };
      return `exec ${oneWord(name)} ${JSON.stringify(how)}`;
    }
    case 'begin':
      return `begin ${oneWord(request.name)} ${request.input}${request.open === true ? ' open' : ''}`;
    case 'feed':
      return `feed ${oneWord(request.name)} ${request.input}${request.ends ? ' end' : ''}`;
    case 'thread':
      return `thread ${oneWord(request.name)} ${oneWord(request.program)} ${JSON.stringify(request.args)}`;
    case 'wait':
      return `wait ${oneWord(request.name)} ${request.timeoutMs ?? ''}`;
    case 'output':
      return `output ${oneWord(request.name)} ${request.from.join(' ')}`;
    case 'thread-started':
    case 'fork':
    case 'forked':
    case 'poll':
    case 'input':
      return `${request.kind} ${oneWord(request.name)}`;
    case 'poll-any':
      return `poll-any ${request.names.map(oneWord).join(' ')}`;
    case 'await':
      return `await ${oneWord(request.key)} ${request.timeoutMs ?? ''}`;
    case 'notify':
      return `notify ${oneWord(request.key)}`;
    case 'events': {
      const { timeoutMs = '', key, names } = request;
      return ['events', timeoutMs, oneWord(key), ...names.map(oneWord)].join(' ');
    }
    case 'interrupt':
      return `interrupt ${oneWord(request.name)}`;
    case 'kill':
      return `kill ${oneWord(request.name)} ${request.signal}`;
    case 'kill-group':
      return `kill-group ${oneWord(request.group)} ${request.signal}`;
    case 'processes':
    case 'alone':
      return request.kind;
    case 'look':
      return `look ${request.label}`;
    case 'exit':
      return `exit ${request.code}`;
    case 'await-flock':
      return `await-flock ${request.mode} ${request.timeoutMs ?? ''} ${request.file}`;
    case 'send':
      return `send ${oneWord(request.to)} ${JSON.stringify(request.message)}`;
    case 'connect':
      return request.kind;
    case 'statement': {
      const { connection, timeoutMs = '', sql, bind } = request;
      return `statement ${connection} ${timeoutMs} ${JSON.stringify({ sql, bind })}`;
    }
    case 'notifications':
      return `notifications ${request.connection} ${request.timeoutMs ?? ''}`;
    case 'disconnect':
      return `disconnect ${request.connection}`;
    default:
      return `receive ${request.timeoutMs ?? ''}`;
  }
}

/** The request that a text says; `unreadable` where it makes no sense, which is the fault of the program that sent it. */
export function parseRequest(text: string): Request {
  const [verb, rest] = word(text);
  const parse = Object.hasOwn(parsers, verb) ? parsers[verb as keyof typeof parsers] : undefined;
  if (parse === undefined) return { kind: 'unreadable', says: `The coordinator does not know the request "${verb}".` };
  return parse(rest) ?? { kind: 'unreadable', says: `The coordinator cannot read the request "${text}".` };
}

export function encodeStat({ inode, mtimeNs }: StatAnswer): string {
  return `${inode} ${mtimeNs}`;
}

export function parseStat(text: string): StatAnswer {
  const [inode, mtimeNs] = word(text);
  return { inode: Number(inode), mtimeNs: Number(mtimeNs) };
}

/** By verb: the request that the rest of the text makes, or undefined. */
const parsers = {
  spawn: (rest) => {
    const [name, more] = word(rest);
    const [program, told] = word(more);
    const value = json(told);
    if (!isObject(value)) return undefined;
    const { args = null, ...options } = value;
    return isSpawnOptions(options) ? { kind: 'spawn', name, program, args, options } : undefined;
  },
  thread: (rest) => {
    const [name, more] = word(rest);
    const [program, told] = word(more);
    const args = json(told);
    return args === undefined ? undefined : { kind: 'thread', name, program, args };
  },
  exec: (rest) => {
    const [name, told] = word(rest);
    const value = json(told);
    if (!isObject(value)) return undefined;
    const { input, held = false, heard = false, group, detached, ...command } = value;
    const options = { ...(group !== undefined && { group }), ...(detached !== undefined && { detached }) };
    if (!isCommandText(command) || !isSpawnOptions(options)) return undefined;
    if ((input !== undefined && typeof input !== 'string') || typeof held !== 'boolean') return undefined;
    if (typeof heard !== 'boolean') return undefined;
    return { kind: 'exec', name, command, input, held, heard, options };
  },
  begin: (rest) => {
    const [name, more] = word(rest);
    const [input, open] = word(more);
    return { kind: 'begin', name, input, ...(open === 'open' && { open: true }) };
  },
  feed: (rest) => {
    const [name, more] = word(rest);
    const [input, end] = word(more);
    return { kind: 'feed', name, input, ends: end === 'end' };
  },
  input: (name) => ({ kind: 'input', name }),
  output: (rest) => {
    const [name, places] = word(rest);
    const [out = NaN, err = NaN] = places.split(' ').map(Number);
    return Number.isSafeInteger(out) && Number.isSafeInteger(err)
      ? { kind: 'output', name, from: [out, err] }
      : undefined;
  },
  'thread-started': (name) => ({ kind: 'thread-started', name }),
  fork: (name) => ({ kind: 'fork', name }),
  forked: (name) => ({ kind: 'forked', name }),
  wait: (rest) => {
    const [name, given] = word(rest);
    const timeout = timeoutIn(given);
    return timeout === undefined ? undefined : { kind: 'wait', name, ...timeout };
  },
  poll: (name) => ({ kind: 'poll', name }),
  'poll-any': (rest) => ({ kind: 'poll-any', names: rest.split(' ') }),
  await: (rest) => {
    const [key, given] = word(rest);
    const timeout = timeoutIn(given);
    return timeout === undefined ? undefined : { kind: 'await', key, ...timeout };
  },
  notify: (key) => ({ kind: 'notify', key }),
  events: (rest) => {
    const [given = '', key = '', ...names] = rest.split(' ');
    const timeout = timeoutIn(given);
    return timeout === undefined || key === '' ? undefined : { kind: 'events', key, names, ...timeout };
  },
  interrupt: (name) => ({ kind: 'interrupt', name }),
  kill: (rest) => {
    const [name, signal] = word(rest);
    return isSignal(signal) ? { kind: 'kill', name, signal } : undefined;
  },
  'kill-group': (rest) => {
    const [group, signal] = word(rest);
    return signal === 'SIGKILL' || signal === 'SIGTERM' ? { kind: 'kill-group', group, signal } : undefined;
  },
  processes: () => ({ kind: 'processes' }),
  alone: () => ({ kind: 'alone' }),
  look: (label) => ({ kind: 'look', label }),
  exit: (rest) => {
    const code = numberIn(rest);
    return code === undefined ? undefined : { kind: 'exit', code };
  },
  'await-flock': (rest) => {
    const [mode, more] = word(rest);
    const [given, file] = word(more);
    const timeout = timeoutIn(given);
    if (timeout === undefined || (mode !== 'shared' && mode !== 'exclusive')) return undefined;
    return { kind: 'await-flock', file, mode, ...timeout };
  },
  send: (rest) => {
    const [to, told] = word(rest);
    const message = json(told);
    return message === undefined ? undefined : { kind: 'send', to, message };
  },
  receive: (rest) => {
    const timeout = timeoutIn(rest);
    return timeout === undefined ? undefined : { kind: 'receive', ...timeout };
  },
  connect: () => ({ kind: 'connect' }),
  statement: (rest) => {
    const [given, more] = word(rest);
    const [most, told] = word(more);
    const [connection, timeout, value] = [numberIn(given), timeoutIn(most), json(told)];
    if (connection === undefined || timeout === undefined || !isObject(value)) return undefined;
    const { sql, bind } = value;
    if (!isText(sql) || !Array.isArray(bind) || !bind.every(isBound)) return undefined;
    return { kind: 'statement', connection, sql, bind, ...timeout };
  },
  notifications: (rest) => {
    const [given, most] = word(rest);
    const [connection, timeout] = [numberIn(given), timeoutIn(most)];
    return connection === undefined || timeout === undefined
      ? undefined
      : { kind: 'notifications', connection, ...timeout };
  },
  disconnect: (rest) => {
    const connection = numberIn(rest);
    return connection === undefined ? undefined : { kind: 'disconnect', connection };
  },
  lock: (name) => ({ kind: 'lock', name }),
  'lock-within': (rest) => within('lock', rest),
  trylock: (name) => ({ kind: 'trylock', name }),
  unlock: (name) => ({ kind: 'unlock', name }),
  acquire: (name) => ({ kind: 'acquire', name }),
  'acquire-within': (rest) => within('acquire', rest),
  release: (name) => ({ kind: 'release', name }),
  semaphore: (rest) => {
    const [given, more] = word(rest);
    const [most, name] = word(more);
    const count = numberIn(given);
    return count === undefined || numberIn(most) === undefined ? undefined : { kind: 'semaphore', name, count };
  },
  set: (entry) => ({ kind: 'set', entry }),
} satisfies {
  readonly [Verb in (Asked | Told)['kind'] | `${'lock' | 'acquire'}-within`]: (rest: string) => Request | undefined;
};

/** `MS NAME`: what is waited for no longer than that. */
function within(kind: 'lock' | 'acquire', rest: string): Request | undefined {
  const [given, name] = word(rest);
  const timeoutMs = numberIn(given);
  return timeoutMs === undefined ? undefined : { kind, name, timeoutMs };
}

/** Splits off the first word. */
function word(text: string): readonly [string, string] {
  const space = text.indexOf(' ');
  return space < 0 ? [text, ''] : [text.slice(0, space), text.slice(space + 1)];
}

function oneWord(name: string): string {
  if (name === '' || /\s/.test(name)) throw new Error(`${JSON.stringify(name)} is no name: it must be one word.`);
  return name;
}

function json(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSpawnOptions(options: { readonly [key: string]: Json }): options is { group?: string; detached?: boolean } {
  const { group = '', detached = false } = options;
  return typeof group === 'string' && typeof detached === 'boolean';
}

function isBound(value: Json): value is null | number | string {
  return value === null || typeof value === 'number' || typeof value === 'string';
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string';
}

function isCommandText(value: {
  readonly [key: string]: Json;
}): value is CommandProgram & { readonly [key: string]: Json } {
  const { command, host, env = {}, files = '', ...more } = value;
  return (
    Array.isArray(command) &&
    command.length > 0 &&
    command.every(isText) &&
    commandHosts.some((one) => one === host) &&
    isObject(env) &&
    Object.values(env).every(isText) &&
    isText(files) &&
    Object.keys(more).length === 0
  );
}

function isSignal(text: string): text is Signal {
  return /^SIG[A-Z0-9+-]+$/.test(text);
}

function numberIn(text: string): number | undefined {
  const number = Number(text);
  return text.trim() === '' || Number.isNaN(number) ? undefined : number;
}

/** No text is no timeout; undefined where it is no number. */
function timeoutIn(text: string): { readonly timeoutMs: number | undefined } | undefined {
  if (text.trim() === '') return { timeoutMs: undefined };
  const timeoutMs = numberIn(text);
  return timeoutMs === undefined ? undefined : { timeoutMs };
}
