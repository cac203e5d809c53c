// `npm run screenshot [-- FOLDER]`: takes the README's picture of the page that `npm start` has made. What stays out: the page.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { startChromium } from './browser.test-support.ts';

const page = resolve(process.argv[2] ?? 'lockstep-report', 'index.html');
const picture = fileURLToPath(new URL('../screenshot.png', import.meta.url));

if (existsSync(page)) {
  const browser = await startChromium();
  try {
    const tab = await browser.newPage({ viewport: { width: 1280, height: 1100 }, colorScheme: 'light' });
    await tab.goto(pathToFileURL(page).href);
    await tab.getByRole('heading', { name: 'Matrix' }).waitFor();
    await tab.screenshot({ path: picture });
    process.stdout.write(`${picture}\n`);
  } finally {
    await browser.close();
  }
} else {
  process.stderr.write(`There is no ${page}: run \`npm start\` first, or name the folder of a comparison.\n`);
  process.exitCode = 2;
}
