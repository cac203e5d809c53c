// Bundles the page's script and style from reports/page/ and prints them, JSON: a process of its own, since rolldown waits for ever
// for a thread that the system does not give, and ends its process by the screen where it fails. What stays out: when one is
// made, and how long it may take (bundle.ts).
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Plugin, rolldown } from 'rolldown';
import type { PageBundle } from './bundle.ts';

/** Style without comments, and without white space that means nothing. */
function smaller(css: string): string {
  return css
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,>]) ?/g, '$1')
    .replaceAll(': ', ':')
    .replaceAll(';}', '}')
    .trim();
}

/** Takes what modules import as `.css`, in the order of the imports: rolldown itself bundles scripts only. */
function styles(): { readonly plugin: Plugin; readonly css: () => string } {
  const texts = new Map<string, string>();
  const ordered: string[] = [];
  const plugin: Plugin = {
    name: 'styles',
    async load(id) {
      if (!id.endsWith('.css')) return null;
      texts.set(id, await readFile(id, 'utf8'));
      return { code: '', moduleType: 'js', moduleSideEffects: 'no-treeshake' };
    },
    buildEnd() {
      const seen = new Set<string>();
      const visit = (id: string): void => {
        if (seen.has(id)) return;
        seen.add(id);
        for (const next of this.getModuleInfo(id)?.importedIds ?? []) visit(next);
        const text = texts.get(id);
        if (text !== undefined) ordered.push(text);
      };
      for (const id of this.getModuleIds()) if (this.getModuleInfo(id)?.isEntry === true) visit(id);
    },
  };
  return { plugin, css: () => smaller(ordered.join('\n')) };
}

async function bundle(): Promise<PageBundle> {
  const { plugin, css } = styles();
  const build = await rolldown({
    input: fileURLToPath(new URL('../page/main.tsx', import.meta.url)),
    tsconfig: fileURLToPath(new URL('../page/tsconfig.json', import.meta.url)),
    platform: 'browser',
    logLevel: 'silent',
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    plugins: [plugin],
  });
  try {
    const { output } = await build.generate({ format: 'iife', minify: true, comments: false });
    // A string of the script must not end the element that holds it.
    return { script: output[0].code.trim().replaceAll('</script', String.raw`<\/script`), style: css() };
  } finally {
    await build.close();
  }
}

process.stdout.write(JSON.stringify(await bundle()));
