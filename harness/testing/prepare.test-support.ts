// Runs once before all tests: compiles the gate, the engines that tests use for both hosts, and what goes under commands, so that no
// test's time has a compiler in it. What stays out: engines beyond the default four, which their own tests build.
import { machinesOf } from '../run/machines.ts';

export async function setup(): Promise<void> {
  const progress = (line: string): void => void process.stderr.write(`${line}\n`);
  await machinesOf(['3.50.4', '3.51.0', '3.51.2', '3.54.1'], { progress });
  await machinesOf(['3.51.2', '3.54.1'], { progress, programs: [{ command: ['node'], host: 'node' }] });
}
