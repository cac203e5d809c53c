// The lines of a comparison: one for a cell that is settled, and another where a later search changes what it says.
import { expect, test } from 'vitest';
import { failing, passing } from '../../reports/testing/cells.test-support.ts';
import { listener } from '../front-door.test-support.ts';
import { Output } from '../output.ts';
import { Progress } from './progress.ts';

test('a line that a later search changes is said anew, and none twice', () => {
  const [out, err] = [listener(), listener()];
  const output = new Output({ json: false, verbose: false }, { out: out.stream, err: err.stream });
  using progress = new Progress(output, { cells: 2, known: [], open: 2, bound: 0.05, timeMs: 1000 });
  const byMemory = failing({ how: 'shipped', shipped: 'a.json', failedRun: null, runs: 0 });
  const bySearch = { ...byMemory, failedRun: 5, runs: 9 };
  progress.took(byMemory, true);
  progress.took(bySearch, false);
  progress.took(bySearch, true);
  progress.took(bySearch, true);
  progress.took(passing({ strategy: 'best' }), true);
  const lines = err.said().trimEnd().split('\n');
  expect(lines).toEqual([
    expect.stringContaining('search: no run was made · memory: a.json'),
    expect.stringContaining('search: run 5 · memory: a.json'),
    expect.stringMatching(/^PASS .*best/),
  ]);
});
