// Run as a process by cache.test.ts: builds one artefact, and takes part in its races. Arguments: a file that gets a
// line for each build, a file that a build waits for, and what a SIGINT does: `stop-on-SIGINT`, `exit-on-SIGINT`, or nothing
// special. Prints `building`, what progress says, and the path, or `stopped`.

import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cachedArtifact } from './cache.ts';

const [, , log = '', release = '', how = ''] = process.argv;
const stop = new AbortController();
if (how === 'stop-on-SIGINT') process.on('SIGINT', () => stop.abort(new Error('stopped')));
if (how === 'exit-on-SIGINT') process.on('SIGINT', () => process.exit(130));

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

await cachedArtifact({
  kind: 'race',
  inputs: ['same for all'],
  fileName: 'artifact.txt',
  label: 'artifact',
  progress: say,
  signal: stop.signal,
  build: async (dir) => {
    appendFileSync(log, 'built\n');
    writeFileSync(path.join(dir, 'half.txt'), 'half');
    say('building');
    while (!existsSync(release)) await sleep(5, undefined, { signal: stop.signal });
    writeFileSync(path.join(dir, 'artifact.txt'), 'whole');
  },
}).then(say, (error: unknown) => {
  if (error !== stop.signal.reason) throw error;
  say('stopped');
});
