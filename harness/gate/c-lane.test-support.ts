// Runs of a program in C (c-lane.test-support.c), for tests of what only such a program does: the real loop and tables, and a
// host of its own. What stays out: the commands that it knows.
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { cachedArtifact } from '../engines/cache.ts';
import { runCompiler } from '../engines/compiler.ts';
import { sqliteObject } from '../engines/ensure.ts';
import { adoptOrphans } from '../host/native.ts';
import { spawnOwn } from '../host/spawn.ts';
import type { Plan } from '../model/plan.ts';
import { MarkCounter } from '../observe/marks/catalogue.ts';
import { StrayWriteFinder } from '../observe/stray-writes.ts';
import { Tables } from '../observe/tables.ts';
import { traceStep, type TraceStep } from '../observe/trace.ts';
import type { Chooser } from '../run/chooser.ts';
import { replayChooser } from '../run/choosers/replay.ts';
import { Pool } from '../run/pool.ts';
import { RunPool } from '../run/pools.ts';
import { Run } from '../run/run.ts';
import type { RunOutcome } from '../run/run-options.ts';
import type { ProcessStarter, Started, StartOrder } from '../run/starter.ts';
import { planOf } from '../testing/lab.test-support.ts';
import { gateFlags, gateSources, sqliteHeaders } from './build.ts';
import { emptyFolder, type Folder } from './hand-setting.test-support.ts';

const source = join(import.meta.dirname, 'c-lane.test-support.c');

function compiled(engine: string): Promise<string> {
  return cachedArtifact({
    kind: 'c-lane',
    inputs: [engine, ...[source, ...gateSources].map((file) => ({ file }))],
    fileName: 'c-lane',
    label: 'c-lane',
    build: async (dir) => {
      const object = await sqliteObject(engine);
      const flags = [...gateFlags, '-I', sqliteHeaders()];
      const out = ['-o', join(dir, 'c-lane'), '-lm', '-ldl', '-lpthread'];
      await runCompiler('c', [...flags, source, object, ...out], { cwd: dir, what: 'c-lane' });
    },
  });
}

class Starter implements ProcessStarter {
  readonly own = undefined;
  readonly #program: string;
  readonly #how: string;
  constructor(program: string, how: string) {
    this.#program = program;
    this.#how = how;
  }
  start({ main, threads, logPath, worlds }: StartOrder): Started {
    adoptOrphans();
    const log = openSync(logPath, 'a');
    const fifos = [main, ...threads].flatMap((one) => [one.in, one.out]);
    const child = spawnOwn('a program in C', [this.#program, this.#how, ...fifos], {
      cwd: worlds,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    child.unref();
    return { pid: child.pid, child };
  }
  close(): void {
    // Nothing is held for starting.
  }
}

/** What came of a run, and what its tables say at its end. */
export interface CRun {
  readonly outcome: RunOutcome;
  readonly steps: readonly TraceStep[];
  readonly tables: Tables;
  readonly marks: { readonly [name: string]: number };
  readonly strays: ReturnType<StrayWriteFinder['list']>;
  /** What lanes said, as `lane: what → result`. */
  readonly said: readonly string[];
}

/**
 * Runs in the program: one process for each entry.
 *
 * @param processes by name, what each does: commands, separated by `|`
 * @param how.shared may lanes share connections? Default: they may
 */
export async function runInC(
  processes: { readonly [name: string]: string },
  how: {
    readonly shared?: boolean;
    readonly chooser?: Chooser;
    readonly database?: string;
    readonly ledger?: readonly string[];
    readonly plan?: Partial<Plan>;
    readonly engine?: string;
    readonly world?: Folder;
    readonly limitMs?: number;
  } = {},
): Promise<CRun> {
  const { shared = true, database = 'a.db', plan = {}, engine = '3.54.1' } = how;
  const chooser = how.chooser ?? replayChooser(plan.preemptions ?? []);
  const program = await compiled(engine);
  using own = emptyFolder('c-world-');
  using folder = emptyFolder('c-pool-');
  const root = (how.world ?? own).path;
  const pool = new Pool(
    new Starter(program, shared ? 'shared' : 'plain'),
    { pool: folder.path, worlds: folder.path },
    0,
  );
  const tables = new Tables();
  const counter = new MarkCounter(tables);
  const strays = new StrayWriteFinder(tables.files);
  const steps: TraceStep[] = [];
  const start = Object.entries(processes).map(([name, args]) => ({ name, program: 'c', args }));
  try {
    const outcome = await new Run({
      plan: planOf(plan),
      pool: new RunPool(pool),
      root,
      programs: { c: { module: 'file:///c', export: 'c' } },
      start,
      setup: { name: 'setup', program: 'c', args: '' },
      database,
      ledger: how.ledger,
      chooser,
      reuse: true,
      sinks: [
        counter,
        strays,
        { see: (step, record, lane, nowMs) => void steps.push(traceStep(step, record, lane, nowMs)) },
      ],
      tables,
      limitMs: how.limitMs ?? 20_000,
    }).go();
    const words = outcome.observations.filter(({ kind }) => kind === 'said');
    const said = words.map(({ lane, data }) => `${lane}: ${(data as readonly string[]).join(' → ')}`);
    return { outcome, steps, tables, marks: counter.counts(), strays: strays.list(), said };
  } finally {
    pool.close();
  }
}
