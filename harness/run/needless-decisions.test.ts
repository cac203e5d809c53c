// A decision at which nothing is decided changes nothing: a plan has only those that do, and so gives the same run as whoever looked more often
// (shrinking holds on to lanes' own steps, and stops where it then lets go on). With lanes that wait for mutexes of their process.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stream } from '../model/random.ts';
import { coordinatorOf, planOf } from '../testing/lab.test-support.ts';
import { PythonLab } from '../testing/python-lab.test-support.ts';
import { turnsChooser } from './choosers/preemptions.ts';
import { replayChooser } from './choosers/replay.ts';
import type { Coordinator } from './coordinator.ts';

const queue = `
import queue, sqlite3, threading
jobs = queue.Queue()
def work():
    con = sqlite3.connect("lab.db", isolation_level=None)
    while (item := jobs.get()) is not None:
        con.execute("INSERT INTO t(v) VALUES (?)", (item,))
    con.close()
threads = [threading.Thread(target=work) for _ in range(3)]
for t in threads: t.start()
for i in range(4): jobs.put(str(i))
for _ in threads: jobs.put(None)
for t in threads: t.join()
`;

const lab = new PythonLab();
let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
}, 300_000);
afterAll(() => {
  coordinator.close();
  lab.close();
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'between threads that wait for a queue, by some of the turns of seed %d',
  async (seed) => {
    const scenario = lab.scenario({ p: lab.program('queue', queue), q: lab.program('queue', queue) });
    const random = stream('chooser', seed, 0);
    const { preemptions } = await coordinator.run(scenario, planOf(), turnsChooser(random));
    const plan = planOf({ preemptions: preemptions.filter(() => random() < 0.2) });
    const replay = replayChooser(plan.preemptions);
    const seldom = await coordinator.run(scenario, plan);
    const often = await coordinator.run(scenario, plan, {
      choose: (decision) => ({ ...replay.choose(decision), points: 1 }),
    });
    expect(often.preemptions).toEqual(seldom.preemptions);
    expect(often.hash).toBe(seldom.hash);
  },
);
