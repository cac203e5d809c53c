// A laboratory for programs of Python: each test writes its programs as files into a folder of its own, and runs them in the lab's
// scenario (lab.test-support.ts), whose database is lab.db with a table t(k, v).
import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandProgram, StartProcess } from '../model/process.ts';
import type { Scenario } from '../model/scenario.ts';
import { scenarioOf } from './lab.test-support.ts';

/** Debian's: its sqlite3 links SQLite dynamically, and loads extensions. */
export const debianPython = '/usr/bin/python3';

/** All that are installed here and that the host runs in. */
export const pythons: readonly string[] = [
  debianPython,
  ...globSync(join(homedir(), '.pyenv/versions/3.{9,10,11,12,13}.*/bin/python3')).toSorted((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  ),
].filter((path) => existsSync(path));

export class PythonLab {
  readonly #folder = mkdtempSync(join(tmpdir(), 'lockstep-python-'));

  /** Writes a program, and gives it. `words` come behind its file. */
  program(
    name: string,
    text: string,
    {
      python = debianPython,
      words = [],
      env,
    }: { python?: string; words?: readonly string[]; env?: CommandProgram['env'] } = {},
  ): CommandProgram {
    writeFileSync(join(this.#folder, `${name}.py`), text);
    return { command: [python, `${name}.py`, ...words], host: 'python', files: this.#folder, ...(env && { env }) };
  }

  /** The lab's scenario with these programs, each started once under its name, or as `start` says. */
  scenario(
    programs: { readonly [name: string]: CommandProgram },
    start: readonly StartProcess[] = Object.keys(programs).map((name) => ({ name, program: name, args: null })),
  ): Scenario {
    const lab = scenarioOf(start);
    return { ...lab, programs: { setup: { ...lab.programs['setup'] } as never, ...programs } };
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
