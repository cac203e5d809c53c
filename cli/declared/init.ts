// What `lockstep init` takes. What stays out: what it does (commands/init.ts).
import type { Command } from '@commander-js/extra-typings';
import { jsonOption, verboseOption } from '../options.ts';

export function declareInit(program: Command) {
  return program
    .command('init')
    .description('writes a scenario for the program in this folder, to begin with; asks for what it does not find')
    .option('--command <command>', "how the program is started, such as 'python3 worker.py --once'")
    .option('--database <file>', 'the database that its processes share, such as app.db')
    .option('--query <sql>', "what to ask of it in the end, such as 'SELECT id FROM jobs'")
    .option('--out <file>', 'where the scenario goes', 'lockstep.scenario.ts')
    .option('--yes', 'asks nothing: what is not given is guessed', false)
    .option('--force', 'writes over files that are there', false)
    .addOption(jsonOption())
    .addOption(verboseOption());
}

export type InitOptions = ReturnType<ReturnType<typeof declareInit>['opts']>;
