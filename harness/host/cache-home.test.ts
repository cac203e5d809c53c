import { homedir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { cacheHome } from './cache-home.js';

test('LOCKSTEP_CACHE wins, then XDG_CACHE_HOME, then the home directory', () => {
  expect(cacheHome({ LOCKSTEP_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
  expect(cacheHome({ XDG_CACHE_HOME: '/b' })).toBe('/b/lockstep');
  expect(cacheHome({})).toBe(path.join(homedir(), '.cache', 'lockstep'));
});

test('empty settings count as absent, a relative XDG_CACHE_HOME is ignored', () => {
  const fallback = path.join(homedir(), '.cache', 'lockstep');
  expect(cacheHome({ LOCKSTEP_CACHE: '', XDG_CACHE_HOME: '' })).toBe(fallback);
  expect(cacheHome({ XDG_CACHE_HOME: 'relative' })).toBe(fallback);
});
