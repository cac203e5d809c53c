// A run of the canary in TypeScript beside one of its Python, forked by a zygote and started by itself: what counts is the ratio. The
// same plan, whose workload is that of run 0.
import type { Bench } from 'tinybench';
import { Coordinator } from '../harness/run/coordinator.ts';
import { machinesOf } from '../harness/run/machines.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { planOfRun } from '../harness/search/runner.ts';
import { debianPython } from '../harness/testing/python-lab.test-support.ts';
import { walReset } from './wal-reset.ts';
import { walResetPython } from './wal-reset-python.ts';

const engine = '3.51.2';

export async function addTasks(bench: Bench): Promise<Disposable> {
  const machine = (await machinesOf([engine])).get(engine);
  if (machine === undefined) throw new Error(`no engine ${engine}`);
  const reused = new Coordinator({ machine });
  const fresh = new Coordinator({ machine, fresh: true });
  const add = (name: string, coordinator: Coordinator, scenario: Scenario) => {
    const { parameters } = scenario;
    const plan = planOfRun(scenario, { strategy: 'wal', engine, parameters, seed: 101, chooser: 'preemptions' }, 0);
    bench.add(`a run of the canary ${name}`, async () => {
      await coordinator.run(scenario, plan);
    });
  };
  const python = walResetPython(debianPython);
  add('in TypeScript', reused, walReset);
  add('in Python, forked by a zygote', reused, python);
  add('in Python, started by itself', fresh, python);
  return {
    [Symbol.dispose]: () => {
      reused.close();
      fresh.close();
    },
  };
}
