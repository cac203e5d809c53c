// Gets what a run needs ready: an engine's binding, the gate, the native host, what is put under commands, built on first use. What stays out: building
// (harness/run/machines.ts).
import { engineStatus } from '../harness/engines/ensure.ts';
import type { Host } from '../harness/run/hosts.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { machinesOf } from '../harness/run/machines.ts';
import type { LaneBinaries } from '../harness/run/pool.ts';
import { Building } from './building.ts';
import type { Interrupt } from './interrupt.ts';
import type { Output } from './output.ts';

/**
 * What machines are for.
 *
 * @property host undefined: the native one for what it can run
 * @property scenarios whose programs will run there
 */
export interface MachineUse {
  readonly host?: Host | undefined;
  readonly scenarios?: readonly Scenario[];
}

/** Machines for several engines; missing engines are built side by side. Ends with an interrupt: nothing is kept of a build. */
export async function machinesFor(
  engines: readonly string[],
  output: Output,
  interrupt: Interrupt,
  use: MachineUse,
): Promise<Map<string, LaneBinaries>> {
  for (const name of engines) engineStatus(name); // an unknown name is said before anything is built
  const { host, scenarios = [] } = use;
  const programs = scenarios.flatMap((scenario) => Object.values(scenario.programs));
  const { signal } = interrupt;
  using building = new Building(output);
  try {
    return await machinesOf(engines, { host, programs, progress: building.says, signal });
  } catch (error) {
    interrupt.check(); // then the build failed because of it
    throw error;
  }
}

/** The machine for one engine. */
export async function machineFor(
  engine: string,
  output: Output,
  interrupt: Interrupt,
  use: MachineUse,
): Promise<LaneBinaries> {
  const machine = (await machinesFor([engine], output, interrupt, use)).get(engine);
  if (machine === undefined) throw new Error(`no machine for ${engine}`);
  return machine;
}
