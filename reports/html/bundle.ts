// The page's script and style, bundled at report time from reports/page/. What stays out: the data they show.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Plugin, rolldown } from 'rolldown';

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

interface Bundle {
  readonly script: string;
  readonly style: string;
}

let bundled: Promise<Bundle> | undefined;

/** @returns script and style of the page, minified; made once a process, the same each time from the same sources */
export async function bundlePage(): Promise<Bundle> {
  bundled ??= bundle();
  return bundled;
}

async function bundle(): Promise<Bundle> {
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
