// Free-running stress: real races in real processes are found, sound programs give no hit, what cannot run free is said, and
// nothing is left behind.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../model/fault.ts';
import type { Json } from '../../model/values.ts';
import type { ProgramRef, StartProcess } from '../../model/process.ts';
import { machineOf, planOf, process as start, scenarioOf } from '../../testing/lab.test-support.ts';
import type { Scenario } from '../../model/scenario.ts';
import { Crew, type Played } from './crew.ts';
import { Stress, type StressOptions } from './stress.ts';
import { refusedCalls } from './stress-programs.test-support.ts';
import { long } from '../../testing/long.test-support.ts';

const module = new URL('./stress-programs.test-support.ts', import.meta.url).href;
const programs: { readonly [name: string]: ProgramRef } = new Proxy(
  {},
  { get: (_target, name) => (typeof name === 'string' ? { module, export: name } : undefined) },
);

let binding: string;
let runs: string;
const runsBefore = process.env['LOCKSTEP_RUNS'];
beforeAll(async () => {
  binding = (await machineOf()).binding;
  runs = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'stress-test-'));
  process.env['LOCKSTEP_RUNS'] = runs;
});
afterAll(() => {
  if (runsBefore === undefined) delete process.env['LOCKSTEP_RUNS'];
  else process.env['LOCKSTEP_RUNS'] = runsBefore;
  rmSync(runs, { recursive: true, force: true });
});

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

function scenario(processes: readonly StartProcess[], more: Partial<Scenario> = {}): Scenario {
  return { ...scenarioOf(processes), programs, ...more };
}

function stressOf(given: Scenario, more: Partial<StressOptions> = {}): Stress {
  const { parameters, engine } = given;
  const stress = new Stress({
    scenario: given,
    binding,
    strategy: 'plain',
    engine,
    parameters,
    seed: 1,
    crews: 2,
    limitMs: 20_000,
    ...more,
  });
  opened.push(stress);
  return stress;
}

/** Goes on until something is hit, or so many rounds are done, or a time in which any machine does some. */
async function rounds(stress: Stress, most: number) {
  await stress.run(50_000, () => stress.result().hits.length > 0 || stress.result().rounds >= most);
  return stress.result();
}

/** Processes of ours that run free: children of this one. */
function freeProcesses(): number {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const parent = Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
      return parent === process.pid && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('free-host');
    } catch {
      return false; // gone meanwhile
    }
  }).length;
}

describe('what is found', () => {
  test('a commit that is acknowledged before it is one, and lost where two processes meet', async () => {
    const racing = [start('p', 'acknowledgingEarly', 0), start('q', 'acknowledgingEarly', 1000)];
    const { hits, rounds: made, seconds } = await rounds(stressOf(scenario(racing)), 5000);
    expect(hits[0]?.violations[0]).toMatchObject({ invariant: 'acknowledged-commits', step: null });
    expect(hits[0]?.seconds).toBeLessThanOrEqual(seconds);
    expect(made).toBeGreaterThan(0);
  });

  test('a process that throws', async () => {
    const { hits } = await rounds(stressOf(scenario([start('q', 'throwing')])), 1);
    const messages = hits[0]?.violations.map(({ message }) => message) ?? [];
    expect(messages).toEqual(['q ended by an error that it did not handle: on purpose']);
  });

  test('but not one that dies: nothing in a round ends a process', async () => {
    const crashing = stressOf(scenario([start('p', 'crashing'), start('q', 'throwing')]));
    await expect(rounds(crashing, 1)).rejects.toThrow(/free-running round died \(SIGSEGV\)/);
  });

  test('only what was asked for', async () => {
    const stress = stressOf(scenario([start('p', 'throwing')]), { only: ['integrity'] });
    expect(await rounds(stress, 5)).toMatchObject({ invariants: ['integrity'], hits: [] });
  });

  test('nothing in sound programs, in rounds one after the other on fresh files', async () => {
    const sound = scenario([start('p', 'sound', 0), start('q', 'sound', 100)]);
    const stress = stressOf(sound);
    await rounds(stress, 20);
    const before = stress.result();
    const after = await rounds(stress, before.rounds + 20);
    expect(after.hits).toEqual([]);
    expect(after.rounds).toBeGreaterThanOrEqual(before.rounds + 20);
    expect(after.seconds).toBeGreaterThan(before.seconds);
    // Every round that has begun was judged, and its files are gone.
    expect(after.rounds).toBeLessThanOrEqual(before.rounds + 20 + 3 * after.crews);
  });
});

