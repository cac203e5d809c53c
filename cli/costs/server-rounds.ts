// The PostgreSQL server of free-running rounds: one for all of them, with the settings of a server that nobody holds still, a fresh database
// a round, and what it takes of the machine. What stays out: the rounds (rounds.ts).
import type { WayToServer } from '../../harness/postgres/server.ts';
import { Server } from '../../harness/postgres/server.ts';

/** Real milliseconds between two looks at the server's memory. */
const weighEveryMs = 20;

/** What a server took in a round. */
interface Used {
  readonly cpuMs: number;
  readonly memoryBytes: number;
}

/**
 * A server for the rounds of one strategy.
 *
 * @property forSetup to the database that its setup program makes, and every round has a copy of
 */
interface ServerOfStrategy {
  readonly forSetup: WayToServer;
  newDatabase(): { readonly way: WayToServer; remove(): void };
  begin(weighs: boolean): { end(): Used };
}

export class ServerRounds {
  readonly #folder: string;
  readonly #templates = new Map<string, string>();
  #server: Promise<Server> | undefined;
  #made: Server | undefined;
  #isClosed = false;

  /** @param folder for its files; exists. The server is started when the first round needs it */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws a harness error where this machine has no PostgreSQL */
  async of(strategy: string): Promise<ServerOfStrategy> {
    this.#server ??= Server.make(this.#folder, 'free');
    const server = await this.#server;
    this.#made = server;
    if (this.#isClosed) server.close();
    const template = this.#templates.get(strategy) ?? server.newDatabase();
    this.#templates.set(strategy, template);
    return {
      forSetup: server.wayTo(template),
      newDatabase() {
        const name = server.newDatabase(template);
        return { way: server.wayTo(name), remove: () => server.drop(name) };
      },
      begin: (weighs) => beginUse(server, weighs),
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#made?.close();
    this.#made = undefined;
  }
}

function beginUse(server: Server, weighs: boolean): { end(): Used } {
  const before = server.processorMs();
  let memoryBytes = 0;
  const look = (): void => {
    memoryBytes = Math.max(memoryBytes, server.memoryBytes());
  };
  const timer = weighs ? setInterval(look, weighEveryMs) : undefined;
  return {
    end() {
      clearInterval(timer);
      return { cpuMs: server.processorMs() - before, memoryBytes };
    },
  };
}
