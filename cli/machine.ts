// Gets what a run needs ready: the gate and the engine's binding, built on first use. What stays out: building
// (harness/gate/build.ts, harness/engines/).
import { engineStatus, ensureEngines } from '../harness/engines/ensure.ts';
import { gatePath } from '../harness/gate/build.ts';
import type { LaneBinaries } from '../harness/run/pool.ts';
import type { Interrupt } from './interrupt.ts';
import type { Output } from './output.ts';

/** Machines for several engines; missing engines are built side by side. Ends with an interrupt: nothing is kept of a build. */
export async function machinesFor(
  engines: readonly string[],
  output: Output,
  interrupt: Interrupt,
): Promise<Map<string, LaneBinaries>> {
  for (const name of engines) engineStatus(name); // an unknown name is said before anything is built
  const progress = (line: string) => output.progress(line);
  const { signal } = interrupt;
  try {
    const gate = await gatePath({ progress, signal });
    const ready = await ensureEngines(engines, { progress, signal });
    return new Map([...ready].map(([name, { binding }]) => [name, { binding, gate }]));
  } catch (error) {
    interrupt.check(); // then the build failed because of it
    throw error;
  }
}

/** The machine for one engine. */
export async function machineFor(engine: string, output: Output, interrupt: Interrupt): Promise<LaneBinaries> {
  const machine = (await machinesFor([engine], output, interrupt)).get(engine);
  if (machine === undefined) throw new Error(`no machine for ${engine}`);
  return machine;
}
