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
  // First of all, so that nothing with types is stripped of them anew; in a folder that was seen to be there: below /proc, where
  // TMPDIR may point, Node never ends making one.
  const { compileCache } = await import('../harness/host/compile-cache.js');
  const { NODE_COMPILE_CACHE } = compileCache();
  const { enableCompileCache } = await import('node:module');
  if (NODE_COMPILE_CACHE !== undefined) enableCompileCache(NODE_COMPILE_CACHE);
  const { catchTheUncaught } = await import('./last-resort.ts');
  catchTheUncaught();
  // A file that may not grow any more is an error of its write (EFBIG), which has a sentence. Node sees to that until somebody
  // listens for the signal and then stops, as execa does: so somebody always listens.
  process.on('SIGXFSZ', () => {});
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
  // All is said and delivered: what still waits for something (a thread that the system does not give) keeps nobody.
  setTimeout(() => process.exit(), 2000).unref();
}
