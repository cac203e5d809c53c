import type { Retries } from './retries.ts';

const [times, fromMs, toMs, busyTimeoutMs] = [5, 20, 150, 30_000] as const;

export const boundary: Retries = {
  says: 'BEGIN and COMMIT are tried five times more, 20 to 150 ms apart',
  times,
  fromMs,
  toMs,
  waitsMsMost: times * (busyTimeoutMs + toMs),
};
