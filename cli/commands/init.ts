// lockstep init: writes a scenario for somebody's own program, and the configuration that finds it.
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { usageError } from '../../harness/errors/errors.ts';
import { writeWhole } from '../../harness/host/write-whole.ts';
import type { InitOptions } from '../declared/init.ts';
import { asking } from '../init/ask.ts';
import { guess } from '../init/guess.ts';
import { type Answers, scenarioText } from '../init/scenario-text.ts';
import type { Interrupt } from '../interrupt.ts';
import type { Output } from '../output.ts';
import { findConfig } from '../own/find-config.ts';

export async function init(output: Output, interrupt: Interrupt, options: InitOptions): Promise<number> {
  const file = resolve(options.out);
  refuseToOverwrite(file, options);
  const answers = await answersOf(options, interrupt);
  const { name, text } = scenarioText(answers);
  writeWhole(file, text);
  const config = writeConfig(file);
  output.result({ format: 1, scenario: name, file: options.out, config, ...answers });
  if (output.json) return 0;
  output.say(`${options.out} has a scenario "${name}": \`${answers.command}\` on ${answers.database}.`);
  if (config !== null) output.say(`${config} says that it is there.`);
  output.say();
  output.say('Read it, correct it, and then');
  output.table([
    ['npx lockstep list', 'shows that it is found'],
    [`npx lockstep run ${name}`, 'makes runs until something breaks; the first compiles what it needs, once'],
    [`npx lockstep run ${name} --engine 3.51.2`, 'the same on another SQLite version'],
  ]);
  return 0;
}

function refuseToOverwrite(file: string, { out, force }: InitOptions): void {
  if (force || !existsSync(file)) return;
  throw usageError(
    'FILE_THERE',
    `The file ${out} is there already.`,
    'Write over it with --force, or name another with --out.',
  );
}

/** What is given, then what a person answers, then what the folder shows. */
async function answersOf(options: InitOptions, { signal }: Interrupt): Promise<Answers> {
  const folder = process.cwd();
  const { command, database, query, yes } = options;
  if (yes || !process.stdin.isTTY) {
    const guessed = guess(folder, database);
    const known = command ?? (yes ? guessed.command : undefined);
    if (known === undefined) throw unanswered(yes);
    return { ...guessed, command: known, query: query ?? guessed.query };
  }
  return asking(signal, async (ask) => {
    const known = command ?? (await ask('How is the program started', guess(folder, database).command));
    const file = database ?? (await ask('Which database do its processes share', guess(folder, undefined).database));
    const guessed = guess(folder, file);
    const asked =
      query ??
      (await ask('A query that gives keys of rows, to be asked in the end (- for none)', guessed.query ?? '-'));
    return { ...guessed, command: known, database: file, query: asked === '-' ? undefined : asked };
  });
}

function unanswered(yes: boolean): Error {
  const said = "Give it: --command 'python3 worker.py' --database app.db";
  return yes
    ? usageError('INIT_NO_COMMAND', 'Nothing in this folder looks like a program that uses SQLite.', `${said}.`)
    : usageError(
        'INIT_NO_TERMINAL',
        'How the program is started is not given, and there is no terminal to ask on.',
        `${said}; or take what the folder shows, with --yes.`,
      );
}

/** @returns its path, as a person would type it; null where one is there already, which the person has written */
function writeConfig(scenario: string): string | null {
  const folder = dirname(scenario);
  if (findConfig(folder) !== undefined) return null;
  const file = join(folder, 'lockstep.config.ts');
  writeWhole(
    file,
    `// Where the scenarios of this project are: files, and folders of NAME.scenario.ts.\nexport default { scenarios: ['${basename(scenario)}'] };\n`,
  );
  return 'lockstep.config.ts';
}
