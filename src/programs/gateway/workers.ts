// The children of a dispatcher: started, reaped, and how they ended, for as long as the board may ask. Another dispatcher's
// children are not its own: waitpid does not see them, their exits stay unknown. What stays out: what the board makes of
// an exit (board/workers.ts).
import type { World, Ending, Json } from '../../../harness/lane/world.ts';
import type { Claim } from '../board/claims.ts';
import type { WorkerExit } from '../board/workers.ts';
import type { GatewayConfig } from './settings.ts';

/** From a run's start, so long a worker's death is not held against it: then every exit has been judged. */
const crashGraceMs = 30_000;

function exitCode(ending: Ending): number | null {
  switch (ending.how) {
    case 'returned':
      return 0;
    case 'exited':
      return ending.code;
    case 'threw':
      return 1;
    case 'killed':
      return null;
    default:
      return ending satisfies never;
  }
}

export class Workers {
  readonly #world: World;
  readonly #config: GatewayConfig;
  readonly #living = new Set<string>();
  readonly #exits = new Map<string, { readonly code: number | null; readonly reapedMs: number }>();
  #attempts = 0;

  constructor(world: World, config: GatewayConfig) {
    this.#world = world;
    this.#config = config;
  }

  /** Exits that the board has not judged yet, oldest first. */
  get exits(): readonly WorkerExit[] {
    return [...this.#exits].map(([worker, { code }]) => ({ worker, code }));
  }

  /** waitpid(-1, WNOHANG), until there is none. */
  reap(): void {
    for (const worker of this.#living) {
      const ending = this.#world.poll(worker);
      if (ending === undefined) continue;
      this.#living.delete(worker);
      this.#exits.set(worker, { code: exitCode(ending), reapedMs: this.#world.now() });
    }
  }

  /** The board has judged the exits: those that are out of their grace need not be told again. */
  judged(): void {
    for (const [worker, { reapedMs }] of this.#exits) {
      if (this.#world.now() - reapedMs >= crashGraceMs) this.#exits.delete(worker);
    }
  }

  /** Workspace and Popen. Result: the worker's name; undefined when it could not be started. */
  start(claim: Claim): string | undefined {
    const { board, spawnMs, workerStartMs, failingSpawns } = this.#config;
    this.#world.sleep(spawnMs);
    const number = ++this.#attempts;
    if (failingSpawns.includes(number)) return undefined;
    const worker = `${this.#world.process}.verifier-${number}`;
    const told = { board, startMs: workerStartMs, ...claim };
    this.#world.spawn('verifier', worker, told as unknown as Json);
    this.#living.add(worker);
    return worker;
  }
}
