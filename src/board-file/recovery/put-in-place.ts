// Puts `next.db` where the board is, or was. What is there is kept under a name of its own first; its sidecars go, since a
// journal or -wal that stays would be taken for the new file's (howtocorrupt.html §1.4, §2.5). Whoever holds the recovery
// lock may be killed before any step: the mark stays, and the next one does it over again. What stays out: who must look, by the
// file's identity, before a write.
import type { World } from '../../../harness/lane/world.ts';
import { timestamp } from '../backups.ts';
import { unlessRefused } from '../os-error.ts';
import { folderOf, syncFolder } from '../syncs.ts';
import { nextFile, pendingName, recoveryFolder } from './folder.ts';

const keptMost = 3;

export function asidePrefix(file: string): string {
  return `${file}.replaced.`;
}

/**
 * @param then what belongs to it, while the mark stays; `aside` as the result
 * @returns the name under which the old file is kept, or undefined when there was none
 */
export function putInPlace(
  world: World,
  file: string,
  then: (aside: string | undefined) => void = () => undefined,
): string | undefined {
  const pending = `${recoveryFolder(file)}/${pendingName}`;
  world.files.write(pending, '');
  const aside = keepAside(world, file);
  for (const suffix of ['-journal', '-wal', '-shm'])
    if (world.files.exists(`${file}${suffix}`)) world.files.unlink(`${file}${suffix}`);
  // Or a power loss could bring them back, beside the new file.
  syncFolder(world, folderOf(file));
  world.files.rename(nextFile(file), file);
  syncFolder(world, folderOf(file));
  then(aside);
  world.files.unlink(pending);
  return aside;
}

/** Of file systems that have no second names. */
const noLinks: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'ENOENT']);

/** Gives a file a second name, where it is there and its file system has them. @throws FileError where it might be, the next time */
export function isLinked(world: World, file: string, name: string): boolean {
  const link = () => (world.files.link(file, name), true);
  return unlessRefused(link, (code) => noLinks.has(code)) === true;
}

/** A second name for the old file, without opening it; of these the newest few stay. */
function keepAside(world: World, file: string): string | undefined {
  if (!world.files.exists(file)) return undefined;
  const stem = `${asidePrefix(file)}${timestamp(world.now())}`;
  let name = stem;
  for (let n = 1; world.files.exists(name); n++) name = `${stem}.${n}`;
  if (!isLinked(world, file, name)) return undefined;
  const slash = file.lastIndexOf('/');
  const prefix = asidePrefix(file).slice(slash + 1);
  const kept = world.files.list(folderOf(file)).filter((one) => one.startsWith(prefix));
  for (const old of kept.slice(0, -keptMost)) world.files.unlink(`${file.slice(0, slash + 1)}${old}`);
  return name;
}
