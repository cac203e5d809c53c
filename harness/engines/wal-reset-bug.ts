// Which SQLite versions carry the WAL-reset bug. What stays out: how the bug is reached (scenarios), and which
// versions Lockstep can build (catalogue.ts).

/**
 * Tells whether a published SQLite version carries the WAL-reset bug.
 *
 * Affected are 3.7.0 … 3.51.2, except 3.44.6 and 3.50.7, to which the fix was carried back, and what follows
 * them on the same branches (sqlite.org/wal.html, section "The WAL-Reset Bug"; sqlite.org/changes.html, 3.51.3).
 *
 * @param version three numbers, such as `3.50.4`
 */
export function hasWalResetBug(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (major !== 3 || minor < 7) return false;
  if (minor === 44) return patch < 6;
  if (minor === 50) return patch < 7;
  if (minor === 51) return patch < 3;
  return minor < 51;
}
