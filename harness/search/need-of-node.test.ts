// What watches a run (a search, a shrinking, a trace, an exhaustive search) goes on in Node where a program does what only Node does, and
// sees what the Node host shows. Where the native host is asked for by name, nothing is tried a second time.
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { PREBUILT_ENGINE } from '../engines/catalogue.ts';
import type { LockstepError } from '../errors/errors.ts';
import { EveryStep } from '../explain/timeline/every-step.ts';
import { invariant } from '../model/invariant.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import { replayChooser } from '../run/choosers/replay.ts';
import type { Coordinator } from '../run/coordinator.ts';
import type { Host } from '../run/hosts.ts';
import { coordinatorOf, planOf, process as start, scenarioOf } from '../testing/lab.test-support.ts';
import { crashSearch } from '../crash/crash-search.ts';
import { crashSweep } from './crash-sweep.ts';
import { exhaust } from './exhaustive/exhaust.ts';
import { anchorsOf, judgePlan } from './judge-plan.ts';
import { Runner } from './runner.ts';
import { shrink } from './shrink/shrink.ts';
import { witness } from './witness.ts';
import { longUnless } from '../testing/long.test-support.ts';

const module = new URL('../lane/native/language.test-support.ts', import.meta.url).href;

/** Its program says what only Node can, after it has done what both can; and a run in which it does violates `never`. */
const scenario: Scenario = {
  ...scenarioOf([start('p', 'workingThenDoing', 'failing')]),
  programs: { setup: { module, export: 'setup' }, workingThenDoing: { module, export: 'workingThenDoing' } },
  workload: z.json(),
  invariants: [
    invariant('never', 'harm', 'a program throws', ({ endings }) =>
      endings.flatMap(({ lane, ending }) => (ending.how === 'threw' ? [{ message: `${lane} threw` }] : [])),
    ),
  ],
};

const opened: Coordinator[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

async function open(host?: Host): Promise<Coordinator> {
  const coordinator = await coordinatorOf(host === undefined ? {} : { host });
  opened.push(coordinator);
  return coordinator;
}

const runnerOptions = {
  strategy: 'plain',
  engine: PREBUILT_ENGINE,
  parameters: scenario.parameters,
  seed: 5,
  chooser: 'preemptions',
} as const;

const plan: Plan = planOf({ faults: [{ kind: 'pause', at: { lane: 'p', op: 'lock', nth: 1 }, ms: 5 }] });

/** All that watches runs; each gives what must be the same in both hosts. */
const watchers: { readonly [name: string]: (coordinator: Coordinator) => Promise<unknown> } = {
  'a search': async (coordinator) => {
    const runner = new Runner(coordinator, scenario, runnerOptions);
    return [(await runner.run(0)).hash, (await runner.run(1)).hash];
  },
  'a shrinking': async (coordinator) => {
    const small = await shrink({ coordinator, scenario, plan });
    return { ...small, seconds: 0, last: undefined };
  },
  'an exhaustive search': async (coordinator) => {
    const { failure, ...rest } = await exhaust({ coordinator, scenario, plan, preemptions: 0 });
    return { ...rest, hash: failure?.hash };
  },
  'a crash sweep': (coordinator) => crashSweep({ coordinator, scenario, plan, from: 0, to: 3 }),
  'a power loss': async (coordinator) => {
    const options = { statesMax: 50, recoveriesMax: 1, seed: 1, stop: () => false } as const;
    const found = await crashSearch({
      coordinator,
      scenario,
      plan,
      system: { model: 'powersafe' },
      durability: 'acknowledged',
      ...options,
    });
    return { ...found, statesPerSecond: 0, processorMs: 0 };
  },
  'a judgement elsewhere': async (coordinator) => {
    const anchors = await anchorsOf(coordinator, scenario, plan);
    return judgePlan({ coordinator, scenario, plan, anchors, target: ['never'], searches: 0 });
  },
  'a look at every step': async (coordinator) => (await witness(coordinator, scenario, plan)).facts,
};

describe.each(Object.entries(watchers))('%s', (what, watch) => {
  test('goes on in Node where a program needs it', longUnless(what === 'a search'), async () => {
    expect(await watch(await open())).toEqual(await watch(await open('node')));
  });
});

test('what has seen the beginning of a run twice has every step once', async () => {
  const steps = async (host?: Host) => {
    const coordinator = await open(host);
    const every = new EveryStep();
    await coordinator.orInNode(() => coordinator.run(scenario, plan, undefined, [every]));
    return every.steps;
  };
  const [natively, inNode] = [await steps(), await steps('node')];
  expect(inNode.length).toBeGreaterThan(5);
  expect(natively).toEqual(inNode);
});

test('where the native host is asked for by name a run is begun once, and the error says what to do', async () => {
  const coordinator = await open('native');
  let begun = 0;
  const going = coordinator.orInNode(() => {
    begun++;
    return coordinator.run(scenario, plan, replayChooser([]));
  });
  await expect(going).rejects.toMatchObject({ code: 'NEEDS_NODE' } satisfies Partial<LockstepError>);
  expect(begun).toBe(1);
});
