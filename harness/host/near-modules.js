// Modules that lie near each other are found at once. For each name Node asks the disk what it leads to, link by link, and for a
// `package.json` in each folder above; a quarter of what `lockstep list` takes. But where it has found one file of a folder, the others
// of this ending lie beside it in the same package, and are read in the same way. In plain JavaScript: the front door reads it before Node
// keeps what it compiled. What stays out: a person's own modules, of which one may be missing, and Node says which.
import { registerHooks } from 'node:module';

/** A file by its relative name. */
const near = /^\.\.?\/.*\.[jt]s$/;

/**
 * From now on, in this thread, for modules of Lockstep and of packages.
 *
 * @param {string} house `file:` URL of the folder that Lockstep lies in
 */
export function findNearModules(house) {
  /** @type {Map<string, string>} by folder and ending, of what Node found there */
  const formats = new Map();
  registerHooks({
    resolve(name, context, next) {
      const { parentURL, conditions } = context;
      const ours = parentURL !== undefined && (parentURL.startsWith(house) || parentURL.includes('/node_modules/'));
      if (!ours || !near.test(name) || !conditions.includes('import')) return next(name, context);
      const { href } = new URL(name, parentURL);
      const kind = `${href.slice(0, href.lastIndexOf('/'))} ${href.slice(-3)}`;
      const format = formats.get(kind);
      if (format !== undefined) return { url: href, format, shortCircuit: true };
      const found = next(name, context);
      if (found.url === href && typeof found.format === 'string') formats.set(kind, found.format);
      return found;
    },
  });
}
