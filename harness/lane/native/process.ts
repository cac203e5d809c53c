// The global `process` in the native host, for give-up.ts.
import { host } from './host.ts';

export const process = { exit: (code: number): never => host.exit(code), platform: 'linux' };
