// What differs from one machine to another, and programs of Node go by: its name, its memory, how many threads are worth while, and the
// habits of whoever starts Lockstep. As in lane/preload/machine.c. What stays out: where programs lie (places.ts).
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { isMainThread } from 'node:worker_threads';

const name = 'lockstep';
const processors = 4;
const memoryBytes = 2 ** 32;

/** From here on all machines are alike. */
export function installMachine(): void {
  const times = { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 };
  const alike = {
    availableParallelism: () => processors,
    cpus: () => Array.from({ length: processors }, () => ({ model: name, speed: 0, times: { ...times } })),
    freemem: () => memoryBytes / 2,
    hostname: () => name,
    loadavg: () => [0, 0, 0],
    totalmem: () => memoryBytes,
  };
  for (const [key, value] of Object.entries(alike)) Object.defineProperty(os, key, { value, configurable: true });
  Object.defineProperty(globalThis.navigator, 'hardwareConcurrency', { value: processors, configurable: true });
  syncBuiltinESMExports();
}

/** In the run: whoever starts Lockstep may have another. */
export function beginMachine(): void {
  if (isMainThread) process.umask(0o022);
}
