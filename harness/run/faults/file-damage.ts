// file-damage: what lies beside a database is damaged from outside, while every lane stands still: journals, snapshots and
// registries of a program's own, which no checksum of SQLite guards. What stays out: the database itself (corrupt.ts, init-swap.ts).
import { posix } from 'node:path';
import type { FaultOf } from '../../model/fault.ts';
import { fileDamages } from '../../model/fault-words.ts';
import { below } from '../../model/random.ts';
import type { FaultHost, FaultKind } from './fault.ts';

type Spec = FaultOf<'file-damage'>;

/** Numbers in names as numbers: `journal.9` comes before `journal.10`. */
function byNumbers(name: string): string {
  return name.replaceAll(/\d+/g, (digits) => digits.padStart(16, '0'));
}

/** Those that it may mean, the last by name first. */
function meant({ folder, begins = '' }: Spec, host: FaultHost): readonly string[] {
  const own = new Set(['', '-wal', '-shm', '-journal'].map((suffix) => `${host.database}${suffix}`));
  return host
    .filesIn(folder)
    .filter((name) => name.startsWith(begins))
    .toSorted((a, b) => (byNumbers(a) < byNumbers(b) ? 1 : -1))
    .map((name) => posix.join(folder, name))
    .filter((file) => !own.has(file));
}

function damageByte({ how, byte }: Spec, file: string, host: FaultHost): string {
  const bytes = host.read(file) ?? Buffer.alloc(0);
  const at = byte ?? below(() => host.random(), Math.max(1, bytes.length));
  const was = bytes[at];
  if (was === undefined) return `${file} has ${bytes.length} bytes and none of number ${at}, so it was left alone`;
  if (how === 'truncate') {
    host.cut(file, at);
    return `${file}: of ${bytes.length} bytes the first ${at} are left`;
  }
  const is = was ^ (1 + below(() => host.random(), 255));
  host.overwrite(file, at, Buffer.of(is));
  return `${file}: byte ${at} of ${bytes.length} is ${is} instead of ${was}`;
}

export const fileDamage = {
  kind: 'file-damage',
  says: `a file that lies beside the database is damaged from outside: ${fileDamages.join(' | ')}`,
  strike(spec, host) {
    const { how, folder, begins, nth } = spec;
    const files = meant(spec, host);
    const file = files[nth === undefined ? below(() => host.random(), Math.max(1, files.length)) : nth - 1];
    if (file === undefined) {
      host.note(`${files.length} files in ${folder} could be meant, so nothing was done`);
    } else if (how === 'remove-all') {
      host.remove([...files, ...(begins === undefined ? [folder] : [])]);
      host.note(`${files.join(', ')}: removed`);
    } else if (how === 'remove') {
      host.remove([file]);
      host.note(`${file}: removed`);
    } else host.note(damageByte(spec, file, host));
  },
} satisfies FaultKind<Spec>;
