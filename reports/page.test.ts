// The page in a real browser, from a disk: what people do with it, by mouse and by keyboard alone. Skipped only where there is
// no Chromium, and never in CI.
import { createRequire } from 'node:module';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { renderReport } from './render.ts';
import type { ResultCell, ResultClaim, Results } from './results.ts';
import { noBrowser, startChromium } from './testing/browser.test-support.ts';
import {
  ablated,
  broken,
  documentOf,
  failingBesides,
  failing as failingCell,
  passing,
  unsure,
} from './testing/cells.test-support.ts';
import { allEvidence, evidenceOf } from './testing/evidence.test-support.ts';
import {
  catalogue,
  empty,
  longNames,
  noFailures,
  oneCell,
  onlyFailures,
  sixHundredCells,
  sixtyCells,
} from './testing/results.test-support.ts';
import { keyOf } from './words.ts';
import { long, longUnless } from '../harness/testing/long.test-support.ts';

const reason = await noBrowser();
if (reason !== undefined) process.stderr.write(`page.test.ts is skipped: ${reason}\n`);

let browser: Browser;
let folder: string;
const complaints: string[] = [];
const open: Page[] = [];

beforeAll(async () => {
  if (reason !== undefined) return;
  browser = await startChromium();
  folder = await mkdtemp(join(tmpdir(), 'lockstep-page-'));
});
afterAll(async () => {
  if (reason !== undefined) return;
  await browser.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(async () => {
  for (const page of open.splice(0)) await page.context().close();
  expect(complaints.splice(0)).toEqual([]);
});

interface Visit extends BrowserContextOptions {
  readonly hash?: string;
  readonly evidence?: ReadonlyMap<string, string>;
}

/** Opens a report from a file, and takes down every console error, page error and request but the one for the file. */
async function visit(results: Results, { hash = '', evidence = allEvidence(results), ...options }: Visit = {}) {
  const path = join(folder, `report-${String(open.length)}.html`);
  await writeFile(path, await renderReport(results, evidence));
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, ...options });
  const page = await context.newPage();
  open.push(page);
  const address = pathToFileURL(path).href;
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(address) && !/^(?:blob|data):/.test(request.url())) complaints.push(request.url());
  });
  await page.goto(address + hash);
  await page.locator('#tested').waitFor();
  return page;
}

const rowNames = async (page: Page) => page.locator('.matrix tbody th .name').allTextContents();
const focused = async (page: Page) => page.evaluate<string>('document.activeElement.textContent');
const title = (page: Page) => page.locator('dialog h2').innerText();

