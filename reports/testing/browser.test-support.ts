// Chromium for tests: finding it and starting it without its talk to the network. What stays out: what a test does with it.
import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const names = ['/usr/bin/chromium', 'chromium', 'chromium-browser', 'google-chrome'] as const;

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Where Chromium is: `$CHROMIUM`, else Debian's place, else what the path has.
 *
 * @returns undefined when there is none
 * @throws when $CHROMIUM names no program: a wrong setting must not turn into a skipped test
 */
export async function findChromium(): Promise<string | undefined> {
  const given = process.env['CHROMIUM'];
  if (given !== undefined && given !== '') {
    if (await isProgram(given)) return given;
    throw new Error(`CHROMIUM is ${given}, which is no program that can be run.`);
  }
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of names) {
    const places = isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name));
    for (const place of places) if (await isProgram(place)) return place;
  }
  return undefined;
}

/** Why tests with a browser are left out; undefined when they are to be run. In CI they always are. */
export async function noBrowser(): Promise<string | undefined> {
  if ((await findChromium()) !== undefined || process.env['CI'] !== undefined) return undefined;
  return 'no Chromium is installed: set CHROMIUM to one, or install it (apt-get install chromium)';
}

/** Starts Chromium, headless, with an empty profile of its own. */
export async function startChromium(): Promise<Browser> {
  const executablePath = await findChromium();
  if (executablePath === undefined) throw new Error('No Chromium was found: set CHROMIUM, or install it.');
  return chromium.launch({
    executablePath,
    headless: true,
    // Chromium refuses to run as root inside its sandbox.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
