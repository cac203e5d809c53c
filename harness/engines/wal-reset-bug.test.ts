import { expect, test } from 'vitest';
import { hasWalResetBug } from './wal-reset-bug.ts';

test.each(['3.7.0', '3.40.1', '3.44.0', '3.44.5', '3.45.0', '3.50.0', '3.50.4', '3.50.6', '3.51.0', '3.51.2'])(
  '%s carries the bug',
  (version) => expect(hasWalResetBug(version)).toBe(true),
);

test.each(['3.6.23', '3.44.6', '3.50.7', '3.51.3', '3.52.0', '3.53.0', '3.54.1', '4.0.0'])(
  '%s does not carry the bug',
  (version) => expect(hasWalResetBug(version)).toBe(false),
);
