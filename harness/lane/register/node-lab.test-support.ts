// A laboratory for tests of the Node host: programs in a folder of their own, processes on them, and runs that must be alike whoever has started their
// Nodes. What stays out: the programs.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { packageDir } from '../../engines/package-dir.ts';
import type { History } from '../../model/history.ts';
import type { Plan } from '../../model/plan.ts';
import type { Ending } from '../../model/process.ts';
import { stream } from '../../model/random.ts';
import type { Scenario } from '../../model/scenario.ts';
import { turnsChooser } from '../../run/choosers/preemptions.ts';
import type { Coordinator } from '../../run/coordinator.ts';
import { coordinatorOf, planOf, process as named, scenarioOf } from '../../testing/lab.test-support.ts';

const engine = '3.50.4';

/** A plan of this laboratory. */
export const nodePlan = (more: Partial<Plan> = {}) => planOf({ engine, ...more });

/** What a process has printed on its standard error, in lines. */
export function said(history: History, name = 'one'): readonly string[] {
  const text = history.words?.find(({ process: who }) => who === name)?.text ?? '';
  return text.split('\n').slice(0, -1);
}

/** What the programs have counted to together. */
export function countIn({ autopsy }: History): number {
  const [row = []] = autopsy.queries['t'] as readonly (readonly unknown[])[];
  return Number(row[1]);
}

export const endingOf = ({ endings }: History, lane = 'one'): Ending | undefined =>
  endings.find((one) => one.lane === lane)?.ending;

/** To be used at the top of a test file, of which it sets up and takes down what is here. */
export class NodeLab<File extends string> {
  #folder = '';
  readonly #coordinators: Coordinator[] = [];

  /** @param programs each as somebody would write it who knows of no run, by file name */
  constructor(programs: { readonly [file in File]: string }) {
    beforeAll(async () => {
      this.#folder = mkdtempSync(join(tmpdir(), 'lockstep-node-'));
      symlinkSync(join(packageDir('better-sqlite3'), '..'), join(this.#folder, 'node_modules'));
      for (const [name, text] of Object.entries<string>(programs)) writeFileSync(join(this.#folder, name), text);
      this.#coordinators.push(await coordinatorOf({ engine }), await coordinatorOf({ engine, fresh: true }));
    }, 300_000);
    afterAll(() => {
      for (const coordinator of this.#coordinators) coordinator.close();
      rmSync(this.#folder, { recursive: true, force: true });
    });
  }

  /** Of this one processes are forked from a Node that waits. */
  get coordinator(): Coordinator {
    const [first] = this.#coordinators;
    if (first === undefined) throw new Error('not set up');
    return first;
  }

  /** Processes on these programs: one, two. */
  labOf(...files: readonly File[]): Scenario {
    const names = ['one', 'two'].slice(0, files.length);
    const lab = scenarioOf(names.map((name) => named(name, name)));
    const commands = names.map((name, i) => [
      name,
      { command: ['node', files[i] ?? ''], host: 'node', files: this.#folder },
    ]);
    const programs = Object.fromEntries([['setup', lab.programs['setup']], ...commands]) as Scenario['programs'];
    return { ...lab, programs, queries: { t: 'SELECT k, v FROM t' } };
  }

  /** Runs it in turns. */
  inTurns(scenario: Scenario, seed: number): Promise<History> {
    return this.coordinator.run(scenario, nodePlan({ seed }), turnsChooser(stream('chooser', seed, 0)));
  }

  /** Runs it in turns, and by what that came to once more, and with Nodes that nobody has forked: every one has the same hash. */
  async runAlike(scenario: Scenario, seed = 7): Promise<History> {
    const found = await this.inTurns(scenario, seed);
    for (const one of this.#coordinators) {
      const again = await one.run(scenario, nodePlan({ seed, preemptions: found.preemptions }));
      expect([again.hash, again.words]).toEqual([found.hash, found.words]);
    }
    return found;
  }

  /** The first seed by which the programs come to less than they should. */
  async findLoss(scenario: Scenario, whole: number): Promise<{ readonly seed: number; readonly history: History }> {
    for (let seed = 1; seed <= 20; seed++) {
      const history = await this.inTurns(scenario, seed);
      if (countIn(history) < whole) return { seed, history };
    }
    throw new Error('Nothing is lost by any of 20 seeds.');
  }
}
