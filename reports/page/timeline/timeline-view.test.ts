/// <reference types="node" />
// The viewer in a real browser, from a file, without network: what a reader does with keys, wheel, finger and search.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import AxeSource from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noBrowser, startChromium } from '../../testing/browser.test-support.ts';
import { long, longUnless } from '../../../harness/testing/long.test-support.ts';

const missing = await noBrowser();

async function bundle(folder: string): Promise<string> {
  const build = await rolldown({
    input: fileURLToPath(new URL('./trial-page.test-support.tsx', import.meta.url)),
    tsconfig: fileURLToPath(new URL('../tsconfig.json', import.meta.url)),
    platform: 'browser',
    plugins: [
      {
        name: 'styles',
        async load(id) {
          if (!id.endsWith('.css')) return null;
          const css = JSON.stringify(await readFile(id, 'utf8'));
          const code = `document.head.append(Object.assign(document.createElement('style'), { textContent: ${css} }));`;
          return { code, moduleType: 'js', moduleSideEffects: true };
        },
      },
    ],
  });
  const { output } = await build.generate({ format: 'iife' });
  await build.close();
  const script = output[0].code.replaceAll('</script', String.raw`<\/script`);
  const path = join(folder, 'index.html');
  const head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Timeline</title>';
  await writeFile(
    path,
    `<!doctype html><html lang="en"><head>${head}</head><body><script>${script}</script></body></html>`,
  );
  return pathToFileURL(path).href;
}

