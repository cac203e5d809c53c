// What reaches a process of ours from the person's shell: places, and nothing that could change a run.
import { afterEach, expect, test, vi } from 'vitest';
import { childEnv, coordinatorEnv } from './child-env.ts';

afterEach(() => void vi.unstubAllEnvs());

test('places reach a process that makes runs, and nothing else does', () => {
  const given = { LOCKSTEP_RUNS: '/runs', TMPDIR: '/tmp/x', NODE_OPTIONS: '--inspect', TZ: 'Asia/Tokyo', SECRET: 'x' };
  for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value);
  vi.stubEnv('XDG_CACHE_HOME', undefined);
  const env = coordinatorEnv();
  expect(env).toMatchObject({ LOCKSTEP_RUNS: '/runs', TMPDIR: '/tmp/x', TZ: 'UTC', LC_ALL: 'C' });
  const names = ['HOME', 'LC_ALL', 'LOCKSTEP_CACHE', 'LOCKSTEP_RUNS', 'NODE_COMPILE_CACHE', 'PATH', 'TMPDIR', 'TZ'];
  expect(Object.keys(env).filter((name) => !names.includes(name))).toEqual([]);
});

test('not even places reach a process that makes none', () => {
  expect(Object.keys(childEnv()).toSorted()).toEqual(['LC_ALL', 'NODE_COMPILE_CACHE', 'TZ']);
});
