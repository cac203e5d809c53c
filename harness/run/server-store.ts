// The databases that one coordinator's runs have on its PostgreSQL server, which is started when the first run needs it: what setup has made is
// a template, and each run has a copy. What stays out: what a run does there (server-requests.ts).
import type { Autopsy } from '../model/history.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Patience } from '../host/waiting.ts';
import type { Written } from '../postgres/crash-point.ts';
import { examine } from '../postgres/examine.ts';
import { RunDatabase } from '../postgres/run-database.ts';
import { Server } from '../postgres/server.ts';
import { usageError } from '../errors/errors.ts';
import { runsFolder } from './workplace.ts';
import { losesPower } from './world-power.ts';

export function needsServer(scenario: Scenario, plan: Plan): boolean {
  return scenario.server?.needed(plan.strategy) === true;
}

/** @throws a usage error where the plan's data are a server's: their disk is none that is followed */
export function checkPowerLoss(scenario: Scenario, plan: Plan): void {
  if (!needsServer(scenario, plan)) return;
  const { strategy } = plan;
  throw usageError(
    'NO_POWER_LOSS_ON_SERVER',
    `Under the strategy ${strategy} the data are a PostgreSQL server’s, and what a power loss leaves of its disk is not modelled.`,
    'Take the power loss out of the plan; a crash of the server is the fault `server-kill`.',
  );
}

/** The database of one run. */
export interface RunStore {
  readonly database: RunDatabase;
  /** What lanes have left. Their connections are closed for it. */
  examine(): Autopsy;
  remove(): void;
}

export class ServerStore {
  readonly #patience: Patience;
  #server: Server | undefined;
  /** Names of databases, by what made them. */
  readonly #templates = new Map<string, string>();

  constructor(patience: Patience) {
    this.#patience = patience;
  }

  /** Starts the server where the plan's scenario needs one. @throws a harness error where this machine has none */
  async begin(scenario: Scenario, plan: Plan): Promise<void> {
    if (!needsServer(scenario, plan)) return;
    if (losesPower(plan)) checkPowerLoss(scenario, plan);
    this.#server ??= await Server.make(runsFolder());
  }

  /** @param key what names the template; undefined where the scenario needs no server */
  forSetup(scenario: Scenario, plan: Plan, key: string): RunDatabase | undefined {
    if (this.#server === undefined || !needsServer(scenario, plan)) return undefined;
    const database = new RunDatabase(this.#server, this.#patience);
    this.#templates.set(key, database.name);
    return database;
  }

  /** A copy of what setup has made. */
  forRun(scenario: Scenario, plan: Plan, key: string): RunStore | undefined {
    const server = this.#server;
    if (server === undefined || !needsServer(scenario, plan)) return undefined;
    const database = new RunDatabase(server, this.#patience, this.#templates.get(key));
    let isThere = true;
    return {
      database,
      examine() {
        database.closeAll();
        if (!database.isOn) database.start();
        const client = server.look(database.name);
        try {
          return examine(client, scenario.server?.queries ?? {});
        } finally {
          client.close();
        }
      },
      remove() {
        if (!isThere) return;
        isThere = false;
        database.closeAll();
        if (!database.isOn) database.start();
        server.drop(database.name);
      },
    };
  }

  /** What the server has written and synced so far; undefined where no run has needed one. */
  written(): Written | undefined {
    return this.#server?.written();
  }

  forgetTemplates(): void {
    for (const name of this.#templates.values()) this.#server?.drop(name);
    this.#templates.clear();
  }

  close(): void {
    this.#server?.close();
    this.#server = undefined;
  }
}
