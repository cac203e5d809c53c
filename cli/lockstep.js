#!/usr/bin/env node
// The front door's first step, in plain JavaScript: an old Node cannot read the rest, and better-sqlite3 would crash in
// it without a word. The same file in the checkout, where the sources run, and in the published package, where they lie built in
// dist/ (tools/package/). What stays out: everything else (start.js).
import { existsSync } from 'node:fs';

const napiNeeded = 10; // better-sqlite3 13 is built for Node-API 10: Node 22.14 and later
const { node, napi } = process.versions;
if (Number(napi) < napiNeeded || Number(node.split('.')[0]) < 24) {
  process.stderr.write(
    `lockstep: Node ${node} is too old: Lockstep needs 24.11 or later.\n` +
      '`npx lockstep` uses the Node 24 that is installed along with it, unless npm was told to omit what is optional.\n',
  );
  process.exitCode = 4;
} else if (existsSync(new URL('./start.js', import.meta.url))) {
  await import('./start.js');
} else {
  await import(new URL('../dist/cli/start.js', import.meta.url).href);
}
