// What of a command's words is Node's own, and what the program's.
import { expect, test } from 'vitest';
import { nodeCommand } from './node-command.ts';

test.each([
  [['node', 'app.js', '--fast', 'x'], { node: 'node', options: [], main: 'app.js', words: ['--fast', 'x'] }],
  [
    ['/usr/bin/node', '--no-warnings', '-r', './first.cjs', '--title=a', 'app.js'],
    { node: '/usr/bin/node', options: ['--no-warnings', '-r', './first.cjs', '--title=a'], main: 'app.js', words: [] },
  ],
  [['node', '-e', '0'], undefined],
  [['node', '--inspect', 'app.js'], undefined],
  [['node', '--env-file', '.env', 'app.js'], undefined],
  [['node'], undefined],
  [['tsx', 'app.js'], undefined],
] as const)('%j', ([first, ...rest], found) => {
  expect(nodeCommand([first, ...rest])).toEqual(found);
});
