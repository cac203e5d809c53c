// A coordinator in a process of its own, for the tests of cleaning up. Says that it runs by a file beside its runs, and
// goes on when there is another.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { coordinatorOf, planOf, process as start, scenarioOf } from './lab.test-support.ts';
import { PythonLab } from './python-lab.test-support.ts';

const [mode] = process.argv.slice(2);
const coordinator = await coordinatorOf({ limitMs: 60_000 });
await coordinator.run(scenarioOf([start('p', 'nothing'), start('q', 'nothing')]), planOf());
const folder = process.env['LOCKSTEP_RUNS'] ?? '';
writeFileSync(join(folder, 'running'), '');
if (mode !== 'wait' && mode !== 'stuck' && mode !== 'forked') while (!existsSync(join(folder, 'go'))) await wait(20);

if (mode === 'return') {
  coordinator.close();
} else if (mode === 'throw') {
  throw new Error('on purpose');
} else if (mode === 'exit') {
  await coordinator.run(scenarioOf([start('p', 'sleeping', 10)]), planOf(), {
    choose: () => process.exit(1),
  });
} else if (mode === 'forked') {
  const lab = new PythonLab();
  const text = `
import os, time
if os.fork() == 0:
    open('forked', 'w').close()
    while True: pass
time.sleep(1)`;
  await coordinator.run(lab.scenario({ p: lab.program('p', text) }), planOf());
} else if (mode === 'stuck') {
  await coordinator.run(scenarioOf([start('p', 'neverReturning')]), planOf());
} else {
  process.on('SIGINT', () => process.exit(130));
  process.on('SIGTERM', () => process.exit(143));
  setInterval(() => undefined, 1000);
}
