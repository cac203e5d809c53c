// A coordinator for each test whose runs lie in a folder of their own, and how many of their folders are still there.
import { readdirSync } from 'node:fs';
import { dir, type DirectoryResult } from 'tmp-promise';
import { afterEach, beforeEach, vi } from 'vitest';
import type { Coordinator } from '../run/coordinator.ts';
import { coordinatorOf } from './lab.test-support.ts';

/** @property left how many folders runs have, what setup has made among them */
export interface RunFolders {
  readonly coordinator: Coordinator;
  readonly left: number;
}

/** Result: of the test that goes on. */
export function useRunFolders(): () => RunFolders {
  let runs: DirectoryResult;
  let coordinator: Coordinator;
  beforeEach(async () => {
    runs = await dir({ unsafeCleanup: true });
    vi.stubEnv('LOCKSTEP_RUNS', runs.path);
    coordinator = await coordinatorOf();
  });
  afterEach(async () => {
    coordinator.close();
    vi.unstubAllEnvs();
    await runs.cleanup();
  });
  return () => {
    const names = readdirSync(runs.path, { recursive: true, encoding: 'utf8' });
    return { coordinator, left: names.filter((name) => /\/(worlds\/\d+|copy-\w+)$/.test(name)).length };
  };
}