describe.skipIf(missing !== undefined)('the viewer', () => {
  let folder = '';
  let address = '';
  let browser: Browser;
  let complaints: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'timeline-'));
    address = await bundle(folder);
    browser = await startChromium();
  });

  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(hash = '', more: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 1000 }, reducedMotion: 'reduce', ...more });
    complaints = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) complaints.push(request.url());
    });
    await page.goto(`${address}${hash}`);
    await page.locator('.tl-in-view', { hasText: 'in view' }).waitFor();
    return page;
  }

  const readout = (page: Page): Promise<string> => page.locator('.tl-readout').innerText();

  /** First and last step in view. */
  async function inView(page: Page): Promise<[number, number]> {
    // What a key asked for is drawn with the next frame.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const text = await page.locator('.tl-in-view').innerText();
    const [first, last] = text.match(/\d+/g) ?? [];
    return [Number(first), Number(last)];
  }

  test('opens at the violation and is stepped with keys', async () => {
    const page = await open();
    expect(await readout(page)).toContain('Step 51');
    await page.locator('.tl-scroller').focus();
    for (const [key, step] of [
      ['ArrowLeft', 50],
      ['Home', 1],
      ['n', 12],
      ['Shift+ArrowRight', 15],
      ['ArrowRight', 16],
      ['p', 12],
      ['End', 52],
    ] as const) {
      await page.keyboard.press(key);
      expect(await readout(page)).toContain(`Step ${step}`);
    }
    expect(await page.evaluate(() => (globalThis as unknown as { told: number[] }).told)).toEqual([
      50, 1, 12, 15, 16, 12, 52,
    ]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('tells the state of locks, files, queues and lanes at a step', long, async () => {
    const page = await open();
    await page.getByLabel('Search steps').fill('op:delete');
    await page.keyboard.press('Enter');
    expect(await readout(page)).toContain('verifier-2: delete kanban.db-wal');
    const state = (await page.locator('.tl-state').innerText()).replaceAll(/\s+/g, ' ');
    expect(state).toContain('SHARED gateway-1/dispatcher since 3 lost at 16: believed, not held by the kernel');
    expect(state).toContain('EXCLUSIVE verifier-2 since 28');
    expect(state).toContain('kanban.db-wal #1 unlinked by verifier-2 at 32, still open in gateway-1/dispatcher');
    expect(state).toMatch(/gateway-1\/notifier 18 sleep 0/);
    await page.locator('.tl-state').getByRole('button', { name: 'Go to step 16' }).click();
    expect(await readout(page)).toContain('fileRead kanban.db');
    expect(await page.locator('.tl-happened').innerText()).toContain('POSIX drops every lock');
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('searches, counts, and goes round', async () => {
    const page = await open();
    const field = page.getByLabel('Search steps');
    await page.locator('.tl-scroller').press('/');
    await page.keyboard.type('lane:dispatcher op:sync');
    expect(await page.locator('.tl-found').innerText()).toBe('2');
    await field.press('Enter');
    expect(await page.locator('.tl-found').innerText()).toBe('1 of 2');
    await field.press('Enter');
    expect(await readout(page)).toContain('Step 40');
    await field.press('Enter');
    expect(await readout(page)).toContain('Step 10');
    await field.press('Shift+Enter');
    expect(await readout(page)).toContain('Step 40');
    await field.fill('no such thing');
    expect(await page.locator('.tl-found').innerText()).toBe('nothing found');
    await field.press('Escape');
    expect(await field.inputValue()).toBe('');
    await page.close();
  });

  test('zooms and pans with keys, wheel and strip, and fits again', long, async () => {
    const page = await open('#long');
    const [first, last] = await inView(page);
    expect([first, last]).toEqual([1, 20_008]);
    await page.locator('.tl-scroller').focus();
    await page.keyboard.press('+');
    const zoomed = await inView(page);
    expect(zoomed[1] - zoomed[0]).toBeLessThan(13_000);
    await page.keyboard.press('a');
    const panned = await inView(page);
    expect(panned[0]).toBeLessThan(zoomed[0]);
    await page.keyboard.press('f');
    expect(await inView(page)).toEqual([first, last]);

    const box = (await page.locator('.tl-sticky canvas').boundingBox())!;
    await page.mouse.move(box.x + 600, box.y + 120);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -400);
    await page.keyboard.up('Control');
    const wheeled = await inView(page);
    expect(wheeled[1] - wheeled[0]).toBeLessThan(last - first);
    await page.mouse.down();
    await page.mouse.move(box.x + 500, box.y + 120, { steps: 4 });
    await page.mouse.up();
    expect((await inView(page))[0]).toBeGreaterThan(wheeled[0]);

    const strip = (await page.locator('.tl-overview').boundingBox())!;
    await page.keyboard.press('f');
    await inView(page);
    await page.mouse.move(strip.x + strip.width * 0.5, strip.y + 20);
    await page.mouse.down();
    await page.mouse.move(strip.x + strip.width * 0.6, strip.y + 20, { steps: 4 });
    await page.mouse.up();
    const chosen = await inView(page);
    expect(chosen[0]).toBeGreaterThan(9900);
    expect(chosen[1]).toBeLessThan(12_100);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('a click picks the step below it; a drag picks none', long, async () => {
    const page = await open();
    const box = (await page.locator('.tl-sticky canvas').boundingBox())!;
    await page.mouse.click(box.x + box.width - 3, box.y + 300);
    expect(await readout(page)).toContain('Step 52');
    await page.mouse.move(box.x + 600, box.y + 300);
    await page.mouse.down();
    await page.mouse.move(box.x + 660, box.y + 300, { steps: 3 });
    await page.mouse.up();
    expect(await readout(page)).toContain('Step 52');
    await page.close();
  });

  test('shows few rows of a long table, and the current one among them', long, async () => {
    const page = await open('#long');
    const grid = page.getByRole('grid', { name: 'Steps' });
    expect(await grid.getAttribute('aria-rowcount')).toBe('20009');
    expect(await grid.getByRole('row').count()).toBeLessThan(80);
    expect(await grid.locator('[aria-selected="true"]').innerText()).toContain('18000');
    await grid.focus();
    await page.keyboard.press('ArrowDown');
    expect(await readout(page)).toContain('18001');
    await grid.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
    await grid.getByRole('gridcell', { name: '10010', exact: true }).waitFor();
    expect(await grid.getByRole('row').count()).toBeLessThan(80);
    const active = (await grid.getAttribute('aria-activedescendant'))!;
    expect(await page.locator(`[id="${active}"]`).getAttribute('aria-selected')).toBe('true');
    await page.close();
  });

  test('a hidden kind is not stepped to, and leaves the table of events', long, async () => {
    const page = await open();
    await page.getByRole('tab', { name: /Events/ }).click();
    const rows = page.getByRole('grid', { name: 'Events' }).locator('[role=rowgroup] [role=row]');
    expect(await rows.count()).toBe(13);
    await page.getByRole('button', { name: /^Commit/ }).click();
    expect(await rows.count()).toBe(11);
    await page.locator('.tl-scroller').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('n');
    expect(await readout(page)).toContain('Step 16');
    await page.close();
  });

  test('two fingers zoom, one pans, and nothing is wider than a phone', long, async () => {
    const page = await open('#long', { viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true });
    const box = (await page.locator('.tl-sticky canvas').boundingBox())!;
    const touch = await page.context().newCDPSession(page);
    const [x, y] = [box.x + 180, box.y + 150];
    const at = (...offsets: number[]) => offsets.map((offset, id) => ({ x: x + offset, y, id }));
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(-20, 20) });
    for (const apart of [40, 70, 100]) {
      await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(-apart, apart) });
    }
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    const pinched = await inView(page);
    expect(pinched[1] - pinched[0]).toBeLessThan(10_000);
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(0) });
    for (const by of [-20, -60, -100]) {
      await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(by) });
    }
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    expect((await inView(page))[0]).toBeGreaterThan(pinched[0]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    const [picture, pane, lists] = await Promise.all(
      ['.tl-picture', '.tl-pane', '.tl-lists'].map(async (part) => (await page.locator(part).boundingBox())!.y),
    );
    expect([picture! < pane!, pane! < lists!]).toEqual([true, true]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('follows the theme while it is open', long, async () => {
    const page = await open();
    const ground = (): Promise<number> =>
      page.evaluate(async () => {
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        const canvas = document.querySelector<HTMLCanvasElement>('.tl-sticky canvas');
        return canvas?.getContext('2d')?.getImageData(2, canvas.height - 2, 1, 1).data[0] ?? Number.NaN;
      });
    await expect.poll(ground).toBeGreaterThan(200);
    await page.emulateMedia({ colorScheme: 'dark' });
    // The browser tells of the change when it comes to it.
    await expect.poll(ground, { timeout: 20_000 }).toBeLessThan(60);
    await page.close();
  });

  for (const colorScheme of ['light', 'dark'] as const)
    test(`axe finds nothing serious in ${colorScheme}`, longUnless(colorScheme === 'dark'), async () => {
      const page = await open('', { colorScheme });
      await page.getByRole('tab', { name: /Events/ }).click();
      await page.evaluate(AxeSource.source);
      const violations = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: typeof AxeSource };
        const found = await axe.run(document.querySelector('.tl') ?? document);
        return found.violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
      });
      expect(violations).toEqual([]);
      await page.close();
    });
});
