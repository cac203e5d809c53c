// node:zlib in the native host: the checksum that the trace has of what was read and written.
import { host } from './host.ts';

export function crc32(data: string | Uint8Array): number {
  return host.crc32(data);
}
