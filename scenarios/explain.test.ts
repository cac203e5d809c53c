// Explanations of shipped plans and of a plan that a blind search finds: the real chain, lane by lane and step by step, as
// the trace of the same run has it.
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { Coordinator } from '../harness/run/coordinator.ts';
import { explain } from '../harness/explain/explain.test-support.ts';
import type { ExplainedFact, FactKind } from '../harness/explain/fact.ts';
import type { Plan } from '../harness/model/plan.ts';
import { readPlan } from '../harness/search/plan-file.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { search } from '../harness/search/search.ts';
import type { TraceStep } from '../harness/observe/trace.ts';
import { machineOf, StepKeeper } from '../harness/testing/lab.test-support.ts';
import { long, longUnless } from '../harness/testing/long.test-support.ts';
import { scenarios } from './catalogue.ts';
import { walReset } from './wal-reset.ts';

const coordinators = new Map<string, Coordinator>();
afterAll(() => {
  for (const coordinator of coordinators.values()) coordinator.close();
});

async function coordinatorFor(engine: string): Promise<Coordinator> {
  const known = coordinators.get(engine);
  if (known !== undefined) return known;
  const coordinator = new Coordinator({ machine: await machineOf(engine) });
  coordinators.set(engine, coordinator);
  return coordinator;
}

interface Explained {
  readonly facts: readonly ExplainedFact[];
  readonly steps: readonly TraceStep[];
}

async function explained(scenario: Scenario, plan: Plan): Promise<Explained> {
  const coordinator = await coordinatorFor(plan.engine);
  const keeper = new StepKeeper();
  await coordinator.run(scenario, plan, undefined, [keeper]);
  return { facts: await explain(coordinator, scenario, plan), steps: keeper.steps };
}

async function explainedCorpus(file: string): Promise<Explained> {
  const plan = readPlan(fileURLToPath(new URL(`./corpus/${file}`, import.meta.url)));
  const scenario = scenarios.find(({ name }) => name === plan.scenario);
  if (scenario === undefined) throw new Error(plan.scenario);
  return explained(scenario, plan);
}

function factOf(facts: readonly ExplainedFact[], kind: FactKind): ExplainedFact & { readonly step: number } {
  const fact = facts.find((one) => one.kind === kind);
  if (fact === undefined || fact.step === null) throw new Error(`no ${kind} in ${JSON.stringify(facts, null, 1)}`);
  return { ...fact, step: fact.step };
}

/** The operation at the step of a fact. */
function at({ steps }: Explained, { step }: { readonly step: number }): TraceStep {
  const found = steps[step];
  if (found === undefined) throw new Error(`no step ${step}`);
  return found;
}

const timeout = 300_000;

describe('wal-unlink-wedge', () => {
  test('who held what, which step took it away, and which rows went where', { timeout }, async () => {
    const run = await explainedCorpus('wal-unlink-wedge.json');
    const { facts, steps } = run;
    const lost = factOf(facts, 'lock-lost');
    expect(at(run, lost)).toMatchObject({ op: 'fileRead', file: 'kanban.db', lane: 'gateway-1/notifier' });
    const [, holder, since] =
      /(\S+) had SHARED on bytes 1073741826 to 1073742335 since step (\d+)\.$/.exec(lost.sentence) ?? [];
    expect(steps[Number(since)]).toMatchObject({
      lane: holder,
      op: 'lock',
      args: { level: 'SHARED' },
      rc: 'SQLITE_OK',
    });

    const granted = factOf(facts, 'granted-against');
    expect(granted.sentence).toContain(`the kernel had dropped that at step ${lost.step}`);
    expect(at(run, granted)).toMatchObject({
      lane: 'gateway-1.verifier-2',
      op: 'lock',
      args: { level: 'EXCLUSIVE' },
      rc: 'SQLITE_OK',
    });

    const unlinked = factOf(facts, 'file-lost');
    const [, walStep] = /kanban\.db-wal \(step (\d+)\)/.exec(unlinked.sentence) ?? [];
    expect(steps[Number(walStep)]).toMatchObject({ lane: granted.lanes[0], op: 'delete', file: 'kanban.db-wal' });

    const rows = factOf(facts, 'rows-lost');
    expect(rows.sentence).toContain('3 transactions, 4 rows of which are missing at the end');
    expect(rows.sentence).toContain(`the kanban.db-wal that gateway-1.verifier-2 unlinked at step ${walStep}`);
    expect(at(run, rows)).toMatchObject({ op: 'observe', lane: 'gateway-1/dispatcher' });
    expect(at(run, rows).text).toContain('"committed"');

    const error = factOf(facts, 'error');
    const [, failed] =
      /SQLITE_IOERR_SHORT_READ from its xRead of kanban\.db-wal .* at step (\d+)/.exec(error.sentence) ?? [];
    expect(steps[Number(failed)]).toMatchObject({ lane: error.lanes[0], op: 'read', rc: 'SQLITE_IOERR_SHORT_READ' });
    expect([lost, granted, unlinked, rows].map(({ step }) => step)).toEqual(
      [lost, granted, unlinked, rows].map(({ step }) => step).toSorted((a, b) => a - b),
    );
  });

  test('in DELETE mode: the hot journal, and the commit that went on', { ...long, timeout }, async () => {
    const run = await explainedCorpus('wal-unlink-wedge.delete.json');
    const { facts } = run;
    const victim = 'gateway-1/dispatcher';
    const pause = factOf(facts, 'fault');
    expect(pause.sentence).toMatch(
      /^The plan stopped gateway-1\/dispatcher .* before its xSync of kanban\.db-journal, which came at step \d+\.$/,
    );
    const lost = factOf(facts, 'lock-lost');
    expect(lost.sentence).toContain('RESERVED on byte 1073741825 since step');
    expect(lost.sentence).toContain('EXCLUSIVE on bytes 1073741826 to 1073742335 since step');
    const journal = factOf(facts, 'file-lost');
    expect(journal.sentence).toContain(`took the journal of ${victim} for a hot one`);
    expect(at(run, journal)).toMatchObject({ op: 'delete', file: 'kanban.db-journal', lane: 'gateway-1.verifier-3' });
    const wrote = factOf(facts, 'wrote-astray');
    expect(at(run, wrote)).toMatchObject({ op: 'write', file: 'kanban.db', lane: victim });
    expect(wrote.step).toBeGreaterThan(journal.step);
  });
});

