// A searcher that somebody has stopped counts as dead: nobody else would let it go on, and the bench would wait for ever.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { machineOf } from '../../harness/testing/lab.test-support.ts';
import { findScenario } from '../../scenarios/find.ts';
import { scenarioModuleOf } from '../../scenarios/known.ts';
import { Searchers } from './searchers.ts';

/** Processes that this one has started. */
function children(): readonly number[] {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').map(Number);
}

test('the search of one that was stopped ends with a sentence, and its searcher with it', async () => {
  const { engine, parameters } = findScenario('wal-reset');
  const before = children();
  const searchers = new Searchers(1, {
    scenarioModule: scenarioModuleOf('wal-reset'),
    scenario: 'wal-reset',
    machine: await machineOf(),
  });
  const options = { strategy: 'wal', engine, parameters, seed: 1, chooser: 'preemptions' } as const;
  const going = searchers.search(options, { runs: 1_000_000 }).catch((error: unknown) => error);
  await sleep(500);
  for (const pid of children()) if (!before.includes(pid)) process.kill(pid, 'SIGSTOP');
  expect(await going).toMatchObject({
    code: 'SEARCHER_DIED',
    message: expect.stringMatching(/stopped by a signal/) as string,
  });
  await searchers.close();
});
