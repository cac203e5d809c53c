// What `lockstep engines` and its subcommands take. What stays out: what they do (commands/engines.ts).
import type { Command } from '@commander-js/extra-typings';
import { jsonOption, verboseOption } from '../options.ts';

export function declareEngines(program: Command) {
  return program
    .command('engines')
    .description('lists SQLite versions; builds and adds them')
    .addOption(jsonOption())
    .addOption(verboseOption());
}

type Engines = ReturnType<typeof declareEngines>;

export function declareBuild(engines: Engines) {
  return engines
    .command('build')
    .argument('[names...]', 'such as 3.51.2 or 3.51.2+shm; default: all that are here and not built')
    .description('compiles engines ahead of their first use')
    .addOption(jsonOption())
    .addOption(verboseOption());
}

export function declareAdd(engines: Engines) {
  return engines
    .command('add')
    .argument('<version>', 'a SQLite version (3.51.1) or the better-sqlite3 release that carries it (12.5.0)')
    .description('fetches another SQLite version from the npm registry and builds it')
    .addOption(jsonOption())
    .addOption(verboseOption());
}
