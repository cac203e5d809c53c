// Messages between a Node program and one that it has forked: each is a message of the run, from lane to lane. One class for both ends. What stays
// out: how they come to a lane (waits.ts).
import type { EventEmitter } from 'node:events';
import v8 from 'node:v8';
import type { Json } from '../../model/values.ts';
import { asks, notFollowed, real, type ProcessOfRun } from './process-of-run.ts';
import type { Waits } from './waits.ts';

/** How messages are written: as JSON, or as structured clones. */
type Form = 'json' | 'advanced';

/** What goes over the wire. */
type Envelope = { readonly message: string } | { readonly disconnects: true };

type Told = (error: Error | null) => void;

function failure(code: string, says: string): Error {
  return Object.assign(new Error(says), { code });
}

/** Messages of Node's own go by another name (child_process, "Event: 'internalMessage'"). */
function eventOf(message: unknown): 'message' | 'internalMessage' {
  const { cmd } = (typeof message === 'object' && message !== null ? message : {}) as { readonly cmd?: unknown };
  return typeof cmd === 'string' && cmd.startsWith('NODE_') ? 'internalMessage' : 'message';
}

export class Channel {
  connected = true;
  readonly #process: ProcessOfRun;
  readonly #waits: Waits;
  readonly #peer: string;
  readonly #form: Form;
  readonly #target: EventEmitter;
  readonly #untaken: unknown[] = [];

  /**
   * @param peer the other's lane
   * @param target who is told: the child, or in one the process
   */
  constructor(process: ProcessOfRun, waits: Waits, peer: string, form: Form, target: EventEmitter) {
    this.#process = process;
    this.#waits = waits;
    this.#peer = peer;
    this.#form = form;
    this.#target = target;
    waits.onMail(peer, (mail) => this.#take(mail as Envelope));
    target.on('newListener', (name) => {
      if (name === 'message') globalThis.process.nextTick(() => this.#flush());
    });
  }

  /** The arguments of Node's `send`: a handle, options and a callback may follow the message. */
  send(message: unknown, ...more: readonly unknown[]): boolean {
    const told = more.find((one) => typeof one === 'function') as Told | undefined;
    const [handle] = more;
    if (message === undefined)
      throw Object.assign(new TypeError('The "message" argument must be specified'), { code: 'ERR_MISSING_ARGS' });
    if (handle !== undefined && handle !== null && handle !== told)
      notFollowed('sends a handle with a message (send): sockets are not of the run');
    if (!this.connected) return this.#failed(failure('ERR_IPC_CHANNEL_CLOSED', 'Channel closed'), told);
    const text = this.#form === 'json' ? JSON.stringify(message) : v8.serialize(message).toString('base64');
    if (!this.#send({ message: text })) return this.#failed(failure('EPIPE', 'write EPIPE'), told);
    if (told !== undefined) globalThis.process.nextTick(told, null);
    return true;
  }

  disconnect(): void {
    if (!this.connected) {
      this.#target.emit('error', failure('ERR_IPC_DISCONNECTED', 'IPC channel is already disconnected'));
      return;
    }
    this.#send({ disconnects: true });
    this.#closes();
  }

  /** The other has ended: what it has sent has come by now. */
  peerEnded(): void {
    if (this.connected) this.#closes();
  }

  #send(envelope: Envelope): boolean {
    const message = envelope as unknown as Json;
    return asks(this.#process, { kind: 'send', to: this.#peer, message }) === true;
  }

  #failed(error: Error, told: Told | undefined): boolean {
    globalThis.process.nextTick(() => (told === undefined ? this.#target.emit('error', error) : told(error)));
    return false;
  }

  #closes(): void {
    this.connected = false;
    this.#waits.onMail(this.#peer, undefined);
    real.setImmediate(() => this.#target.emit('disconnect'));
  }

  #take(envelope: Envelope): void {
    if (!('message' in envelope)) {
      if (this.connected) this.#closes();
      return;
    }
    const { message: text } = envelope;
    const message: unknown = this.#form === 'json' ? JSON.parse(text) : v8.deserialize(Buffer.from(text, 'base64'));
    real.setImmediate(() => this.#give(message));
  }

  /** What nobody listens for waits until somebody does, as in Node. */
  #give(message: unknown): void {
    const event = eventOf(message);
    if (event === 'message' && this.#target.listenerCount('message') === 0) this.#untaken.push(message);
    else this.#target.emit(event, message, undefined);
  }

  #flush(): void {
    for (const message of this.#untaken.splice(0)) this.#target.emit('message', message, undefined);
  }
}

/** What Node has as `channel`: whether it keeps a program alive. */
class Ref {
  readonly #state: { isRef: boolean };

  constructor(state: { isRef: boolean }) {
    this.#state = state;
  }
  ref(): void {
    this.#state.isRef = true;
  }
  unref(): void {
    this.#state.isRef = false;
  }
  hasRef(): boolean {
    return this.#state.isRef;
  }
}

/** @param keeps does it keep the program alive, where that has not said otherwise? */
export function refOf(waits: Waits, channel: Channel, keeps: () => boolean): Ref {
  const state = { isRef: true };
  waits.addKeeper({ keeps: () => channel.connected && state.isRef && keeps() });
  return new Ref(state);
}

/** In a process that has been forked with a channel: `process.send` and what belongs to it. */
export function openChannel(process_: ProcessOfRun, waits: Waits): void {
  const [form = '', parent = ''] = process_.env['LOCKSTEP_CHANNEL']?.split(' ') ?? [];
  if (parent === '') return;
  const channel = new Channel(process_, waits, parent, form as Form, process);
  const listens = () => process.listenerCount('message') + process.listenerCount('disconnect') > 0;
  const ref = refOf(waits, channel, listens);
  waits.onEnd(parent, () => channel.peerEnded());
  const property = (name: string, get: () => unknown) =>
    Object.defineProperty(process, name, { get, configurable: true, enumerable: true });
  property('connected', () => channel.connected);
  property('channel', () => (channel.connected ? ref : undefined));
  Object.assign(process, {
    send: (...given: Parameters<Channel['send']>) => channel.send(...given),
    disconnect: () => channel.disconnect(),
  });
  const unique = process_.env['LOCKSTEP_UNIQUE_ID'];
  if (unique === undefined) return;
  process.env['NODE_UNIQUE_ID'] = unique; // by which the module knows that it is in a worker of a cluster
  (real.require('node:cluster') as { readonly _setupWorker: () => void })._setupWorker();
  delete process.env['NODE_UNIQUE_ID'];
}
