// What the machine does to a run is no event of the run: processes that crash or are killed from outside, that are stuck, or
// have run into a limit end it as an error of the harness, in one sentence; and every wait hears that it is to end.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinator } from './coordinator.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import type { History } from '../model/history.ts';
import type { StepSink } from '../model/step.ts';
import { failingPrograms } from '../testing/failing.test-support.ts';
import { coordinatorOf, observed, planOf, process as start, scenarioOf } from '../testing/lab.test-support.ts';
import { awaitDeath } from '../host/native.ts';
import { livingPrograms } from '../testing/living.test-support.ts';
import { RunInterrupted } from '../errors/interrupted.ts';
import type { StartProcess } from '../model/process.ts';

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf({ limitMs: 1000 });
});
afterAll(() => coordinator.close());

function scenario(processes: readonly StartProcess[]): Scenario {
  const base = scenarioOf(processes);
  const setup = base.programs['setup'] ?? { module: '', export: '' };
  return { ...base, programs: { ...livingPrograms, ...failingPrograms, setup } };
}

async function run(...processes: readonly StartProcess[]): Promise<History> {
  return coordinator.run(scenario(processes), planOf());
}

/** How a run failed; and that the next one is not touched by it. */
async function failureOf(...processes: readonly StartProcess[]): Promise<{ code: string; message: string }> {
  const failed: unknown = await run(...processes).catch((error: unknown) => error);
  expect((await run(start('next', 'standing'))).end).toBe('stopped');
  expect(failed).toMatchObject({ kind: 'harness' });
  return failed as { code: string; message: string };
}

describe('a process that ends without anybody in the run having asked for it', () => {
  test.each(['SIGSEGV', 'SIGBUS', 'SIGABRT', 'SIGFPE', 'SIGILL'])(
    'crashed: %s, with its native stack',
    async (signal) => {
      const { code, message } = await failureOf(start('p', 'signalling', signal));
      expect({ code, message }).toMatchObject({
        code: 'PROCESS_CRASHED',
        message: expect.stringMatching(`process p crashed \\(${signal}\\)`) as string,
      });
      expect(message).toMatch(/native stack:\n.*gate\.so/);
    },
  );

  test.each(['SIGTERM', 'SIGKILL', 'SIGUSR2', 'SIGHUP'])('was killed from outside: %s', async (signal) => {
    expect(await failureOf(start('p', 'signalling', signal))).toMatchObject({
      code: 'KILLED_FROM_OUTSIDE',
      message: expect.stringMatching(`process p was killed by a ${signal} that no plan sent`) as string,
    });
  });

  test('passed a limit (SIGXFSZ is ignored by Node)', async () => {
    expect(await failureOf(start('p', 'signalling', 'SIGXCPU'))).toMatchObject({ code: 'PROCESS_LIMITED' });
  });

  test('gave up in one of its threads: with what the thread said', async () => {
    const { message } = await failureOf(start('p', 'parentOfThread'));
    expect(message).toMatch(/the host of this lane is broken/);
  });

  test('was dead before the plan killed it', async () => {
    let pid = 0;
    const sink: StepSink = {
      see: (_step, { text }) => {
        if (text.includes('"pid"')) pid = (JSON.parse(text) as { readonly data: number }).data;
        if (text !== 'now') return;
        process.kill(pid, 'SIGKILL');
        awaitDeath(pid);
      },
    };
    const going = coordinator.run(
      scenario([start('p', 'tellingPid'), start('q', 'killing', 'p')]),
      planOf(),
      undefined,
      [sink],
    );
    await expect(going).rejects.toMatchObject({ code: 'KILLED_FROM_OUTSIDE' });
  });
});

/** Its own time counts, which a loaded machine gives slowly: no limit of the test's. */
describe.runIf(process.platform === 'linux')('a lane that does not come back', { timeout: 120_000 }, () => {
  test('since it computes for ever', async () => {
    expect(await failureOf(start('p', 'computing'))).toMatchObject({
      code: 'LANE_LOST',
      message: expect.stringMatching(/lane p did not come back: it computed for 1/) as string,
    });
  });

  test('since it waits for something: with the system call that it stands in', async () => {
    expect(await failureOf(start('p', 'stuck'))).toMatchObject({
      code: 'LANE_LOST',
      message: expect.stringMatching(/lane p did not come back: for 1.* s it was asleep in futex/) as string,
    });
  });

  test('since somebody has stopped it', async () => {
    expect(await failureOf(start('p', 'signalling', 'SIGSTOP'))).toMatchObject({
      code: 'LANE_LOST',
      message: expect.stringMatching(/stopped by a signal/) as string,
    });
  });
});

describe('a wait ends when the person at the keyboard says so', () => {
  test.each(['computing', 'stuck'])('for a lane that is %s', async (program) => {
    let over = Infinity;
    const patient = await coordinatorOf({ limitMs: 600_000, stop: () => performance.now() > over });
    try {
      await patient.run(scenario([start('p', 'standing')]), planOf());
      over = performance.now() + 300;
      await expect(patient.run(scenario([start('p', program)]), planOf())).rejects.toThrow(RunInterrupted);
    } finally {
      patient.close();
    }
  });

  test('between two of many faults that strike at once', async () => {
    let strikes = 0;
    const sink: StepSink = { see: (_step, { text }) => void (strikes += /"kind":"orphan"/.test(text) ? 1 : 0) };
    const stopped = await coordinatorOf({ stop: () => strikes > 0 });
    const faults: Plan['faults'] = Array.from({ length: 20 }, () => ({
      kind: 'orphan',
      at: { timeMs: 10 },
      process: 'p',
    }));
    try {
      const going = stopped.run(scenario([start('p', 'standing')]), planOf({ faults }), undefined, [sink]);
      await expect(going).rejects.toThrow(RunInterrupted);
      expect(strikes).toBe(1);
    } finally {
      stopped.close();
    }
  });
});

describe.runIf(process.platform === 'linux')('what the machine lacks is no finding', () => {
  test.each([
    ['sql', 'fileBytes', 8192, 'EFBIG', /by the lane p/],
    ['open', 'openFiles', 5, 'EMFILE', /open of lab\.db \(db\) by the lane p/],
    ['write', 'fileBytes', 8192, 'EFBIG', /fileWrite of raw by the lane p/],
    ['read', 'openFiles', 5, 'EMFILE', /fileRead of lab\.db \(db\) by the lane p/],
    ['flock', 'openFiles', 5, 'EMFILE', /flock of the\.lock by the lane p/],
  ])('%s with a limit on %s', async (act, resource, most, errno, where) => {
    const { code, message } = await failureOf(start('p', 'limited', { act, resource, most }));
    expect({ code, message }).toEqual({ code: 'HOST_ERROR', message: expect.stringMatching(errno) as string });
    expect(message).toMatch(where);
  });

  test('memory for SQLite', async () => {
    const { message } = await failureOf(start('p', 'hungry'));
    expect(message).toMatch(/memory/);
  });

  test('but memory that a fault takes is for the program to do without', async () => {
    const faults: Plan['faults'] = [
      { kind: 'io-error', at: { lane: 'p', op: 'read', role: 'db', nth: 2 }, code: 'SQLITE_IOERR_NOMEM', op: 'read' },
    ];
    const history = await coordinator.run(scenario([start('p', 'reading')]), planOf({ faults }));
    expect(observed(history, 'met')).toEqual([expect.stringMatching(/NOMEM/)]);
  });
});
