// How a Node program starts a process of the run, by the coordinator, and asks after it. What stays out: the shapes in which Node offers that
// (child.ts, children.ts), and how it is put under the gate (run/command-starter.ts).
import type { SpawnOptions } from 'node:child_process';
import { constants } from 'node:os';
import { basename } from 'node:path';
import type { CommandHost, CommandProgram, Ending } from '../../model/process.ts';
import { withoutPlaces } from '../../model/program-places.ts';
import type { Signal } from '../../model/request.ts';
import type { Places } from './places.ts';
import { asks, firstPid, notFollowed, type ProcessOfRun } from './process-of-run.ts';

/** All that Node's functions take, as far as it means something here. */
export interface How extends SpawnOptions {
  readonly encoding?: string;
  readonly input?: string | Uint8Array;
  readonly maxBuffer?: number;
}

export interface Printed {
  readonly out: Buffer;
  readonly err: Buffer;
}

export interface ChildOfRun {
  readonly name: string;
  readonly pid: number;
}

/**
 * @property held it begins when it is told to
 * @property heard this lane is told when it has printed something
 * @property input for its standard input
 * @property channel for messages, in this form
 */
export interface Beginning {
  readonly held?: boolean;
  readonly heard?: boolean;
  readonly input?: Buffer | undefined;
  readonly channel?: 'json' | 'advanced' | undefined;
}

/** How Node says that a process has ended. */
export function statusOf(ending: Ending): readonly [code: number | null, signal: NodeJS.Signals | null] {
  if (ending.how === 'killed') return [null, ending.signal as NodeJS.Signals];
  if (ending.how === 'exited') return [ending.code, null];
  return [ending.how === 'returned' ? 0 : 1, null];
}

/** The name of a signal, which may be given by its number. @throws Node's error where there is none */
export function signalOf(given: unknown): Signal {
  const known = Object.entries(constants.signals);
  const found = known.find(([name, number]) => name === given || number === given);
  if (found === undefined)
    throw Object.assign(new TypeError(`Unknown signal: ${String(given)}`), { code: 'ERR_UNKNOWN_SIGNAL' });
  return found[0] as Signal;
}

function hostOf(file: string): CommandHost {
  const name = basename(file);
  if (/^node(js)?$/.test(name)) return 'node';
  return /^python[\d.]*$/.test(name) ? 'python' : 'preload';
}

function wordsOf(file: string, args: readonly string[], { shell }: How): readonly string[] {
  if (shell === undefined || shell === false || shell === '') return [file, ...args];
  return [typeof shell === 'string' ? shell : '/bin/sh', '-c', [file, ...args].join(' ')];
}

export class Starter {
  readonly #process: ProcessOfRun;
  readonly #places: Places;
  #count = 0;

  constructor(process: ProcessOfRun, places: Places) {
    this.#process = process;
    this.#places = places;
  }

  /** @throws the coordinator's error: there is no such program */
  start(
    file: string,
    args: readonly string[],
    how: How,
    { held = false, heard = false, input, channel }: Beginning,
  ): ChildOfRun {
    const { setting, usual } = this.#process;
    const name = `${setting.lane.replaceAll('/', '.')}.${++this.#count}`;
    const words = wordsOf(file, how.shell ? args : args.map((word) => this.#places.programFile(word)), how);
    const host = hostOf(words[0] ?? '');
    if (channel !== undefined && host !== 'node')
      notFollowed(`opens a channel for messages to ${words[0] ?? ''}, which is no Node`);
    const cwd = how.cwd === undefined ? this.#places.cwd : (this.#places.absolute(how.cwd) ?? this.#places.cwd);
    const { NODE_UNIQUE_ID: cluster, ...env } = how.env ?? process.env;
    const given = Object.entries(env).flatMap(([key, value]) =>
      value === undefined || value === usual[key] ? [] : [[key, value] as const],
    );
    const asked: CommandProgram = {
      command: words as [string, ...string[]],
      host,
      env: {
        ...Object.fromEntries(given),
        LOCKSTEP_CWD: cwd,
        LOCKSTEP_PARENT: String(process.pid),
        ...(channel !== undefined && { LOCKSTEP_CHANNEL: `${channel} ${setting.lane}` }),
        ...(cluster !== undefined && { LOCKSTEP_UNIQUE_ID: cluster }),
      },
    };
    const command = withoutPlaces(asked, setting.places ?? { interpreter: '' }, process.execPath);
    const number = asks(this.#process, {
      kind: 'exec',
      name,
      command,
      input: input?.toString('base64'),
      held,
      heard,
      options: how.detached === true ? { detached: true } : {},
    });
    return { name, pid: firstPid + Number(number) };
  }

  /** One that is held begins, with this to read; `open`: and what it is fed later. */
  begin(name: string, input: Buffer, open: boolean): void {
    asks(this.#process, { kind: 'begin', name, input: input.toString('base64'), ...(open && { open }) });
  }

  /** More on the standard input of one that has begun, or the end of it. Result: false where it has ended. */
  feed(name: string, input: Buffer, ends: boolean): boolean {
    return asks(this.#process, { kind: 'feed', name, input: input.toString('base64'), ends }) === true;
  }

  ending(name: string): Ending | undefined {
    return asks(this.#process, { kind: 'poll', name }) as Ending | undefined;
  }

  /** Stands still until it has ended, no longer than so many virtual ms. */
  wait(name: string, timeoutMs: number | undefined): Ending | undefined {
    return asks(this.#process, { kind: 'wait', name, timeoutMs }) as Ending | undefined;
  }

  kill(name: string, signal: Signal): boolean {
    return asks(this.#process, { kind: 'kill', name, signal }) === true;
  }

  /** @param from what is known of it, bytes of both streams */
  printed(name: string, from: readonly [out: number, err: number] = [0, 0]): Printed {
    const { out, err } = asks(this.#process, { kind: 'output', name, from }) as {
      readonly out: string;
      readonly err: string;
    };
    return { out: Buffer.from(out, 'base64'), err: Buffer.from(err, 'base64') };
  }
}
