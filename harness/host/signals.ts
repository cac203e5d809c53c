// Signals, heard in the middle of synchronous code too. Node calls a handler only when its event loop turns, and a
// coordinator that waits for a lane does not turn it: a libuv loop of our own, beside Node's, is told of the same signals,
// can be asked at any time, and has a descriptor that a poll(2) wakes up by. Node exports libuv for its addons
// (nodejs.org/api/addons.html); where it does not, signals are heard when the event loop turns. What stays out: what a
// signal means (cli/interrupt.ts).
import { constants } from 'node:os';
import koffi from 'koffi';

type Listener = (signal: NodeJS.Signals) => void;

const uvSignal = 16; // UV_SIGNAL, uv_handle_type of uv.h
const uvRunNoWait = 2; // UV_RUN_NOWAIT, uv_run_mode

interface OwnLoop {
  readonly fd: number;
  start(signal: NodeJS.Signals): void;
  stop(signal: NodeJS.Signals): void;
  /** Calls `heard` for each signal that has come. */
  turn(): void;
}

const heard: NodeJS.Signals[] = [];
const listeners = new Map<NodeJS.Signals, Set<Listener>>();

/** Undefined where this Node has no libuv to call, or no descriptor is left for it. */
function makeLoop(): OwnLoop | undefined {
  try {
    const library = koffi.load(null);
    const called = koffi.pointer(koffi.proto('void', ['void *', 'int'])); // (handle, signal)
    const sizeOfLoop = library.func('size_t uv_loop_size()');
    const sizeOfHandle = library.func('size_t uv_handle_size(int type)');
    const initLoop = library.func('int uv_loop_init(void *loop)');
    const backendFd = library.func('int uv_backend_fd(void *loop)');
    const run = library.func('int uv_run(void *loop, int mode)');
    const initSignal = library.func('int uv_signal_init(void *loop, void *handle)');
    const startSignal = library.func('uv_signal_start', 'int', ['void *', called, 'int']);
    const stopSignal = library.func('int uv_signal_stop(void *handle)');
    const loop: unknown = koffi.alloc('uint8_t', Number(sizeOfLoop()));
    if (initLoop(loop) !== 0) return undefined;
    const handles = new Map<NodeJS.Signals, unknown>();
    const call = koffi.register((_handle: unknown, number: number) => {
      const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
      if (name !== undefined) heard.push(name as NodeJS.Signals);
    }, called);
    const handleOf = (signal: NodeJS.Signals): unknown => {
      const known = handles.get(signal);
      if (known !== undefined) return known;
      const handle: unknown = koffi.alloc('uint8_t', Number(sizeOfHandle(uvSignal)));
      initSignal(loop, handle);
      handles.set(signal, handle);
      return handle;
    };
    const turn = (): void => void run(loop, uvRunNoWait);
    return {
      fd: Number(backendFd(loop)),
      start: (signal) => {
        startSignal(handleOf(signal), call, constants.signals[signal]);
        turn(); // only now does the descriptor stand for the signal
      },
      stop: (signal) => void stopSignal(handleOf(signal)),
      turn,
    };
  } catch {
    return undefined;
  }
}

let made: { readonly loop: OwnLoop | undefined } | undefined;
/** Made when somebody listens for the first time: it takes four descriptors. */
function ownLoop(): OwnLoop | undefined {
  made ??= { loop: makeLoop() };
  return made.loop;
}

let held = 0;

/**
 * What comes while the body runs is told when it has ended: a second Ctrl-C ends a process at once, and would leave what was
 * half cleared away.
 */
export function holdSignals<Result>(body: () => Result): Result {
  held++;
  try {
    return body();
  } finally {
    held--;
    hearSignals();
  }
}

/** Tells the listeners what has come since the last time. Synchronous code that takes long calls this now and then. */
export function hearSignals(): void {
  if (held > 0 || listeners.size === 0) return;
  made?.loop?.turn();
  for (let signal = heard.shift(); signal !== undefined; signal = heard.shift())
    for (const listener of listeners.get(signal) ?? []) listener(signal);
}

/** Can be read when a signal has come that somebody listens for; undefined when there is no such descriptor. */
export function signalFd(): number | undefined {
  return listeners.size === 0 ? undefined : made?.loop?.fd;
}

/** In the event loop: of a signal that was heard before, nothing is left to tell. */
function hear(signal: NodeJS.Signals): void {
  if (made?.loop === undefined) heard.push(signal);
  hearSignals();
}

/**
 * Calls a listener for each of these signals, from the event loop or from within {@link hearSignals}, once for each
 * time that it comes.
 *
 * @returns ends it
 */
export function onSignals(signals: readonly NodeJS.Signals[], listener: Listener): () => void {
  for (const signal of signals) {
    const known = listeners.get(signal);
    known?.add(listener);
    if (known !== undefined) continue;
    listeners.set(signal, new Set([listener]));
    ownLoop()?.start(signal);
    process.on(signal, hear);
  }
  return () => {
    for (const signal of signals) {
      const known = listeners.get(signal);
      known?.delete(listener);
      if (known === undefined || known.size > 0) continue;
      process.off(signal, hear);
      made?.loop?.stop(signal);
      listeners.delete(signal);
    }
  };
}
