// Ctrl-C and SIGTERM are heard in the middle of a wait: a lane that computes for ever, hundreds of faults at one step. Nothing
// is left behind then.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { execa } from 'execa';
import { withDir } from 'tmp-promise';
import { beforeAll, describe, expect, test } from 'vitest';
import { machineOf } from '../harness/testing/lab.test-support.ts';
import { lockstep } from './front-door.test-support.ts';
import { long } from '../harness/testing/long.test-support.ts';

beforeAll(async () => {
  await machineOf(); // builds what has to be built
});

const corpus = new URL('../scenarios/corpus/minimal/wal-reset.wal.3.51.2.json', import.meta.url);

/** A plan of the corpus on the engine that needs no compiling, with other faults. */
function planWith(faults: readonly object[]): string {
  return JSON.stringify({ ...(JSON.parse(readFileSync(corpus, 'utf8')) as object), engine: '3.54.1', faults });
}

const endless = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c';
const recursive = planWith([{ kind: 'mixed-mode', at: { step: 20 }, statements: [endless], tryMs: 1000 }]);
const orphans = planWith(
  Array.from({ length: 200 }, () => ({ kind: 'orphan', at: { step: 20 }, process: 'writer-1' })),
);

/** Processor time in seconds of each process with this text in its command line. */
function processorTimes(text: string): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      if (!readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(text)) return [];
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return fields[0] === 'Z' ? [] : [(Number(fields[11]) + Number(fields[12])) / 100];
    } catch {
      return []; // no process, or gone meanwhile
    }
  });
}

interface Interrupted {
  readonly code: number | undefined;
  readonly left: readonly string[];
}

/**
 * Starts a command on a plan, sends it signals when the moment has come, and waits until all is gone.
 *
 * @param moment looks at the processor times of its lanes
 */
async function interrupted(
  plan: string,
  args: readonly string[],
  moment: (times: readonly number[]) => boolean,
  signals: readonly NodeJS.Signals[],
): Promise<Interrupted> {
  return withDir(
    async ({ path }) => {
      const file = join(path, 'plan.json');
      writeFileSync(file, plan);
      const command = [...args.map((arg) => (arg === 'PLAN' ? file : arg)), '--limit', '600'];
      const child = execa(process.execPath, [lockstep, ...command], {
        env: { LOCKSTEP_RUNS: path },
        cwd: path,
        reject: false,
        stdin: 'ignore',
      });
      while (!moment(processorTimes(`${path}/lockstep-`))) await wait(50);
      for (const signal of signals) {
        child.kill(signal);
        await wait(100);
      }
      const { exitCode } = await child;
      while (processorTimes(path).length > 0) await wait(20);
      return { code: exitCode, left: readdirSync(path).filter((name) => name.startsWith('lockstep-')) };
    },
    { unsafeCleanup: true },
  );
}

/** Some lane has used more than it takes to start. */
const computes = (times: readonly number[]): boolean => times.some((seconds) => seconds > 2);
const run = ['run', 'wal-reset', '--engine', '3.54.1', '--plan', 'PLAN', '--no-shrink', '--out', 'plans'];

describe.runIf(process.platform === 'linux')('a command ends at once', () => {
  test('in recursive SQL, on Ctrl-C', async () => {
    expect(await interrupted(recursive, ['replay', 'PLAN'], computes, ['SIGINT'])).toEqual({ code: 130, left: [] });
  });

  test('between hundreds of orphans, on SIGTERM', async () => {
    const many = (times: readonly number[]): boolean => times.length > 8;
    expect(await interrupted(orphans, ['replay', 'PLAN'], many, ['SIGTERM'])).toEqual({ code: 143, left: [] });
  });

  test('with jobs, on Ctrl-C', long, async () => {
    expect(await interrupted(recursive, [...run, '--jobs', '2'], computes, ['SIGINT'])).toEqual({
      code: 130,
      left: [],
    });
  });

  test('with jobs, on a second Ctrl-C: they go when their parent has gone', long, async () => {
    const ended = await interrupted(recursive, [...run, '--jobs', '2'], computes, ['SIGINT', 'SIGINT']);
    expect(ended).toEqual({ code: 130, left: [] });
  });
});
