#!/usr/bin/env node
// The front door's first step, in plain JavaScript: an old Node cannot read the rest, and better-sqlite3 would crash in
// it without a word. What stays out: everything else (main.ts).
const napiNeeded = 10; // better-sqlite3 13 is built for Node-API 10: Node 22.14 and later
const { node, napi } = process.versions;
if (Number(napi) < napiNeeded || Number(node.split('.')[0]) < 24) {
  process.stderr.write(
    `lockstep: Node ${node} is too old: Lockstep needs 24.11 or later.\n` +
      'In the checkout, after `npm ci`, `npx lockstep` uses the Node 24 that is installed with it.\n',
  );
  process.exitCode = 4;
} else {
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
}
