// Names of files in built code: a module that another process starts, or a bundler reads, stands in the sources as a string
// (`new URL('./examiner.ts', import.meta.url)`), which the TypeScript compiler leaves as it is. What stays out: imports in code,
// which it writes anew itself.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A whole string that names a file with types by a path of its own. */
const name = /(['"`])((?:\.{1,2}\/)*[\w.-]+(?:\/[\w.-]+)*)\.tsx?\1/g;

/**
 * Built code, or types, with the names of built files in place of those of sources. A string is a name when the source that it
 * names is there, beside the module.
 *
 * @param code text of a `.js` or `.d.ts` file
 * @param source absolute path that its source had
 * @param extension of what is named then
 */
export function withBuiltNames(code: string, source: string): string {
  return code.replace(name, (text, quote: string, stem: string) =>
    existsSync(join(dirname(source), text.slice(1, -1))) ? `${quote}${stem}.js${quote}` : text,
  );
}