describe.skipIf(reason !== undefined)('the matrix', () => {
  test('has a row a strategy, a column a scenario, and says of each cell what the document says', async () => {
    const results = sixtyCells();
    const page = await visit(results);
    expect(await rowNames(page)).toEqual(results.about.strategies.map(({ name }) => name));
    const heads = await page.locator('.matrix thead th').allInnerTexts();
    expect(heads.slice(3)).toEqual(results.about.scenarios.map(({ name }) => name));
    const labels = await page.locator('.matrix a[data-cell]').allTextContents();
    expect(labels).toHaveLength(results.cells.length);
    const words = { fail: 'Fail', pass: 'Pass', inconclusive: 'Inconclusive', error: 'Error' };
    for (const { scenario, strategy, engine, verdict, reached, runs } of results.cells) {
      const label = labels.find((one) => one.startsWith(`${scenario} under ${strategy} on SQLite ${engine}:`)) ?? '';
      expect(label).toContain(`: ${words[verdict]}`);
      expect(label).toContain(`reached in ${String(reached)} of ${String(runs)} run`);
    }
  });

  test('no pass has a bound wider than 5 %, and a failure says what found it: search and memory apart', async () => {
    const results = { ...sixtyCells(), baseline: undefined };
    const page = await visit(results);
    const passes = await page.locator('.matrix a.pass .worth').allTextContents();
    expect(passes.length).toBeGreaterThan(0);
    for (const worth of passes)
      expect(Number(/^≤ ([\d.]+) % · \d+\/\d+$/.exec(worth)?.[1] ?? 100)).toBeLessThanOrEqual(5);
    const unclear = await page.locator('.matrix a.inconclusive .worth').allTextContents();
    expect(unclear.length).toBeGreaterThan(0);
    for (const worth of unclear) expect(worth).toMatch(/^\d+ of 59 in window$/);
    const failed = results.cells.filter(({ verdict }) => verdict === 'fail');
    for (const how of ['search', 'shipped']) expect(failed.some((cell) => cell.how === how)).toBe(true);
    for (const cell of failed) {
      const found = page.locator(`.matrix a[data-cell='${keyOf(cell)}'] .found span`);
      const { failedRun, shipped } = cell;
      expect(await found.allTextContents()).toEqual([
        failedRun === null ? '–' : `#${failedRun}`,
        shipped === null ? '–' : '●',
      ]);
    }
  });

  test('explains its words: where each first stands, and all together for who has no mouse', async () => {
    const page = await visit(sixtyCells());
    expect(await page.locator('.legend .term', { hasText: 'window' }).getAttribute('title')).toMatch(/harm can happen/);
    const all = page.locator('details.terms');
    expect(await all.locator('dl').isVisible()).toBe(false);
    await all.locator('summary').focus();
    await page.keyboard.press('Enter');
    expect(await all.locator('dt').allTextContents()).toEqual(
      expect.arrayContaining(['window', 'hazard', 'staged', 'bound', 'search', 'memory']),
    );
    expect(await all.locator('dl').isVisible()).toBe(true);
  });

  test('shows one engine at a time, with runs and bound', long, async () => {
    const page = await visit(sixtyCells());
    await page.getByRole('radio', { name: '3.51.2' }).check({ force: true });
    expect(await page.locator('.matrix a[data-cell]').count()).toBe(30);
    expect(await page.locator('.matrix a.pass').first().innerText()).toMatch(/Pass\s+≤ [1-4]\.\d % · \d+\/200/);
  });

  test('sorts by name, by failures and by a scenario, and goes back to the order of the document', long, async () => {
    const results = sixtyCells();
    const page = await visit(results);
    const listed = await rowNames(page);
    const head = (name: string) => page.locator('.matrix thead').getByRole('button', { name });
    await head('Strategy').click();
    expect(await rowNames(page)).toEqual(listed.toSorted());
    expect(await page.locator('.matrix thead th').first().getAttribute('aria-sort')).toBe('ascending');
    await head('Failed').click();
    await head('Failed').click();
    const failures = (await page.locator('.matrix td.failures b').allTextContents()).map(Number);
    expect(failures).toEqual(failures.toSorted((a, b) => b - a));
    expect(failures[0]).toBeGreaterThan(failures.at(-1) ?? 0);
    await head('Failed').click();
    expect(await rowNames(page)).toEqual(listed);
    await head('checkpoint-race').click();
    const worst = await page.locator('.matrix tbody').first().locator('tr').all();
    for (const row of worst) expect(await row.locator('td.cells').nth(1).locator('a.fail').count()).toBe(1);
  });

  test('filters by words and by verdict, and says how many cells are left', async () => {
    const results = sixtyCells();
    const page = await visit(results);
    await page.getByRole('checkbox', { name: /Inconclusive/ }).check({ force: true });
    const many = results.cells.filter(({ verdict }) => verdict === 'inconclusive').length;
    expect(many).toBeGreaterThan(0);
    expect(await page.locator('.matrix a[data-cell]').count()).toBe(many);
    expect(await page.locator('.tally').innerText()).toBe(`${String(many)} of 60 cells`);
    await page.getByRole('checkbox', { name: /Inconclusive/ }).uncheck({ force: true });
    await page.getByRole('searchbox').fill('safe-read 3.51.2');
    expect(await rowNames(page)).toEqual(['safe-read']);
    await page.getByRole('searchbox').fill('no such thing');
    expect(await page.locator('.nothing').innerText()).toBe('No cell is like that.');
  });

  test.each([1280, 800])(
    'shows five scenarios whole on a screen %i px wide: none is cut, none scrolls',
    async (width) => {
      const scenarios = ['orphan-dispatcher', 'corrupt-board-storm', 'wal-unlink-wedge', 'init-inode-swap', 'races'];
      const violations = ['acknowledged-commits', 'no-wedge'].map((invariant) => ({ invariant, message: '', step: 9 }));
      const cells = scenarios.flatMap((scenario) => [
        failingCell({ scenario, strategy: 'safe-read', engine: '3.50.4', runs: 1234, shipped: 'a.json', violations }),
        unsure({ scenario, strategy: 'safe-read', engine: '3.54.1', reached: 58 }),
        passing({ scenario, strategy: 'safe-read+leader+quarantine', engine: '3.50.4', runs: 2000, reached: 1999 }),
        broken({ scenario, strategy: 'safe-read+leader+quarantine', engine: '3.54.1' }),
      ]);
      const page = await visit(documentOf(cells), { viewport: { width, height: 1000 } });
      expect(await page.locator('.matrix a[data-cell]').count()).toBe(20);
      const box = `document.querySelector('.matrix .scroll')`;
      expect(await page.evaluate<number>(`${box}.scrollWidth - ${box}.clientWidth`)).toBe(0);
      const cut = await page.evaluate<string[]>(`
        [...document.querySelectorAll('.matrix table :is(a, button, .name, a span:not(.sr))')].filter((part) => {
          const [inner, outer] = [part, part.closest('td, th')].map((one) => one.getBoundingClientRect());
          const inside = inner.left >= outer.left && inner.right <= outer.right && inner.bottom <= outer.bottom;
          return !inside || part.scrollWidth > part.clientWidth + 1;
        }).map(({ textContent }) => textContent)`);
      expect(cut).toEqual([]);
    },
  );

  test('marks in words what changed since the baseline', long, async () => {
    const page = await visit(sixtyCells());
    expect(await page.locator('.matrix .change').allTextContents()).toEqual(['was fail', 'was fail', 'new']);
    await page.getByRole('checkbox', { name: /Changed/ }).check({ force: true });
    expect(await page.locator('.matrix a[data-cell]').count()).toBe(3);
  });
});

