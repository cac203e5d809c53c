// Every shipped plan still does what the index says: the same hash, in used processes and in fresh ones, the same
// violations; a fix that cures it passes on the same plan; and the minimal ones are minimal. Long are the large
// ones, the Node host but for one plan of each scenario, fresh processes, and every removal in every minimal plan.
import { afterAll, describe, expect, test } from 'vitest';
import type { Coordinator } from '../harness/run/coordinator.ts';
import type { Host } from '../harness/run/hosts.ts';
import { violationsOf } from '../harness/judge/judge-history.ts';
import type { Plan } from '../harness/model/plan.ts';
import { checkWorkload } from '../harness/search/plan-check.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { isMinimal } from '../harness/search/shrink/shrink.ts';
import { sizeOf } from '../harness/search/size.ts';
import { coordinatorOf } from '../harness/testing/lab.test-support.ts';
import { long, longUnless } from '../harness/testing/long.test-support.ts';
import { scenarios } from './catalogue.ts';
import { type CorpusEntry, corpusFiles, corpusPlan, minimalFolder, readIndex, showsOf } from './corpus-index.ts';

/** What a plan is changed to so that it does no harm any more; undefined where we know of nothing. */
type Cure = Partial<Pick<Plan, 'strategy' | 'engine'>> | undefined;

const cures: { readonly [file: string]: Cure } = {
  'checkpoint-race.json': { engine: '3.54.1' },
  'checkpoint-race.delete.json': { strategy: 'delete+safe-read' },
  'checkpoint-race.safe-read.json': { engine: '3.54.1' },
  'corrupt-board-storm.by-itself.json': undefined,
  // The plan damages the board: a quarantine ends the storm, and puts away what is left of it.
  'corrupt-board-storm.json': undefined,
  // A person takes the board away, or puts an older one in its place: no strategy brings back what was in it.
  'init-inode-swap.json': undefined,
  'init-inode-swap.cp-over.json': undefined,
  'init-inode-swap.mv-all.json': undefined,
  'init-inode-swap.mv-aside.json': undefined,
  'init-inode-swap.rebuild.json': undefined,
  'init-inode-swap.restore.json': undefined,
  'init-inode-swap.rm-all.json': undefined,
  'init-stampede.json': { strategy: 'full-sync+safe-read' },
  'init-stampede.torn-extend.json': { strategy: 'full-sync+safe-read' },
  'orphan-dispatcher.json': { strategy: 'safe-read' },
  'vanished-table.json': { strategy: 'durable' },
  'wal-generation-split.json': { strategy: 'chmod-by-path+safe-read+generation-guard' },
  'wal-unlink-wedge.json': { strategy: 'safe-read' },
  'wal-unlink-wedge.delete.json': { strategy: 'delete+safe-read' },
};

/** These take seconds each; what they show is in the tests of their scenarios, or in minimal plans. */
const large = new Set([
  'checkpoint-race.json',
  'checkpoint-race.delete.json',
  'checkpoint-race.safe-read.json',
  'corrupt-board-storm.json',
  'corrupt-board-storm.by-itself.json',
  'init-inode-swap.json',
  'init-stampede.json',
  'orphan-dispatcher.json',
]);

/** What they do only the native host can: fork with what is open, and have two copies of SQLite. */
const onlyNative: ReadonlySet<string> = new Set(['2.3-two-libraries', '2.7-forked']);

const index = readIndex().plans;
const files = corpusFiles();
const firstOfScenarios = new Set(
  [
    ...Map.groupBy(
      files.filter((file) => !large.has(file)),
      (file) => corpusPlan(file).scenario,
    ).values(),
  ].map(([file]) => file),
);
const minimal = files.filter((file) => file.startsWith(`${minimalFolder}/`));

test('every plan has its line in the index, and every plan that shows a report its cure', () => {
  expect(Object.keys(index).toSorted()).toEqual(files);
  expect(files.filter((file) => !minimal.includes(file))).toEqual(Object.keys(cures).toSorted());
});

test('what each plan shows is what the index would say of it if it were made anew', () => {
  for (const [file, { shows, violates }] of Object.entries(index))
    expect(shows, file).toEqual(showsOf(file, scenarioOf(corpusPlan(file)), violates));
});

const coordinators = new Map<string, Promise<Coordinator>>();
afterAll(async () => {
  for (const coordinator of coordinators.values()) (await coordinator).close();
});

function coordinatorFor(engine: string, fresh = false, host?: Host): Promise<Coordinator> {
  const key = `${engine} ${fresh} ${host}`;
  const known = coordinators.get(key) ?? coordinatorOf({ engine, fresh, ...(host && { host }) });
  coordinators.set(key, known);
  return known;
}

function scenarioOf(plan: Plan): Scenario {
  const found = scenarios.find(({ name }) => name === plan.scenario);
  if (found === undefined) throw new Error(plan.scenario);
  return found;
}

/** What a replay shows, as the index says it. */
async function shown(plan: Plan, fresh = false, host?: Host): Promise<Pick<CorpusEntry, 'hash' | 'violates'>> {
  const scenario = scenarioOf(plan);
  const history = await (await coordinatorFor(plan.engine, fresh, host)).run(scenario, plan);
  const names = violationsOf(scenario, history).map(({ invariant }) => invariant);
  return { hash: history.hash, violates: [...new Set(names)].toSorted() };
}

/** Real time for the largest plan on a busy machine. */
const timeout = 300_000;

describe.each(files)('%s', (file) => {
  const plan = corpusPlan(file);
  const entry = index[file];

  const replay = { ...longUnless(!large.has(file)), timeout };
  test('replays to its hash and violates what it must', replay, async () => {
    checkWorkload(scenarioOf(plan), plan, file);
    const { hash, violates } = entry ?? {};
    expect(await shown(plan)).toEqual({ hash, violates });
    expect(violates).toEqual(expect.arrayContaining([...(entry?.shows ?? ['none'])]));
  });

  const inNode = { ...longUnless(firstOfScenarios.has(file)), timeout };
  test.runIf(!onlyNative.has(plan.scenario))('has that hash in the Node host too', inNode, async () => {
    expect((await shown(plan, false, 'node')).hash).toBe(entry?.hash);
  });

  test('does so in fresh processes', { ...long, timeout }, async () => {
    expect((await shown(plan, true)).hash).toBe(entry?.hash);
  });

  const cure = cures[file];
  test.runIf(cure !== undefined)('does no harm under its cure', replay, async () => {
    const cured = { ...plan, ...cure };
    const harm = new Set(scenarioOf(plan).invariants.flatMap(({ name, about }) => (about === 'harm' ? [name] : [])));
    expect((await shown(cured)).violates.filter((name) => harm.has(name))).toEqual([]);
  });
});

describe.each(minimal)('%s', (file) => {
  const plan = corpusPlan(file);

  test('is small', () => {
    const { preemptions, faults, operations } = sizeOf(scenarioOf(plan), plan);
    expect(index[file]).toMatchObject({ preemptions, faults, operations });
    expect(preemptions).toBeLessThanOrEqual(4);
    expect(faults).toBeLessThanOrEqual(2);
    expect(operations).toBeLessThanOrEqual(12);
  });

  test('passes without any one preemption, fault or operation', { ...long, timeout }, async () => {
    const coordinator = await coordinatorFor(plan.engine);
    const target = index[file]?.shows ?? [];
    expect(await isMinimal({ coordinator, scenario: scenarioOf(plan), plan, target })).toBe(true);
  });
});
