// A cache of its own for every test of a file. What stays out: what is built into it.
import { type DirectoryResult, dir } from 'tmp-promise';
import { afterEach, beforeEach, vi } from 'vitest';

/** Before each test an empty cache, gone after it. Result: its path, in a test. */
export function useEmptyCache(): () => string {
  let cache: DirectoryResult;
  beforeEach(async () => {
    cache = await dir({ unsafeCleanup: true });
    vi.stubEnv('LOCKSTEP_CACHE', cache.path);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await cache.cleanup();
  });
  return () => cache.path;
}
