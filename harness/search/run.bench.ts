// One run of a small scenario, in processes that are used again: folders, setup, lanes, autopsy, history.
import type { Bench } from 'tinybench';
import { coordinatorOf, planOf, process, scenarioOf } from '../testing/lab.test-support.ts';

export async function addTasks(bench: Bench): Promise<Disposable> {
  const coordinator = await coordinatorOf();
  const processes = [process('writer', 'inserting', { from: 0, count: 5 }), process('reader', 'reading', 5)];
  for (const journal of ['wal', 'delete'] as const) {
    const scenario = scenarioOf(processes, journal);
    bench.add(`a run: a writer and a reader, journal ${journal}`, async () => {
      await coordinator.run(scenario, planOf());
    });
  }
  return { [Symbol.dispose]: () => coordinator.close() };
}
