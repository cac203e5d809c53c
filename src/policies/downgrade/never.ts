import type { Downgrade } from './downgrade.ts';

export const never: Downgrade = {
  says: 'the error goes up, the mode stays (5c49cd0ed, and “never live-downgrade”)',
  modeAfter: () => undefined,
};
