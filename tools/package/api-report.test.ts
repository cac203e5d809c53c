// A change of what the package exports is seen: the report in the tree is that of the code.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { apiReport, apiReportFile } from './api-report.ts';

test('the report of the API is that of the code (`npm run api` writes it)', () => {
  expect(readFileSync(apiReportFile, 'utf8')).toBe(apiReport());
});
