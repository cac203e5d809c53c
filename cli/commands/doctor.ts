// lockstep doctor: what this machine can run, what is missing, and what to do about it.
import { diagnose } from '../doctor.ts';
import type { Interrupt } from '../interrupt.ts';
import type { Output } from '../output.ts';

export async function doctor(output: Output, interrupt: Interrupt): Promise<number> {
  const capabilities = await diagnose(output, interrupt);
  output.result({ format: 1, capabilities });
  if (!output.json) {
    for (const { name, ok, needed, says, fix } of capabilities) {
      output.say(
        `${ok ? output.paint('green', '✓') : output.paint(needed ? 'red' : 'yellow', needed ? '✗' : '–')} ${name}: ${says}`,
      );
      if (!ok && fix !== null) output.say(`    ${fix}`);
    }
  }
  return capabilities.every(({ ok, needed }) => ok || !needed) ? 0 : 4;
}
