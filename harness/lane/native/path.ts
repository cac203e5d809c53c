// node:path in the native host, as far as lanes use it, for absolute paths. What stays out: Windows, and the current folder.

export const sep = '/';

/** Resolves `.` and `..` in an absolute path. */
function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

export function join(...parts: readonly string[]): string {
  return normal(parts.join('/'));
}

export function resolve(folder: string, path: string): string {
  return path.startsWith('/') ? normal(path) : join(folder, path);
}

export function dirname(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

/** Both absolute. */
export function relative(from: string, to: string): string {
  const [a, b] = [from, to].map((path) =>
    normal(path)
      .split('/')
      .filter((part) => part !== ''),
  );
  if (a === undefined || b === undefined) return '';
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same++;
  return [...a.slice(same).map(() => '..'), ...b.slice(same)].join('/');
}
