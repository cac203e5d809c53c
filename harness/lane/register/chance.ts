// Chance in Node comes from the lane's own stream, whoever is asked for it.
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { firstPid, type ProcessOfRun } from './process-of-run.ts';

/** Fills with chance. Six bytes a draw: a number holds 53 bits. */
function fill(gate: ProcessOfRun['gate'], bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += 6) {
    let draw = Math.floor(gate.random() * 2 ** 48);
    for (let i = at; i < Math.min(at + 6, bytes.length); i++) {
      bytes[i] = draw % 256;
      draw = Math.floor(draw / 256);
    }
  }
}

const viewOf = (given: ArrayBufferView | ArrayBufferLike): Uint8Array =>
  ArrayBuffer.isView(given) ? new Uint8Array(given.buffer, given.byteOffset, given.byteLength) : new Uint8Array(given);

type Callback<T> = (error: Error | null, result: T) => void;

/** From here on chance is the run's. */
export function installChance({ gate }: ProcessOfRun): void {
  const randomBytes = (size: number, callback?: Callback<Buffer>): Buffer | undefined => {
    const bytes = Buffer.alloc(size);
    fill(gate, bytes);
    if (callback === undefined) return bytes;
    setImmediate(callback, null, bytes);
    return undefined;
  };
  const randomFillSync = <T extends ArrayBufferView>(given: T, offset = 0, size?: number): T => {
    const view = viewOf(given);
    fill(gate, view.subarray(offset, size === undefined ? undefined : offset + size));
    return given;
  };
  const randomFill = (given: ArrayBufferView, ...more: readonly unknown[]): void => {
    const callback = more.at(-1) as Callback<ArrayBufferView>;
    const [offset, size] = more.slice(0, -1) as readonly number[];
    setImmediate(callback, null, randomFillSync(given, offset, size));
  };
  const randomInt = (...given: readonly unknown[]): number | undefined => {
    const callback = typeof given.at(-1) === 'function' ? (given.at(-1) as Callback<number>) : undefined;
    const [one = 0, other] = given.filter((value) => typeof value === 'number');
    const [least, most] = other === undefined ? [0, one] : [one, other];
    const drawn = least + Math.floor(gate.random() * (most - least));
    if (callback === undefined) return drawn;
    setImmediate(callback, null, drawn);
    return undefined;
  };
  const randomUUID = (): string => {
    const bytes = randomFillSync(Buffer.alloc(16));
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  };
  const getRandomValues = <T extends ArrayBufferView>(given: T): T => randomFillSync(given);
  Math.random = () => gate.random();
  const everywhere = { getRandomValues, randomUUID };
  const inModule = { randomUUID, randomBytes, randomFillSync, randomFill, randomInt, pseudoRandomBytes: randomBytes };
  for (const [one, functions] of [
    [crypto, inModule],
    [crypto.webcrypto, everywhere],
    [globalThis.crypto, everywhere],
  ] as const)
    for (const [name, value] of Object.entries(functions))
      Object.defineProperty(one, name, { value, configurable: true });
  syncBuiltinESMExports();
}

/** Process ids are the run's. */
export function installIds({ setting, env, thread }: ProcessOfRun): void {
  const parent = env['LOCKSTEP_PARENT'];
  Object.defineProperty(process, 'pid', { value: thread?.pid ?? firstPid + setting.number, configurable: true });
  Object.defineProperty(process, 'ppid', { value: parent === undefined ? 1 : Number(parent), configurable: true });
}
