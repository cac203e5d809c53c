// Logs of a disk, written by hand: one operation after the other, in words.
import type { DiskFile, DiskLog, DiskOperation } from '../model/disk.ts';

type Words =
  | readonly ['write', string, number, string]
  | readonly ['truncate', string, number]
  | readonly ['sync', string]
  | readonly ['sync-folder']
  | readonly ['link', string, string]
  | readonly ['unlink', string]
  | readonly ['rename', string, string];

/** @param begins what is on the disk, by name */
export function logOf(begins: { readonly [name: string]: string }, words: readonly Words[]): DiskLog {
  const files: DiskFile[] = [];
  const names = new Map<string, number>();
  const sizes: number[] = [];
  const add = (name: string, text: string): number => {
    sizes.push(text.length);
    return files.push({ name, begins: Buffer.from(text) }) - 1;
  };
  for (const [name, text] of Object.entries(begins)) names.set(name, add(name, text));
  const now = new Map(names);
  const fileOf = (name: string): number => {
    const found = now.get(name) ?? add(name, '');
    now.set(name, found);
    return found;
  };
  const operationOf = (one: Words, step: number): DiskOperation => {
    const done = { step, lane: 'a' };
    const name = one[1] ?? '';
    if (one[0] === 'sync-folder') return { ...done, kind: 'sync-folder', folder: '' };
    if (one[0] === 'unlink') {
      now.delete(name);
      return { ...done, kind: 'unlink', name };
    }
    const file = fileOf(one[0] === 'link' ? one[2] : name);
    if (one[0] === 'sync') return { ...done, kind: 'sync', file };
    if (one[0] === 'truncate') return { ...done, kind: 'truncate', file, size: one[2] };
    if (one[0] === 'write') {
      const [offset, bytes] = [one[2], Buffer.from(one[3])];
      const longer = offset + bytes.length > (sizes[file] ?? 0);
      sizes[file] = Math.max(sizes[file] ?? 0, offset + bytes.length);
      return { ...done, kind: 'write', file, offset, bytes, extends: longer };
    }
    if (one[0] === 'rename') now.delete(name);
    now.set(one[0] === 'rename' ? one[2] : name, file);
    return one[0] === 'rename'
      ? { ...done, kind: 'rename', name, to: one[2], file }
      : { ...done, kind: 'link', name, file };
  };
  return { files, names, operations: words.map(operationOf) };
}
