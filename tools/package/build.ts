// `npm run build`: dist/, what the published package consists of beside the front door. The compiler takes the types away, one
// module stays one file, and all that is read at run time lies where it lies in the checkout: C, Python, styles, shipped plans. Node
// refuses to take types away below node_modules, so this is done before. What stays out: packing (npm does that).
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withBuiltNames } from './built-names.ts';
import { carry } from './carried.ts';

const root = join(import.meta.dirname, '../..');
const dist = join(root, 'dist');

/** Read at run time, as they are. The page is bundled when a report is made, with its settings. */
const asTheyAre = [
  'harness/**/*.{c,h,py}',
  'reports/page/**/*.css',
  'reports/page/tsconfig.json',
  'scenarios/corpus/**/*.json',
  'tsconfig.json',
] as const;

function compile(...args: readonly string[]): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, ...args], { cwd: root, stdio: 'inherit' });
}

rmSync(dist, { recursive: true, force: true });
compile('-p', 'tsconfig.build.json');
// The page has a DOM and nothing of Node: settings of its own.
compile('-p', 'reports/page', '--noEmit', 'false', '--rootDir', '.', '--outDir', 'dist', '--rewriteRelativeImportExtensions');

for (const file of globSync('**/*.{js,d.ts}', { cwd: dist })) {
  const built = join(dist, file);
  const code = readFileSync(built, 'utf8');
  const named = withBuiltNames(code, join(root, file));
  if (named !== code) writeFileSync(built, named);
}
for (const file of globSync(asTheyAre, { cwd: root, exclude: ['**/*.test-support.*'] })) {
  mkdirSync(dirname(join(dist, file)), { recursive: true });
  cpSync(join(root, file), join(dist, file));
}
carry(join(root, 'node_modules'), join(dist, 'carried'));
