// Loaded into a process before all else (`node --import`): what it does to files below a folder, in order, a line of JSON each, and what it
// has said by then. For Node's synchronous calls, which are those that our own files are written by; one that is not followed here and
// writes below the folder is an error of the test that reads the lines.
import type * as nodeFs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { basename, dirname, relative, resolve } from 'node:path';

type Fs = typeof nodeFs;
const fs = createRequire(import.meta.url)('node:fs') as { -readonly [name in keyof Fs]: Fs[name] };
const { LOCKSTEP_RECORD_FOLDER: folder = '', LOCKSTEP_RECORD_LOG: log = '' } = process.env;
const real = { ...fs };
const open = new Map<number, { readonly name: string; at: number; readonly isFolder: boolean }>();

const nameOf = (path: unknown): string | undefined => {
  if (typeof path !== 'string') return undefined;
  const name = relative(dirname(folder), resolve(path));
  return name === basename(folder) || name.startsWith(`${basename(folder)}/`) ? name : undefined;
};
const tell = (line: object): void => real.appendFileSync(log, `${JSON.stringify(line)}\n`);
const bytesOf = (data: unknown): Buffer =>
  typeof data === 'string' ? Buffer.from(data) : Buffer.from(data as Uint8Array);

function wrote(fd: number, data: unknown): void {
  const file = open.get(fd);
  if (file === undefined) return;
  const bytes = bytesOf(data);
  tell({ op: 'write', name: file.name, offset: file.at, bytes: bytes.toString('base64') });
  file.at += bytes.length;
}

function opened(name: string, flags: string, was: boolean): void {
  if (!was) tell({ op: 'link', name });
  else if (flags.startsWith('w')) tell({ op: 'truncate', name, size: 0 });
}

Object.assign(fs, {
  openSync(path: string, flags: string | number = 'r', mode?: number) {
    const name = nameOf(path);
    const was = name !== undefined && real.existsSync(path);
    const fd = real.openSync(path, flags, mode);
    if (name === undefined) return fd;
    const isFolder = real.fstatSync(fd).isDirectory();
    open.set(fd, { name, at: 0, isFolder });
    if (!isFolder) opened(name, String(flags), was);
    return fd;
  },
  closeSync(fd: number) {
    open.delete(fd);
    return real.closeSync(fd);
  },
  fsyncSync(fd: number) {
    real.fsyncSync(fd);
    const file = open.get(fd);
    if (file !== undefined) tell({ op: file.isFolder ? 'sync-folder' : 'sync', name: file.name });
  },
  writeFileSync(file: string | number, data: string | Uint8Array, options?: nodeFs.WriteFileOptions) {
    const name = nameOf(file);
    if (typeof file === 'number' || name === undefined) {
      real.writeFileSync(file, data, options);
      if (typeof file === 'number') wrote(file, data);
      return;
    }
    const { flag = 'w', flush = false } = typeof options === 'object' && options !== null ? options : {};
    const fd = fs.openSync(file, flag);
    fs.writeFileSync(fd, data);
    if (flush) fs.fsyncSync(fd);
    fs.closeSync(fd);
  },
  renameSync(from: string, to: string) {
    real.renameSync(from, to);
    if (nameOf(from) !== undefined) tell({ op: 'rename', name: nameOf(from), to: nameOf(to) });
  },
  linkSync(from: string, to: string) {
    real.linkSync(from, to);
    if (nameOf(to) !== undefined) tell({ op: 'link', name: nameOf(to), of: nameOf(from) });
  },
  rmSync(path: string, options?: nodeFs.RmOptions) {
    const name = nameOf(path);
    const was = name !== undefined && real.existsSync(path);
    real.rmSync(path, options);
    if (was) tell({ op: 'unlink', name });
  },
  unlinkSync(path: string) {
    real.unlinkSync(path);
    if (nameOf(path) !== undefined) tell({ op: 'unlink', name: nameOf(path) });
  },
  mkdirSync(path: string, options?: nodeFs.MakeDirectoryOptions) {
    const name = nameOf(path);
    const was = name !== undefined && real.existsSync(path);
    const made = real.mkdirSync(path, options);
    if (name !== undefined && !was) tell({ op: 'mkdir', name });
    return made;
  },
});
syncBuiltinESMExports();

for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream);
  stream.write = (text: string | Uint8Array, ...more: unknown[]): boolean => {
    tell({ op: 'said', text: String(text) });
    return (write as (...all: unknown[]) => boolean)(text, ...more);
  };
}
