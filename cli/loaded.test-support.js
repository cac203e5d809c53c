// Loaded before the front door (`--import`): tells on its exit, in the file that LOADED names, which modules it has loaded, and
// whether Node had to strip types itself. In plain JavaScript, so that it strips none.
import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** @type {string[]} */
const urls = [];

registerHooks({
  load(url, context, next) {
    urls.push(url);
    return next(url, context);
  },
});

process.on('exit', () => {
  // What Node strips types with is a module of its own that it loads with the first file which no cache has.
  const { moduleLoadList } = /** @type {{ moduleLoadList: string[] }} */ (/** @type {unknown} */ (process));
  const stripped = moduleLoadList.some((name) => name.includes('internal/deps/amaro'));
  writeFileSync(process.env['LOADED'] ?? '', JSON.stringify({ urls, stripped }));
});
