// Which Python a command means: the interpreter itself, where a shim, a virtual environment or the first line of a script leads to it.
// It is asked once, in the person's own environment, since runs have a clean one; so it is known before a run whether it will do.
// What stays out: starting it (python-starter.ts).
import { OWN_ENGINE } from '../model/process.ts';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { usageError } from '../errors/errors.ts';
import { lastWords } from '../errors/last-words.ts';
import { quoted } from '../model/visible.ts';
import { findProgram } from './command.ts';

/**
 * @property executable absolute path
 * @property options of the interpreter
 * @property words of the command line behind them: what it runs
 */
export interface Interpreter {
  readonly executable: string;
  readonly options: readonly string[];
  readonly words: readonly string[];
}

/** As lane/python/lockstep_host/gate.py loads the gate: by a function of SQLite's, or as an extension. */
const question = `
import ctypes, json, sys
sqlite = loads = None
try:
    import _sqlite3, sqlite3
    sqlite = sqlite3.sqlite_version
    named = hasattr(ctypes.CDLL(getattr(_sqlite3, '__file__', None)), 'sqlite3_auto_extension')
    loads = named or hasattr(sqlite3.Connection, 'enable_load_extension')
except ImportError:
    pass
print(json.dumps([sys.executable, list(sys.version_info[:2]), sqlite, loads]))`;

/** Real milliseconds for an interpreter to say which it is. */
const answerMs = 30_000;

/** The first that the host runs in. */
const least = [3, 9] as const;

const isPython = (file: string): boolean => /^python[\d.]*t?$/.test(basename(file));

/** The words of a script's first line, `#!/usr/bin/env python3` (execve(2)); none of what is no script. */
function firstLine(file: string): readonly string[] {
  const head = Buffer.alloc(256);
  const fd = openSync(file, 'r');
  try {
    const text = head.toString('latin1', 0, readSync(fd, head));
    return (
      /^#![ \t]*([^\n]+)\n/
        .exec(text)?.[1]
        ?.trim()
        .split(/[ \t]+/) ?? []
    );
  } finally {
    closeSync(fd);
  }
}

/** A command whose first word is a name or a path of Python; undefined where it is something else. */
function pythonCommand([first, ...rest]: readonly [string, ...string[]]): readonly [string, ...string[]] | undefined {
  if (isPython(first)) return [first, ...rest];
  const file = findProgram(first);
  const [interpreter, ...options] = file === undefined ? [] : firstLine(file);
  if (file === undefined || interpreter === undefined) return undefined;
  const [name, ...more] = basename(interpreter) === 'env' ? options : [interpreter, ...options];
  return name !== undefined && isPython(name) ? [name, ...more, file, ...rest] : undefined;
}

/** Splits what stands behind the interpreter; undefined for what runs no program, such as `--version`. */
function split(words: readonly string[]): Pick<Interpreter, 'options' | 'words'> | undefined {
  const options: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '-' || !word.startsWith('-')) return { options, words: words.slice(at) };
    if (/^-[hV?]|^--help|^--version/.test(word)) return undefined;
    const ends = /^-([A-Za-z]*?)([cm])(.*)$/s.exec(word);
    if (ends !== null && !word.startsWith('--') && !/[WX]/.test(ends[1] ?? '')) {
      const [, flags = '', mode = '', text = ''] = ends;
      if (flags !== '') options.push(`-${flags}`);
      return { options, words: [`-${mode}`, ...(text === '' ? [] : [text]), ...words.slice(at + 1)] };
    }
    options.push(word);
    if (/^-[A-Za-z]*[WX]$|^--check-hash-based-pycs$/.test(word)) options.push(words[++at] ?? '');
  }
  return { options, words: [] };
}

/** What an interpreter says of itself. */
interface Said {
  readonly executable: string;
  readonly version: readonly [number, number];
  readonly sqlite: string | null;
  readonly loads: boolean | null;
}

const asked = new Map<string, Said>();

function ask(file: string, library: string | undefined): Said {
  const key = `${file}\n${library}`;
  const known = asked.get(key);
  if (known !== undefined) return known;
  const env = { ...process.env, ...(library !== undefined && { LD_LIBRARY_PATH: library }) };
  const { stdout, stderr } = spawnSync(file, ['-c', question], { env, encoding: 'utf8', timeout: answerMs });
  let said: Said;
  try {
    const answer = JSON.parse(stdout) as [string, [number, number], string | null, boolean | null];
    const [executable, version, sqlite, loads] = answer;
    said = { executable, version, sqlite, loads };
  } catch {
    throw usageError(
      'NO_PYTHON',
      `The command ${quoted(file)} does not answer as a Python does${lastWords(stderr ?? '')}`,
      'Give the command of a Python from 3.9 on, or another `host` for this program.',
    );
  }
  asked.set(key, said);
  return said;
}

/**
 * Asks a Python which it is, once in this process, and whether the host runs in it.
 *
 * @param file its path
 * @param library folder of the engine's libsqlite3.so.0; undefined: what it brings itself
 * @param engine the version of SQLite that must answer there, or {@link OWN_ENGINE}
 * @param name what a person calls it
 * @throws usage errors: no Python, one that is too old, one whose SQLite is another than the engine
 */
export function usablePython(file: string, library: string | undefined, engine: string, name: string = file): Said {
  const said = ask(file, library);
  const { version, sqlite, loads } = said;
  if (version[0] < least[0] || (version[0] === least[0] && version[1] < least[1])) {
    throw usageError(
      'OLD_PYTHON',
      `The command ${quoted(name)} is Python ${version.join('.')}, and the host needs ${least.join('.')}.`,
      `Take Python ${least.join('.')} or later.`,
    );
  }
  if (sqlite === null || (engine !== OWN_ENGINE && sqlite !== engine)) {
    throw usageError(
      'OTHER_SQLITE',
      sqlite === null
        ? `The command ${quoted(name)} is a Python without the module sqlite3.`
        : `SQLite ${sqlite} answers in the command ${quoted(name)}, where ${engine} was put under it.`,
      `Take a Python whose module sqlite3 links libsqlite3.so.0 dynamically, as that of Debian or of pyenv does${
        sqlite !== null && loads === true
          ? `; or test this one with what it has compiled in, \`--engine ${OWN_ENGINE}\``
          : ''
      }.`,
    );
  }
  if (loads !== true) {
    throw usageError(
      'CLOSED_SQLITE',
      `The command ${quoted(name)} has SQLite ${sqlite} compiled in and lets nobody extend it: the gate cannot be loaded there.`,
      'Take a Python whose module sqlite3 links libsqlite3.so.0 dynamically, or one with Connection.enable_load_extension.',
    );
  }
  return said;
}

/**
 * The interpreter of a command.
 *
 * @param command its placeholders filled in
 * @param library folder of the engine's libsqlite3.so.0; undefined: what it brings itself
 * @param engine the version of SQLite that must answer there, or {@link OWN_ENGINE}
 * @returns undefined for a command that is no Python itself, but may start one
 * @throws as {@link usablePython} does
 */
export function interpreterOf(
  command: readonly [string, ...string[]],
  library: string | undefined,
  engine: string,
): Interpreter | undefined {
  const python = pythonCommand(command);
  const file = python === undefined ? undefined : findProgram(python[0]);
  const parts = python === undefined ? undefined : split(python.slice(1));
  if (file === undefined || parts === undefined) return undefined;
  return { executable: usablePython(file, library, engine, command[0]).executable, ...parts };
}
