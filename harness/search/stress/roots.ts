// Folders for free-running rounds: each a fresh copy of the files that the scenario's setup program makes, once for all rounds
// that begin alike. What stays out: who plays in them (crew.ts).
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StartProcess } from '../../model/process.ts';
import { copyWorld } from '../../run/copy-world.ts';
import { processesOf } from '../../run/check-processes.ts';
import type { Plan } from '../../model/plan.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { WayToServer } from '../../postgres/server.ts';
import { type Crew, cannotRunFree } from './crew.ts';

export class Roots {
  readonly #scenario: Scenario;
  readonly #folder: string;
  /** Folders that hold the files rounds begin with, by what makes them. */
  readonly #templates = new Map<string, Promise<string>>();
  #made = 0;

  /** @param folder to make them in; exists */
  constructor(scenario: Scenario, folder: string) {
    this.#scenario = scenario;
    this.#folder = folder;
  }

  /**
   * A folder for one round; whoever asked for it removes it.
   *
   * @param server for the setup program, where it has not run yet
   * @throws as {@link Crew.play}
   */
  async fresh(crew: Crew, plan: Plan, server?: WayToServer): Promise<string> {
    const template = await this.#template(crew, plan, server);
    const root = this.#make();
    copyWorld(template, root);
    return root;
  }

  #template(crew: Crew, plan: Plan, server: WayToServer | undefined): Promise<string> {
    const { setup } = processesOf(this.#scenario, plan);
    // Of SQLite's settings only the size of pages is in the files.
    const { sqlite: settings, ...parameters } = plan.parameters;
    const sqlite = settings?.pageBytes === undefined ? {} : { pageBytes: settings.pageBytes };
    const key = JSON.stringify([setup, sqlite]);
    const known = this.#templates.get(key);
    if (known !== undefined) return known;
    const made = this.#makeTemplate(crew, setup, { ...plan, parameters: { ...parameters, sqlite } }, server);
    this.#templates.set(key, made);
    return made;
  }

  async #makeTemplate(crew: Crew, setup: StartProcess, plan: Plan, server: WayToServer | undefined): Promise<string> {
    const folder = this.#make();
    const [played] = await crew.play({ ...plan, seed: 0 }, [setup], folder, [], server);
    if (played?.ending.how !== 'returned') {
      const why = `Its setup program did not return: ${JSON.stringify(played?.ending)}.`;
      throw cannotRunFree(this.#scenario, why);
    }
    return folder;
  }

  #make(): string {
    const folder = join(this.#folder, `round-${this.#made++}`);
    mkdirSync(folder);
    return folder;
  }
}
