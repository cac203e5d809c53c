// What is no violation and should be known stands in the summary and the document of `run`: programs that print errors and end well, and
// programs that never work on a database. How it is counted: harness/model/noticed.test.ts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { callIn, jsonIn, runShape } from '../front-door.test-support.ts';
import { long } from '../../harness/testing/long.test-support.ts';
import { write } from './project.test-support.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-noticed-'));
  write(folder, {
    'package.json': '{"type":"module"}',
    'worker.sh': `sqlite3 app.db 'INSERT INTO log VALUES (1)'\necho "no such luck" >&2\n`,
    'reporter.sh': 'cat report.txt 2> /dev/null || true\n',
    'noticed.scenario.ts': `import { command, defineScenario } from 'lockstep';
export default defineScenario({
  name: 'noticed',
  says: 'a worker that complains and ends well, and a reporter that reads no database',
  from: import.meta.url,
  database: 'app.db',
  setup: 'CREATE TABLE log(n)',
  programs: { worker: command(['sh', './worker.sh']), reporter: command(['sh', './reporter.sh']) },
});
`,
  });
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = ['run', 'noticed', '--scenarios', 'noticed.scenario.ts', '--runs', '2', '--no-shrink'];

test('words and idle programs are in the summary of run, and in its document', long, async () => {
  const { code, out } = await callIn(folder, run);
  expect(code).toBe(3);
  expect(out).toContain('in 2 of 2 runs programs printed on their standard error, first worker: "no such luck"');
  expect(out).toContain('the program reporter never read or wrote a database');
  const noticed = z.object({ words: z.object({ runs: z.int() }), idle: z.array(z.string()) });
  const { document } = await jsonIn(folder, run, runShape.extend({ noticed }));
  expect(document.noticed).toMatchObject({ words: { runs: 2 }, idle: ['reporter'] });
});