describe('what a program sees', () => {
  async function play(processes: readonly StartProcess[], more: { restMsMax?: number; seed?: number } = {}) {
    const folder = mkdtempSync(join(runs, 'crew-'));
    const root = mkdtempSync(join(folder, 'root-'));
    const given = scenario(processes);
    const crew = new Crew({ scenario: given, binding, folder, number: 0, limitMs: 20_000, restMsMax: 0, ...more });
    opened.push(crew);
    const plan = planOf(more.seed === undefined ? {} : { seed: more.seed });
    await crew.play(plan, [given.setup(plan)], root);
    return { crew, plan, root, played: await crew.play(plan, processes, root) };
  }
  const said = (played: readonly Played[], kind: string): readonly Json[] =>
    played.flatMap(({ observations }) => observations.filter((one) => one.kind === kind).map(({ data }) => data));

  test('files, file locks, clock, memory and mutexes are real and free', async () => {
    // The kernel's clock of files moves in steps of a few milliseconds: the rest is longer.
    const { played } = await play([start('p', 'touring')], { restMsMax: 50 });
    expect(played[0]?.ending).toEqual({ how: 'returned' });
    expect(said(played, 'toured')).toEqual([
      {
        lane: 'p',
        read: 'n',
        list: ['b', 'c', 'lock'],
        exists: false,
        linked: true,
        changed: true,
        flock: [true, false],
        shared: [1],
        mutex: 'inside',
        slept: true,
        refused: 'read nowhere: ENOENT',
      },
    ]);
  });

  test('chance is seeded, and each process has its own', async () => {
    const drawn = async (seed: number) =>
      said((await play([start('p', 'touring'), start('q', 'touring')], { seed })).played, 'drawn');
    const [first, again, other] = [await drawn(1), await drawn(1), await drawn(2)];
    expect(again).toEqual(first);
    expect(first[0]).not.toEqual(first[1]);
    expect(other).not.toEqual(first);
  });

  test("the plan's end comes on the lane's clock, however short the rests", async () => {
    const { played } = await play([start('p', 'untilStopped')]);
    expect(said(played, 'naps')).toEqual([10]); // 600 s of horizon
  });

  test('a rest takes real time where it may', async () => {
    const rest = start('p', 'sound', 0);
    const lastMs = ({ played }: { played: readonly Played[] }) => played[0]?.observations.at(-1)?.nowMs ?? 0;
    // Nine rests of a millisecond lie before the last observation.
    expect(lastMs(await play([rest], { restMsMax: 5 }))).toBeGreaterThanOrEqual(9);
  });

  test('what a process has not given back goes with it', async () => {
    const { crew, plan, root, played } = await play([start('p', 'leaking')]);
    expect(played[0]?.open).toBe(1);
    const again = await crew.play(plan, [start('p', 'leaking')], root);
    expect(again[0]).toMatchObject({ ending: { how: 'returned' }, open: 1 });
  });
});

describe('what cannot run free is said', () => {
  test.each(refusedCalls)('%s', async (call) => {
    const stress = stressOf(scenario([start('p', 'asking', call)]), { crews: 1 });
    await expect(stress.run(20_000)).rejects.toMatchObject({
      kind: 'usage',
      code: 'CANNOT_RUN_FREE',
      message: expect.stringContaining(`asked for \`${call}\`, which needs a coordinator: it cannot run free.`),
    });
  });

  test('faults', async () => {
    const kill: Fault = { kind: 'kill', process: 'p', at: { step: 3 } };
    const stress = stressOf(scenario([start('p', 'sound', 0)], { faults: () => [kill] }));
    await expect(stress.warm()).rejects.toMatchObject({ code: 'CANNOT_RUN_FREE' });
  });

  test('invariants about steps', () => {
    const given = scenario([start('p', 'sound', 0)]);
    expect(() => stressOf(given, { only: ['integrity', 'locks-held'] })).toThrow(/locks-held cannot be judged/);
  });
});

describe('nothing is left behind', () => {
  const left = () => readdirSync(runs).filter((name) => name.startsWith('lockstep-'));

  test('when it is closed', async () => {
    const stress = stressOf(scenario([start('p', 'sound', 0)]));
    await stress.warm();
    await stress.run(1); // ended by its time, not by `stop`, which ends the processes too
    expect(freeProcesses()).toBe(2);
    expect(left()).toHaveLength(1);
    stress.close();
    expect(freeProcesses()).toBe(0);
    expect(left()).toEqual([]);
  });

  test('when a program never returns: that is an error, not a hang', long, async () => {
    const stress = stressOf(scenario([start('p', 'neverReturning'), start('q', 'sound', 0)]), { limitMs: 1500 });
    await expect(stress.run(20_000)).rejects.toMatchObject({ kind: 'harness', code: 'FREE_PROCESS_LOST' });
    stress.close();
    expect(freeProcesses()).toBe(0);
    expect(left()).toEqual([]);
  });

  test(
    'when it is stopped in the middle of a round: that ends with its processes, and does not count',
    long,
    async () => {
      const stress = stressOf(scenario([start('p', 'neverReturning'), start('q', 'sound', 0)]), { limitMs: 600_000 });
      const began = performance.now();
      await stress.run(600_000, () => performance.now() - began > 1000);
      expect(stress.result()).toMatchObject({ rounds: 0, hits: [] });
      expect(freeProcesses()).toBe(0);
    },
  );
});
