// Runs once before all tests: compiles the gate and the engines that tests use, so that no test's time has a compiler in
// it. What stays out: engines beyond the default four, which their own tests build.
import { ensureEngines } from '../engines/ensure.ts';
import { gatePath } from '../gate/build.ts';

export async function setup(): Promise<void> {
  const progress = (line: string): void => void process.stderr.write(`${line}\n`);
  await gatePath({ progress });
  await ensureEngines(['3.50.4', '3.51.0', '3.51.2', '3.54.1'], { progress });
}
