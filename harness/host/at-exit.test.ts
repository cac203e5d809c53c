// What is undone at the exit is undone to its end, whatever comes meanwhile.
import { execa } from 'execa';
import { expect, test } from 'vitest';

const module = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);

/** Ends at once by each SIGTERM, as the front door does by a second one; says how far its cleanup has come. */
const program = `
  const { atExit } = await import(${module('./at-exit.ts')});
  const { hearSignals, onSignals } = await import(${module('./signals.ts')});
  const { writeSync } = await import('node:fs');
  onSignals(['SIGTERM'], () => process.exit(3));
  atExit(() => writeSync(1, 'last'));
  atExit(() => {
    process.kill(process.pid, 'SIGTERM');
    for (const end = performance.now() + 200; performance.now() < end; ) hearSignals();
    writeSync(1, 'first ');
  });
  process.exit(0);
`;

test('a signal in the middle of a cleanup skips nothing of it', async () => {
  const { stdout } = await execa(process.execPath, ['--no-warnings', '--input-type=module', '-e', program], {
    reject: false,
  });
  expect(stdout).toBe('first last');
});
