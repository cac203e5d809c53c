// node:fs in the native host, as far as lanes use it. What stays out: what nobody under lane/ calls.
import { host } from './host.ts';

const { O_RDONLY, O_RDWR, O_WRONLY, O_CREAT, O_TRUNC, O_EXCL, O_APPEND } = host.constants;

const openFlags = {
  r: O_RDONLY,
  'r+': O_RDWR,
  w: O_WRONLY | O_CREAT | O_TRUNC,
  wx: O_WRONLY | O_CREAT | O_EXCL,
  'w+': O_RDWR | O_CREAT | O_TRUNC,
  a: O_WRONLY | O_CREAT | O_APPEND,
  'a+': O_RDWR | O_CREAT | O_APPEND,
};

export function openSync(path: string, flags: keyof typeof openFlags): number {
  return host.open(path, openFlags[flags]);
}
export function closeSync(fd: number): void {
  host.close(fd);
}
export function fstatSync(fd: number): { readonly size: number } {
  return { size: host.size(fd) };
}
export function readSync(fd: number, into: Uint8Array, at: number, length: number, offset: number): number {
  const bytes = host.read(fd, length, offset);
  into.set(bytes, at);
  return bytes.length;
}
export function readFileSync(path: string): Uint8Array {
  return host.readFile(path);
}
export function writeFileSync(path: string, data: string | Uint8Array, { flag = 'w' } = {}): void {
  host.writeFile(path, data, flag === 'wx');
}
/** A text goes to the log, which is all that anybody writes texts to. */
export function writeSync(fd: number, data: string | Uint8Array, at = 0, length = data.length, offset = 0): number {
  if (typeof data !== 'string') return host.write(fd, data.subarray(at, at + length), offset);
  host.say(data);
  return data.length;
}
export function ftruncateSync(fd: number, length: number): void {
  host.truncate(fd, length);
}
export function fsyncSync(fd: number): void {
  host.sync(fd);
}
export function lstatSync(path: string): ReturnType<typeof linkStat> | undefined {
  const found = host.lstat(path);
  return found === undefined ? undefined : linkStat(...found);
}
function linkStat(kind: 'file' | 'folder' | 'link', size: number) {
  return { size, isSymbolicLink: () => kind === 'link', isDirectory: () => kind === 'folder' };
}
export function rmdirSync(path: string): void {
  host.rmdir(path);
}
export function chmodSync(path: string, mode: number): void {
  host.chmod(path, mode);
}
export function fchmodSync(fd: number, mode: number): void {
  host.fchmod(fd, mode);
}
export function utimesSync(path: string, _accessed: number, changed: number): void {
  host.utime(path, changed);
}
export function statSync(path: string): { readonly size: number } | undefined {
  const size = host.stat(path);
  return size === undefined ? undefined : { size };
}
export function existsSync(path: string): boolean {
  return host.exists(path);
}
export function renameSync(from: string, to: string): void {
  host.rename(from, to);
}
export function unlinkSync(path: string): void {
  host.unlink(path);
}
export function linkSync(from: string, to: string): void {
  host.link(from, to);
}
export function symlinkSync(target: string, path: string): void {
  host.symlink(target, path);
}
export function mkdirSync(path: string): void {
  host.mkdir(path);
}
export function readdirSync(path: string): string[] {
  return host.readdir(path);
}
const noLink = new Error('it is no link');

/** Most files are none, and an error of their own for each would cost more than the system call: nobody looks into it. */
export function readlinkSync(path: string): string {
  const target = host.readlink(path);
  if (target === undefined) throw noLink;
  return target;
}
export const realpathSync = { native: (path: string): string => host.realpath(path) };
