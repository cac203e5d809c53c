// The global `process` in the native host, for give-up.ts.
import { host } from './host.ts';

export default {
  exit: (code: number): never => host.exit(code),
  pid: 0,
  kill: (): never => host.exit(70),
  platform: 'linux',
  env: {},
};
