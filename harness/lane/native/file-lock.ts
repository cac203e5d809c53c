// ../file-lock.ts in the native host.
import { host } from './host.ts';

const { LOCK_SH, LOCK_EX, LOCK_UN } = host.constants;

export function flock(fd: number, mode: 'shared' | 'exclusive'): number {
  return host.flock(fd, mode === 'shared' ? LOCK_SH : LOCK_EX);
}

export function dropFlock(fd: number): void {
  host.flock(fd, LOCK_UN);
}
