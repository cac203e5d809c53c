// The report of the package's API: the types of what it exports, and of the modules that these come from, as the compiler writes them.
// It stands in the tree, so that a change of it is seen by whoever reads the change, and a test compares it. `npm run api` writes it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../..');

export const apiReportFile = join(root, 'harness/api/api-report.md');

/** By what is imported: the module. */
const entries = { lockstep: 'index', 'lockstep/vitest': 'vitest', 'lockstep/world': 'world' } as const;

/** Files from which a module exports, as paths from the root. */
function sourcesOf(file: string, types: string): readonly string[] {
  const froms = types.matchAll(/^export .* from ['"](\.[^'"]+)\.ts['"];$/gm);
  return [...froms].map(([, path]) => `${join(dirname(file), path ?? '')}.d.ts`);
}

/** The report, as Markdown. */
export function apiReport(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-api-'));
  try {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [tsc, '-p', join(import.meta.dirname, 'tsconfig.api.json'), '--outDir', folder]);
    const typesOf = (file: string): string => readFileSync(join(folder, file), 'utf8').trim();
    const shown = (title: string, file: string): string => `${title}\n\n\`\`\`ts\n${typesOf(file)}\n\`\`\`\n`;
    const files = Object.entries(entries).map(([name, entry]) => ({ name, file: `harness/api/${entry}.d.ts` }));
    const sources = new Set(files.flatMap(({ file }) => sourcesOf(file, typesOf(file))));
    return [
      '# What the package exports\n\nWritten by `npm run api`; a test compares it.\n',
      ...files.map(({ name, file }) => shown(`## \`${name}\``, file)),
      ...[...sources].toSorted().map((file) => shown(`### ${file}`, file)),
    ].join('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main) writeFileSync(apiReportFile, apiReport());
