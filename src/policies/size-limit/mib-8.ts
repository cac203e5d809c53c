import type { SizeLimit } from './size-limit.ts';

export const mib8: SizeLimit = { says: 'to 8 MiB', bytes: 8 * 2 ** 20 };
