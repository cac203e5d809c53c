// What `lockstep doctor` takes. What stays out: what it does (commands/doctor.ts).
import type { Command } from '@commander-js/extra-typings';
import { jsonOption, verboseOption } from '../options.ts';

export function declareDoctor(program: Command) {
  return program
    .command('doctor')
    .description('what this machine can run, and what is missing')
    .addOption(jsonOption())
    .addOption(verboseOption());
}
