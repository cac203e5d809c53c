// The front door, once Node is known to be new enough: in plain JavaScript with all that it reads before Node keeps what it
// compiled. What stays out: commands (main.ts).
import { enableCompileCache } from 'node:module';
import { compileCache } from '../harness/host/compile-cache.js';
import { findNearModules } from '../harness/host/near-modules.js';

// First of all, so that nothing with types is stripped of them anew; in a folder that was seen to be there: below /proc, where
// TMPDIR may point, Node never ends making one.
const { NODE_COMPILE_CACHE } = compileCache();
if (NODE_COMPILE_CACHE !== undefined) enableCompileCache(NODE_COMPILE_CACHE);
findNearModules(new URL('..', import.meta.url).href);
const { catchTheUncaught } = await import('./last-resort.ts');
catchTheUncaught();
// A file that may not grow any more is an error of its write (EFBIG), which has a sentence. Node sees to that until somebody
// listens for the signal and then stops, as execa does: so somebody always listens.
process.on('SIGXFSZ', () => {});
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv.slice(2));
// All is said and delivered: what still waits for something (a thread that the system does not give) keeps nobody.
setTimeout(() => process.exit(), 2000).unref();
