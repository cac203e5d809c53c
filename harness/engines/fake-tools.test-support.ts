// Programs that stand in for a compiler and for npm, so that a test of the cache takes no minute. What stays out: what tests
// expect of them.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Writes a compiler that makes every binding by copying one, and other files by making them empty.
 *
 * @param log gets a line for each binding
 * @returns its path, for CC and CXX
 */
export function fakeCompiler(folder: string, binding: string, log: string): string {
  return program(
    folder,
    'fake-cc',
    `while [ "$#" -gt 1 ]; do if [ "$1" = -o ]; then out=$2; fi; shift; done
     case $out in *.node) cp '${binding}' "$out"; echo "$out" >>'${log}' ;; *) : >"$out" ;; esac`,
  );
}

/**
 * Writes an npm whose `pack` packs the folder `package` beside it, whatever it is asked for.
 *
 * @returns the folder that belongs at the beginning of PATH
 */
export function fakeNpm(folder: string, files: { readonly [name: string]: string | Uint8Array }): string {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, 'package', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const release = '"$(echo "$2" | sed s/@/-/)"';
  program(folder, 'npm', `tar -C '${folder}' -czf ${release}.tgz package`);
  return folder;
}

function program(folder: string, name: string, script: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}
