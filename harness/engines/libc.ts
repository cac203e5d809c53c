// Names the C library of this process, because a native artefact that was linked against one does not load under
// another. What stays out: versions of it.

import { readFileSync } from 'node:fs';

/**
 * The C library of this process: `musl`, or `default` for the platform's usual one. Looks at which loader is mapped,
 * as better-sqlite3's lib/binding.js does.
 */
export function libcName(): 'musl' | 'default' {
  if (process.platform !== 'linux') return 'default';
  try {
    return /\/ld-musl-[^/\s]*\.so/.test(readFileSync('/proc/self/maps', 'latin1')) ? 'musl' : 'default';
  } catch {
    return 'default';
  }
}
