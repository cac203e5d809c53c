// node:fs in the native host, as far as lanes use it. What stays out: what nobody under lane/ calls.
import { host } from './host.ts';

export function openSync(path: string, flags: 'r' | 'a'): number {
  return host.open(path, flags === 'r' ? host.constants.O_RDONLY : host.constants.O_APPEND);
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
export function writeSync(_stderr: number, text: string): void {
  host.say(text);
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
