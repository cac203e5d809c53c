// The comparison of strategies of a server, end to end: a wrong claim fails there too, and what counts is a moment of the server's.
import { mkdtempDisposableSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { PREBUILT_ENGINE } from '../harness/engines/catalogue.ts';
import { hasServer } from '../harness/postgres/server.test-support.ts';
import type { Results } from '../reports/results.ts';
import { callIn } from './front-door.test-support.ts';

const blind = fileURLToPath(new URL('../scenarios/blind-claim.test-support.ts', import.meta.url));

test.skipIf(!hasServer)(
  'in the comparison a blind claim fails on a server, and the fix in as many runs does not',
  {
    tags: ['long'],
    timeout: 900_000,
  },
  async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'lockstep-compare-'));
    const cells = ['--scenarios', blind, '--strategies', 'postgres,postgres-blind', '--engines', PREBUILT_ENGINE];
    const little = ['--short', '--runs', '2', '--shrink-time', '1s', '--no-costs', '--out', 'out'];
    await callIn(folder.path, ['compare', ...cells, ...little]);
    const results = JSON.parse(readFileSync(join(folder.path, 'out/results.json'), 'utf8')) as Results;
    expect(results.cells).toHaveLength(4);
    for (const { scenario, strategy, verdict, window, violations, marks } of results.cells) {
      expect(window, scenario).toBeTypeOf('string');
      expect(marks, scenario).toHaveProperty(window ?? '');
      expect(verdict, `${scenario} ${strategy}`).toBe(strategy === 'postgres' ? 'inconclusive' : 'fail');
      if (verdict === 'fail') expect(violations.map(({ invariant }) => invariant)).toContain('one-claim');
    }
  },
);
