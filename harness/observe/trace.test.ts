// The file of a trace, where the beginning of its run was made twice: each step stands in it once.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withDir } from 'tmp-promise';
import { expect, test } from 'vitest';
import { emptyRecord } from '../model/record.ts';
import { op } from '../model/operations.ts';
import { planOf } from '../testing/lab.test-support.ts';
import { TraceWriter } from './trace.ts';

test('a run that is made once more is written on from where the first came to nothing', async () => {
  await withDir(
    async ({ path }) => {
      const file = join(path, 'trace.ndjson');
      const trace = new TraceWriter(file, planOf());
      const lane = { name: 'p', process: { name: 'p', lanes: [{ name: 'p', number: 0 }] }, files: [] };
      for (const step of [0, 1, 0, 1, 2]) trace.see(step, { ...emptyRecord(), op: op.start }, lane, 5);
      trace.close();
      const [first, ...steps] = readFileSync(file, 'utf8').trimEnd().split('\n');
      expect(JSON.parse(first ?? '')).toMatchObject({ plan: planOf() });
      expect(steps.map((line) => (JSON.parse(line) as { readonly step: number }).step)).toEqual([0, 1, 2]);
      await Promise.resolve();
    },
    { unsafeCleanup: true },
  );
});
