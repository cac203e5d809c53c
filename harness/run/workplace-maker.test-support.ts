// Run as a process by workplace.test.ts. `die`: makes a workplace and dies of a SIGKILL in it. `many`: makes and removes
// workplaces, each of which sweeps, and says whether one of them was ever touched by another process.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeWorkplace } from './workplace.ts';

if (process.argv[2] === 'die') {
  makeWorkplace();
  process.kill(process.pid, 'SIGKILL');
}

let lost = 0;
for (let i = 0; i < 150; i++) {
  const workplace = makeWorkplace();
  const { folder } = workplace;
  writeFileSync(join(folder, 'mine'), '');
  if (!existsSync(join(folder, 'mine')) || !existsSync(join(folder, 'lock'))) lost++;
  workplace.remove();
}
process.stdout.write(lost === 0 ? 'kept all' : `lost ${lost}`);
