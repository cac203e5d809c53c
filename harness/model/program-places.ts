// Where the program of a command lies, which no trace tells: one plan has one hash wherever that is. What a lane says of it has words in
// its place, which the coordinator reads as what they stand for. What stays out: what programs make of their own paths themselves.
import type { CommandProgram } from './process.ts';

/**
 * @property files the folder of the scenario that it is of, absolute; undefined: a command of the system
 * @property interpreter its first word, which it may start its children by
 */
export interface ProgramPlaces {
  readonly files?: string | undefined;
  readonly interpreter: string;
}

export function placesOf({ files, command: [interpreter] }: CommandProgram): ProgramPlaces {
  return { files, interpreter };
}

/** As lane/python/lockstep_host/setting.py has them. */
const words = { files: '{lockstep:files}', interpreter: '{lockstep:interpreter}' } as const;

function inWords(command: CommandProgram, change: (text: string) => string): CommandProgram {
  const { files, env } = command;
  return {
    ...command,
    command: command.command.map((word) => change(word)) as [string, ...string[]],
    ...(env && { env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, change(value)])) }),
    ...(files !== undefined && { files: change(files) }),
  };
}

/**
 * A command as a lane asks for it.
 *
 * @param running what the program knows its interpreter by: `process.execPath`
 */
export function withoutPlaces(command: CommandProgram, { files }: ProgramPlaces, running: string): CommandProgram {
  return inWords(command, (text) => {
    if (text === running) return words.interpreter;
    return files === undefined ? text : text.replaceAll(files, words.files);
  });
}

/** As it is meant. */
export function withPlaces(command: CommandProgram, { files = '', interpreter }: ProgramPlaces): CommandProgram {
  return inWords(command, (text) => (text === words.interpreter ? interpreter : text.replaceAll(words.files, files)));
}