describe('wal-reset', () => {
  const engine = '3.51.2';
  async function found(seed: number): Promise<Plan> {
    const { plan } = await search({
      scenario: walReset,
      scenarioModule: new URL('./catalogue.ts', import.meta.url).href,
      machine: await machineOf(engine),
      strategy: 'wal',
      engine,
      parameters: walReset.parameters,
      seed,
      chooser: 'preemptions',
      runs: 2000,
    });
    if (plan === undefined) throw new Error('nothing was found');
    return plan;
  }

  for (const seed of [101, 202])
    test(`the checkpoint that was overtaken, plan of seed ${seed}`, {
      ...longUnless(seed === 101),
      timeout,
    }, async () => {
      const plan = await found(seed);
      const run = await explained(walReset, plan);
      const { facts, steps } = run;
      const [began, after] = facts.filter(({ kind }) => kind === 'checkpoint');
      const reset = factOf(facts, 'wal-reset');
      const checkpointer = began?.lanes[0];
      expect(steps[began?.step ?? -1]).toMatchObject({
        lane: checkpointer,
        op: 'shmLock',
        args: { slot: 1, action: 'lock' },
      });
      expect(at(run, reset)).toMatchObject({
        op: 'write',
        role: 'wal',
        args: { offset: 0, length: 32 },
        rc: 'SQLITE_OK',
      });
      expect(at(run, reset).lane).not.toBe(checkpointer);
      expect(steps[after?.step ?? -1]?.lane).toBe(checkpointer);
      expect(after?.step).toBeGreaterThan(reset.step);

      const skipping = factOf(facts, 'frames-skipped').sentence;
      const [, skipped, counted] = /had copied (\d+) of the first (\d+) frames/.exec(skipping) ?? [];
      const [, frames] = /while \S+ held (\d+) frames/.exec(began?.sentence ?? '') ?? [];
      expect(Number(skipped)).toBeGreaterThan(0);
      // As many count as copied as the old -wal had, as far as the new one came.
      expect(skipping).toContain(`had ended with ${frames} frames done`);
      expect(Number(counted)).toBeLessThanOrEqual(Number(frames));
      const preempted = facts.filter(({ kind, step }) => kind === 'preempted' && step !== null);
      expect(
        preempted.some(({ sentence }) => sentence.startsWith(`The schedule left ${checkpointer} before its xUnfetch`)),
      ).toBe(true);
    });

  test('the same plan on the fixed engine has nothing to explain', { timeout }, async () => {
    const { facts } = await explained(walReset, { ...(await found(101)), engine: '3.54.1' });
    expect(facts.map(({ kind }) => kind)).toEqual(['end']);
  });
});

test.each([
  ['checkpoint-race.delete.json', ['lock-lost', 'granted-against', 'file-lost', 'wrote-astray']],
  ['init-inode-swap.rebuild.json', ['file-lost', 'mispaired']],
  ['init-inode-swap.rm-all.json', ['rows-lost', 'file-lost', 'wrote-astray']],
] as const)(
  '%s: a few sentences, without ids of this machine, the same for two replays',
  { timeout },
  async (file, kinds) => {
    const { facts } = await explainedCorpus(file);
    for (const kind of kinds) expect(facts.map((fact) => fact.kind)).toContain(kind);
    expect(facts.length).toBeGreaterThanOrEqual(3);
    expect(facts.length).toBeLessThanOrEqual(15);
    for (const { sentence } of facts) expect(sentence).not.toMatch(/\/dev\/|\/tmp\/|world-\d|undefined|NaN/);
    expect((await explainedCorpus(file)).facts).toEqual(facts);
  },
);
