// Run as a process by cache.test.ts: builds one artefact, and takes part in its races. Arguments: a file that gets a
// line for each build, and a file that a build waits for. Prints `building`, what progress says, and the path.

import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cachedArtifact } from './cache.ts';

const [, , log = '', release = ''] = process.argv;
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const file = await cachedArtifact({
  kind: 'race',
  inputs: ['same for all'],
  fileName: 'artifact.txt',
  label: 'artifact',
  progress: say,
  build: async (dir) => {
    appendFileSync(log, 'built\n');
    writeFileSync(path.join(dir, 'half.txt'), 'half');
    say('building');
    while (!existsSync(release)) await sleep(5);
    writeFileSync(path.join(dir, 'artifact.txt'), 'whole');
  },
});
say(file);
