// Starts simulated processes of the Node host (lane/host.ts): a whole Node each. What stays out: the native host.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { laneCodeCache, laneEnv } from '../host/child-env.ts';
import { launch } from './launch.ts';
import type { ProcessStarter, Started, StartOrder } from './starter.ts';

const host = fileURLToPath(new URL('../lane/host.ts', import.meta.url));

export class NodeStarter implements ProcessStarter {
  readonly own = undefined;
  readonly #binding: string;
  readonly #gate: string;

  /**
   * @param binding SQLite binding of the engine under test, absolute path
   * @param gate the compiled gate, absolute path
   */
  constructor(binding: string, gate: string) {
    this.#binding = binding;
    this.#gate = gate;
    mkdirSync(laneCodeCache(), { recursive: true });
  }

  start(order: StartOrder): Started {
    const job = {
      binding: this.#binding,
      gate: this.#gate,
      ...order.main,
      writable: [...order.writable, laneCodeCache()],
      threads: order.threads,
    };
    const command = [process.execPath, '--no-warnings', host, JSON.stringify(job)] as const;
    return launch({ command, env: laneEnv(order.worlds) }, order);
  }

  close(): void {}
}
