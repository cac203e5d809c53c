// Copies of a damaged board and its sidecars, made past SQLite: open, read, close, as shutil.copy2 does it. What stays
// out: when they are made (policies/corruption).
import type { World } from '../../harness/lane/world.ts';
import { unlessOsError } from './os-error.ts';

/** What a backup of this board is called begins so. */
export function backupPrefix(file: string): string {
  return `${file}.corrupt.`;
}

const sidecars = ['-wal', '-shm'] as const;

function two(n: number): string {
  return String(n).padStart(2, '0');
}

/**
 * `YYYYmmdd_HHMMSS` of a time in milliseconds since the Unix epoch, UTC. The date is Howard Hinnant's civil_from_days: eras
 * of 400 years, each year begun in March.
 */
export function timestamp(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const days = Math.floor(seconds / 86_400) + 719_468;
  const era = Math.floor(days / 146_097);
  const day = days - era * 146_097;
  const year = Math.floor((day - Math.floor(day / 1460) + Math.floor(day / 36_524) - Math.floor(day / 146_096)) / 365);
  const dayOfYear = day - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const month = Math.floor((5 * dayOfYear + 2) / 153);
  const date = dayOfYear - Math.floor((153 * month + 2) / 5) + 1;
  const civil = `${year + era * 400 + (month > 9 ? 1 : 0)}${two(month > 9 ? month - 9 : month + 3)}${two(date)}`;
  const time = seconds % 86_400;
  return `${civil}_${two(Math.floor(time / 3600))}${two(Math.floor(time / 60) % 60)}${two(time % 60)}`;
}

/**
 * `_backup_corrupt_db` of v0.14: a copy of its own for each refusal, under a name that is free.
 *
 * @returns its name, or undefined when it could not be made
 */
export function backUpAnew(world: World, file: string): string | undefined {
  const stem = `${backupPrefix(file)}${timestamp(world.now())}`;
  let name = `${stem}.bak`;
  for (let n = 1; unlessOsError(() => world.files.exists(name)) === true; n++) name = `${stem}.${n}.bak`;
  return copyAs(world, file, name, (from, to) => world.files.copy(from, to));
}

/**
 * One copy under this name, whoever makes it: O_EXCL decides.
 *
 * @returns the name; undefined when another process has made it, or it could not be made
 */
export function backUpOnce(world: World, file: string, name: string): string | undefined {
  if (unlessOsError(() => world.files.exists(name)) === true) return undefined;
  return copyAs(world, file, name, (from, to) => world.files.write(to, world.files.read(from), { exclusive: true }));
}

function copyAs(
  world: World,
  file: string,
  name: string,
  copy: (from: string, to: string) => void,
): string | undefined {
  const copied = (suffix: string): boolean =>
    unlessOsError(() => {
      copy(`${file}${suffix}`, `${name}${suffix}`);
      return true;
    }) === true;
  if (!copied('')) return undefined;
  const copies = [name, ...sidecars.filter(copied).map((suffix) => `${name}${suffix}`)];
  const bytes = copies.reduce((sum, one) => sum + (unlessOsError(() => world.files.stat(one))?.size ?? 0), 0);
  world.observe('backup', { by: world.process, name, bytes });
  return name;
}

/** Names of the backups of this board that are there. */
export function backupsOf(world: World, file: string): readonly string[] {
  const slash = file.lastIndexOf('/');
  const folder = slash < 0 ? undefined : file.slice(0, slash);
  const prefix = backupPrefix(file.slice(slash + 1));
  return world.files.list(folder).filter((name) => name.startsWith(prefix));
}
