// One hand-over: a grant to a real lane, and the frame with which it stands still again one switch point on. Two context
// switches and two FIFOs: what a run pays for each change of lanes.
import type { Bench } from 'tinybench';
import { machineOf } from '../testing/lab.test-support.ts';
import { HandProcess, patience } from './hand.test-support.ts';
import type { HandWorld } from './hand-lane.test-support.ts';

function steppingForEver(world: HandWorld): void {
  for (;;) {
    world.gate('step', 'again', null, null);
    world.gate('done', 0);
  }
}

export async function addTasks(bench: Bench): Promise<Disposable> {
  const process = HandProcess.start(await machineOf());
  process.main.begin('/', steppingForEver);
  bench.add('a hand-over: a grant, one step, a frame', () => {
    process.main.send({ budget: 1 });
    process.main.channel.receive(patience);
  });
  return process;
}
