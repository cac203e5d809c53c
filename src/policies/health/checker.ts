import type { Health } from './health.ts';

export const checker: Health = {
  says: 'every 6 h: integrity_check; when it fails, kill the holders, run init, restart all gateways',
  everyMs: 6 * 3_600_000,
};