describe.skipIf(reason !== undefined)('a cell', () => {
  test('opens by mouse, has an address, and closes by going back', long, async () => {
    const page = await visit(sixtyCells());
    await page.locator('.matrix a.fail').first().click();
    const name = (await title(page)).replaceAll(' / ', '/');
    expect(decodeURIComponent(new URL(page.url()).hash)).toBe(`#cell=${name}`);
    expect(await page.locator('dialog .explanation li').count()).toBe(5);
    expect(await page.locator('dialog .verdict-words').innerText()).toMatch(/^Failed: \d invariants? violated/);
    await page.goBack();
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.goForward();
    expect((await title(page)).replaceAll(' / ', '/')).toBe(name);
  });

  test('is reached, opened and closed by keyboard alone, and gives the focus back', async () => {
    const page = await visit(sixtyCells());
    await page.locator('.matrix thead button').last().focus();
    await page.keyboard.press('Tab');
    expect(await focused(page)).toContain('wal-unlink-wedge under wal on SQLite 3.50.4');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const cell = await focused(page);
    expect(cell).toContain('checkpoint-race under delete on SQLite 3.50.4');
    await page.keyboard.press('Enter');
    expect(await title(page)).toBe('checkpoint-race / delete / 3.50.4');
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await focused(page)).toBe(cell);
    expect(new URL(page.url()).hash).toBe('');
    await page.keyboard.press('Control+End');
    expect(await focused(page)).toContain('orphan-dispatcher under sentinel on SQLite 3.51.2');
  });

  test('groups violations by invariant and says once what must hold; what a plan staged is not seen', async () => {
    const violation = (invariant: string, message: string) => ({ invariant, message, step: 9 });
    const violations = [violation('no-wedge', 'a'), violation('locks-held', 'c'), violation('no-wedge', 'b')];
    const symptoms = [{ reported: '28 h old', seen: false, staged: 'the plan starts it then', evidence: '28.0 h' }];
    const invariants = [{ name: 'no-wedge', says: 'nobody is wedged', about: 'harm' as const }];
    const page = await visit(documentOf([failingCell({ violations, symptoms })], { invariants }));
    await page.locator('.matrix a.fail').click();
    expect(await page.locator('dialog .violations dt').allTextContents()).toEqual(['no-wedge', 'locks-held']);
    expect(await page.locator('dialog .violations').innerText()).toMatch(
      /^no-wedge[^]*a\s+At step 9\.\s+b\s+At step 9\.\s+locks-held\s+c\s+At step 9\./,
    );
    expect(await page.getByText('Must hold: nobody is wedged.').count()).toBe(1);
    const row = await page.locator('dialog tr', { hasText: '28 h old' }).innerText();
    expect(row).toMatch(/staged[^]*28\.0 h \(Not counted as seen: the plan starts it then\.\)/);
  });

  test('counts what was violated once, also where it was by another run than the one that is shown', async () => {
    const page = await visit(documentOf([failingBesides()]));
    expect(await page.locator('.matrix a.fail .worth').innerText()).toBe('no-wedge +1');
    await page.locator('.matrix a.fail').click();
    expect(await page.locator('dialog .verdict-words').innerText()).toMatch(/^Failed: 2 invariants violated\./);
    const told = page.locator('dialog .violations');
    expect(await told.locator('dt').allTextContents()).toEqual(['no-wedge', 'bounded-reaction']);
    expect(await told.innerText()).toContain('Violated by random run 9 and a.json, not by the plan that is shown');
  });

  test('gives the command that replays it, and copies it', async () => {
    const results = onlyFailures();
    const page = await visit(results, { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.locator('.matrix a.fail').first().click();
    const command = await page.locator('dialog .command code').innerText();
    expect(command).toBe(`npx lockstep replay ${results.cells[0]?.plan ?? ''}`);
    await page.getByRole('button', { name: 'Copy the command' }).click();
    await page.getByText('copied', { exact: true }).waitFor();
    expect(await page.evaluate<string>('navigator.clipboard.readText()')).toBe(command);
  });

  test('is copied also where the clipboard is closed to pages', long, async () => {
    const page = await visit(oneCell());
    await page.evaluate(
      `Object.defineProperty(navigator, 'clipboard', { value: { writeText: () => Promise.reject(new Error()) } })`,
    );
    await page.locator('.matrix a.fail').click();
    await page.getByRole('button', { name: 'Copy the command' }).click();
    await expect.poll(() => page.locator('.command [role=status]').innerText()).toBe('copied');
  });

  test('gives its plan, byte for byte as the file has it', async () => {
    const results = oneCell();
    const [cell] = results.cells;
    if (cell === undefined) throw new Error('no cell');
    const page = await visit(results);
    await page.locator('.matrix a.fail').click();
    const coming = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download the plan' }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toBe('wal-unlink-wedge.wal.3.50.4.json');
    expect(await readFile(await download.path(), 'utf8')).toBe(`${JSON.stringify(evidenceOf(cell).plan, null, 2)}\n`);
  });

  test('shows its plan beside what it was before shrinking', long, async () => {
    const page = await visit(oneCell());
    await page.locator('.matrix a.fail').click();
    await page.getByText('The plan as found, beside the minimal one').click();
    const removed = await page.locator('.diff td.removed').allInnerTexts();
    expect(removed.join('\n')).toContain('"spawnMs": 1713');
    expect((await page.locator('.diff td.added').allInnerTexts()).join('\n')).toContain('"horizonMs": 5473');
    const right = await page.locator('.diff td:nth-child(2):not(.gap)').allTextContents();
    expect(JSON.parse(right.map((line) => line.replace(/^[ +]/, '')).join('\n'))).toMatchObject({ seed: 1 });
  });

  test('leads from a sentence to its step in the timeline, twice too', async () => {
    const page = await visit(oneCell());
    await page.locator('.matrix a.fail').click();
    const readout = page.locator('.timeline .tl-readout b');
    await page.getByRole('button', { name: /took itself for the last connection/ }).click();
    await expect.poll(() => readout.innerText()).toBe('Step 64');
    await page.getByRole('button', { name: /was granted EXCLUSIVE/ }).click();
    await expect.poll(() => readout.innerText()).toBe('Step 58');
  });

  test('that passed says what that is worth, and how to run more', long, async () => {
    const page = await visit(noFailures());
    await page.locator('.matrix a.pass').first().click();
    expect(await page.locator('dialog .verdict-words').innerText()).toMatch(
      /^Did not fail in 200 runs\. .* reached in 59 of 200 runs\. .* at most in 5\.0 % of cases, any random run in 1\.5 %/,
    );
    expect(await page.locator('dialog .command code').innerText()).toBe(
      'npx lockstep run wal-unlink-wedge --strategy wal --engine 3.50.4 --runs 2000 --seed 2 --chooser preemptions --only harm',
    );
  });

  const damaged = [
    ['missing', undefined, 'This file does not hold'],
    ['garbled', '{"format":1,', 'cannot be read'],
    ['of another version', '{"format":99}', 'has format 99; this page reads format 1'],
    ['without its parts', '{"format":1}', 'lacks its plan or its timeline'],
  ] as const;
  for (const [what, text, says] of damaged)
    test(`whose evidence is ${what} says so`, longUnless(what === 'missing'), async () => {
      const results = oneCell();
      const path = results.cells[0]?.evidence ?? '';
      const page = await visit(results, {
        hash: '#cell=wal-unlink-wedge/wal/3.50.4',
        evidence: text === undefined ? new Map() : new Map([[path, text]]),
      });
      const notice = page.locator('dialog .notice');
      await notice.waitFor();
      expect(await notice.innerText()).toContain(says);
      expect(await page.locator('dialog .explanation li').count()).toBe(5);
    });

  test('that this comparison does not have says so', long, async () => {
    const page = await visit(oneCell(), { hash: '#cell=a/b/c' });
    expect(await page.locator('dialog .notice').innerText()).toContain('no such cell: a under b on SQLite c');
  });
});

describe.skipIf(reason !== undefined)('the page', () => {
  test('leads from the answer to the evidence', long, async () => {
    const page = await visit(sixtyCells());
    expect(await page.locator('h1').innerText()).toBe('Every strategy failed somewhere.');
    await page.locator('.told .by-scenario a').first().click();
    expect(await page.locator('dialog .verdict').first().innerText()).toContain('Fail');
  });

  test('says why cells show nothing, and how many shipped plans were left', long, async () => {
    const told = async (...cells: readonly ResultCell[]) => {
      const page = await visit(documentOf(cells));
      const section = page.locator('.told', { has: page.locator('h2', { hasText: 'Inconclusive' }) });
      return { page, said: (await section.innerText()).replaceAll(/\s+/g, ' ') };
    };
    const unrun = unsure({ strategy: 'best', runs: 0, replayable: 21 });
    expect((await told(unrun)).said).toMatch(/^Inconclusive nothing was run .* best$/);
    expect((await told(unsure())).said).toContain('the dangerous window was never reached');
    const { page, said } = await told(unsure(), unrun);
    expect(said).toContain('Inconclusive nothing is shown');
    expect(said).toContain('the dangerous window was never reached (1 cell) · nothing was run (1 cell)');
    await page.locator('.told .by-scenario a').last().click();
    expect(await page.locator('dialog .summary').innerText()).toContain(
      'None of 21 shipped plans was replayed before the budget was spent.',
    );
  });

  test('tells the claims that were tested, and folds those that were not', async () => {
    const claimed = (claim: string, outcome: ResultClaim['outcome'], tried = true): ResultClaim => {
      const { scenario, strategy, engine } = failingCell();
      const cell = { scenario, strategy, engine };
      return { ...cell, claim, source: 'a report', expects: 'none', outcome, tried, evidence: '' };
    };
    const claims = [
      claimed('open', 'untested', false),
      claimed('few', 'untested'),
      claimed('holds', 'confirmed'),
      claimed('wrong', 'refuted'),
    ];
    const page = await visit(documentOf([failingCell()], {}, { claims }));
    expect(await page.locator('#claims').innerText()).toBe('Claims 1 refuted, 1 confirmed, 1 undecided, 1 untested');
    const shown = page.locator('.claims-table:visible tbody th');
    expect(await shown.allTextContents()).toEqual(['wrong a report', 'holds a report', 'few a report']);
    await page.getByText('What this comparison could not test: 1 claim').click();
    expect(await shown.last().textContent()).toBe('open a report');
  });

  test('says on top that it is not complete', long, async () => {
    const stopped = await visit(onlyFailures());
    expect(await stopped.locator('.answer .notice').innerText()).toContain('not complete');
    const shard = await visit(longNames());
    expect(await shard.locator('.answer .notice').innerText()).toContain('of 8 are not in this document');
  });

  test('follows the system between light and dark, until somebody says otherwise', long, async () => {
    const page = await visit(oneCell(), { colorScheme: 'dark' });
    const ground = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
    const dark = await ground();
    await page.getByRole('button', { name: 'Theme: system' }).click();
    const light = await ground();
    expect(light).not.toBe(dark);
    await page.reload();
    expect(await ground()).toBe(light);
  });

  test('prints all verdicts and why failing cells fail, and no controls', async () => {
    const results = sixtyCells();
    const page = await visit(results);
    await page.locator('.printout').waitFor({ state: 'attached' });
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.print-verdicts tbody tr').count()).toBe(60);
    expect(await page.locator('.print-verdicts').isVisible()).toBe(true);
    const failing = results.cells.filter(({ verdict }) => verdict === 'fail').length;
    expect(await page.locator('.print-failure:visible').count()).toBe(failing);
    expect(await page.locator('.controls:visible, .matrix:visible, dialog:visible').count()).toBe(0);
  });

  const fixtures = [
    ['long names', longNames],
    ['60 cells', sixtyCells],
    ['one cell', oneCell],
    ['no failures', noFailures],
    ['only failures', onlyFailures],
    ['nothing', empty],
    ['a strategy taken apart', ablated],
  ] as const;
  for (const [what, make] of fixtures)
    test(
      `does not scroll sideways on a phone: ${what}`,
      longUnless(what === 'long names' || what === 'a strategy taken apart'),
      async () => {
        const page = await visit(make(), { viewport: { width: 390, height: 844 } });
        const widths = () => page.evaluate<number[]>('[document.documentElement.scrollWidth, innerWidth]');
        expect(await widths()).toEqual([390, 390]);
        const cell = page.locator('.matrix a[data-cell]').first();
        if ((await cell.count()) === 0) return;
        await cell.click();
        await page.locator('dialog .verdict-words').waitFor();
        expect(await page.evaluate<number>(`document.querySelector('dialog').scrollWidth`)).toBe(390);
      },
    );

  test('takes 600 cells: all are there, filter at once, and open', long, async () => {
    const page = await visit(sixHundredCells());
    await page.getByRole('radio', { name: 'all' }).check({ force: true });
    expect(await page.locator('.matrix a[data-cell]').count()).toBe(600);
    await page.getByRole('searchbox').fill('watchdog');
    expect(await rowNames(page)).toEqual(['watchdog']);
    await page.locator('.matrix a[data-cell]').last().click();
    expect(await title(page)).toContain('watchdog');
  });
});

describe.skipIf(reason !== undefined)('a strategy taken apart', () => {
  test.each([800, 1280])('is a row a variant, the worst first, and all of it can be read at %i px', async (width) => {
    const page = await visit(ablated(), { viewport: { width, height: 1000 } });
    const rows = page.locator('.ablation-table tbody tr');
    expect(await rows.locator('th a').allInnerTexts()).toEqual([
      'without guard',
      'without safe-read',
      'with lock=flock-session',
    ]);
    expect(await rows.first().locator('.verdict').innerText()).toContain('needed');
    for (const part of await rows.locator('th, td, li, p').all()) {
      const box = await part.boundingBox();
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(width);
      expect(await part.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeLessThanOrEqual(1);
    }
    await rows.first().locator('td a').first().click();
    expect(await title(page)).toContain('best+guard=none');
  });

  test('beside others that passed everywhere, with ten lines to copy', async () => {
    const page = await visit(ablated());
    expect(await page.locator('.beside-table thead th a').allInnerTexts()).toHaveLength(3);
    const text = await page.locator('#beside pre').innerText();
    expect(text.split('\n').length).toBeLessThanOrEqual(10);
    await page.getByRole('button', { name: 'Copy the text' }).click();
    await page.locator('#beside [role=status]:not(:empty)').waitFor();
  });
});

interface Finding {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** Serious and critical violations that axe finds. */
async function findings(page: Page): Promise<readonly string[]> {
  const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(source);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run: () => Promise<{ violations: Finding[] }> } };
    return (await axe.run()).violations;
  });
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary ?? ''}`).join('\n')}`,
    );
}

describe.skipIf(reason !== undefined)('for everybody', () => {
  for (const colorScheme of ['light', 'dark'] as const)
    test(`axe finds no serious violation, ${colorScheme}`, longUnless(colorScheme === 'dark'), async () => {
      const page = await visit(sixtyCells(), { colorScheme });
      expect(await findings(page)).toEqual([]);
      await page.locator('.matrix a.fail').first().click();
      await page.getByText('The plan as found, beside the minimal one').click();
      await page.locator('dialog .diff').waitFor();
      expect(await findings(page)).toEqual([]);
    });

  test('axe finds no serious violation where a strategy is taken apart', async () => {
    expect(await findings(await visit(ablated()))).toEqual([]);
  });

  test('with the help of colour for nothing: each verdict has a word and a shape of its own', long, async () => {
    const page = await visit(catalogue());
    for (const verdict of ['fail', 'pass', 'inconclusive', 'error']) {
      const cell = page.locator(`.matrix a.${verdict}`).first();
      expect((await cell.innerText()).toLowerCase()).toContain(verdict);
      expect(await cell.locator('use').getAttribute('href')).toBe(`#icon-${verdict}`);
    }
  });
});
