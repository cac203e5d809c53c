// `compare` and `report` as a person uses them: real commands in real processes, files on disk, an interrupt, a resume.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { dir, type DirectoryResult } from 'tmp-promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPlan } from '../harness/search/plan-file.ts';
import { type Results, resultsSchema } from '../reports/results.ts';
import { noBrowser, startChromium } from '../reports/testing/browser.test-support.ts';
import { long } from '../harness/testing/long.test-support.ts';
import { callHere, callIn, jsonIn, lockstep, replayShape } from './front-door.test-support.ts';

let folder: DirectoryResult;
beforeAll(async () => {
  folder = await dir({ unsafeCleanup: true });
}, 900_000);
afterAll(() => folder.cleanup());

const call = (args: readonly string[]) => callIn(folder.path, args);
const path = (...parts: readonly string[]) => join(folder.path, ...parts);

/** Both cells of the canary: the last engine with its bug, and one without. */
const canary = ['compare', '--scenarios', 'wal-reset', '--engines', '3.51.2,3.54.1', '--no-costs'];

/** Enough runs for a pass, of the usual 59 in the window fewer: 14 are enough for a bound of 20 %. */
const enoughRuns = 60;
const enough = ['--runs', `${enoughRuns}`, '--bound', '20%'];

async function compared(args: readonly string[]): Promise<{ code: number | undefined; document: Results }> {
  const { code, document } = await jsonIn(folder.path, args, resultsSchema);
  return { code, document };
}

function kept(out: string): Results {
  return resultsSchema.parse(JSON.parse(readFileSync(path(out, 'results.json'), 'utf8')));
}

/** What two comparisons of the same runs have in common. */
function found({ cells }: Results): unknown {
  return cells
    .map(({ seconds: _seconds, ...cell }) => cell)
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

describe('compare', () => {
  test('finds what fails and what does not, and keeps plan, evidence and page; report makes the same again', async () => {
    const { code, document } = await compared([...canary, ...enough, '--out', 'whole']);
    const [bad, good] = document.cells;
    expect({ code, bad: bad?.verdict, good: good?.verdict }).toEqual({ code: 1, bad: 'fail', good: 'pass' });
    expect(good).toMatchObject({ runs: enoughRuns, plan: null, evidence: null, failedRun: null, shipped: null });
    const { reached = 0, repeats = 0 } = good ?? {};
    expect(good?.upperBound).toBeCloseTo(1 - 0.05 ** (1 / reached), 10);
    expect(good?.upperBoundAllRuns).toBeCloseTo(1 - 0.05 ** (1 / (enoughRuns - repeats)), 10);
    expect(good?.invariants.map(({ verdict }) => verdict)).not.toContain('fail');
    // A shipped plan fails at once: memory. Whether chance finds it too is looked for all the same, and said apart.
    expect(bad?.shipped).toMatch(/wal-reset/);
    expect(bad?.runs).toBeGreaterThan(0);
    expect(bad?.invariants.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name)).toContain(
      'acknowledged-commits',
    );
    expect(bad?.explanation.length).toBeGreaterThan(2);
    expect(bad?.violations.map(({ invariant }) => invariant)).toContain('acknowledged-commits');
    expect(kept('whole')).toEqual(document);
    expect(readFileSync(path('whole', 'index.html'), 'utf8')).toContain('wal-reset');

    const plan = join('whole', bad?.plan ?? '');
    expect(readPlan(path(plan))).toMatchObject({ scenario: 'wal-reset', engine: '3.51.2' });
    const again = await jsonIn(folder.path, ['replay', plan], replayShape);
    expect(again.document).toMatchObject({ verdict: 'fail', hashes: [bad?.hash] });

    const report = await compared(['report', 'whole/results.json', '--out', 'again']);
    expect(report.code).toBe(1);
    expect(found(report.document)).toEqual(found(document));
    expect(readdirSync(path('again', 'plans'))).toEqual(readdirSync(path('whole', 'plans')));
    expect(existsSync(path('again', bad?.evidence ?? ''))).toBe(true);
  });

  test('two shards make the whole, and the page marks what changed since', long, async () => {
    const args = [...canary, ...enough];
    for (const i of [1, 2]) await compared([...args, '--shard', `${i}/2`, '--out', `shard${i}`]);
    expect(kept('shard1').cells).toHaveLength(1);
    const merged = await compared(['report', 'shard2/results.json', 'shard1/results.json', '--out', 'merged']);
    expect(found(merged.document)).toEqual(found(kept('whole')));

    const earlier = kept('whole');
    const cells = earlier.cells.map((cell) => ({ ...cell, verdict: 'pass' as const, reached: 100, runs: 200 }));
    writeFileSync(path('earlier.json'), JSON.stringify({ ...earlier, cells }));
    const marked = await compared(['report', 'whole/results.json', '--baseline', 'earlier.json', '--out', 'marked']);
    expect(marked.document.baseline?.changes).toEqual([
      { scenario: 'wal-reset', strategy: 'wal', engine: '3.51.2', before: 'pass', after: 'fail' },
    ]);
  });

  test('a comparison into the folder of another one keeps that, and says where; report does too', long, async () => {
    const one = ['compare', '--scenarios', 'wal-reset', '--engines', '3.54.1', '--no-costs', '--runs', '1'];
    const into = ['--out', 'twice', '--report-only'];
    await compared([...one, ...into]);
    const first = kept('twice');
    const second = await call([...one, '--seed', '2', ...into]);
    const where = / is kept in (twice\/earlier\/\S+)$/m.exec(second.err)?.[1] ?? '';
    expect(kept(where)).toEqual(first);
    expect(existsSync(path(where, 'index.html'))).toBe(true);
    expect(kept('twice').about.seed).toBe(2);
    const itself = await call(['report', 'twice/results.json', ...into]);
    const other = await call(['report', join(where, 'results.json'), ...into]);
    expect([itself, other].map(({ err }) => err.includes('is kept in'))).toEqual([false, true]);
    expect(kept('twice').about.seed).toBe(1);
    expect(readdirSync(path('twice', 'earlier'))).toHaveLength(2);
  });

  test('an interrupt loses no finished cell, and --resume goes on to the same end', long, async () => {
    const args = [...canary, ...enough, '--runs', '4000', '--jobs', '1', '--out', 'stopped'];
    const child = execa(process.execPath, [lockstep, ...args], { cwd: folder.path, reject: false, stdin: 'ignore' });
    while (!existsSync(path('stopped', 'results.json'))) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill('SIGINT');
    expect((await child).exitCode).toBe(130);
    const partial = kept('stopped');
    expect(partial.about.interrupted).toBe(true);
    // The cell that was in progress is told too, and begun anew.
    const told = partial.cells.map(({ verdict, cut }) => ({ verdict, cut }));
    expect(told.filter(({ cut }) => !cut)).toEqual([{ verdict: 'fail', cut: false }]);
    expect(existsSync(path('stopped', 'index.html'))).toBe(true);

    const other = await call([...canary, ...enough, '--runs', '61', '--out', 'stopped', '--resume']);
    expect(other.code).toBe(2);
    expect(other.err).toMatch(/another comparison: --runs or --time differ/);

    const fewer = await call([
      ...canary,
      ...enough,
      '--runs',
      '4000',
      '--engines',
      '3.54.1',
      '--out',
      'stopped',
      '--resume',
    ]);
    expect(fewer).toMatchObject({ code: 2 });
    expect((await call([...canary, '--runs', '4000', '--out', 'stopped', '--resume'])).err).toMatch(
      /another comparison: --bound differ/,
    );
    expect(fewer.err).toMatch(/another comparison: --engines differ/);
    expect(kept('stopped')).toEqual(partial);

    // As if so few had been asked for from the beginning: the budget is part of what a comparison is.
    const about = { ...partial.about, budget: { runs: enoughRuns, timeMs: null } };
    writeFileSync(path('stopped', 'results.json'), JSON.stringify({ ...partial, about }));
    const { document } = await compared([...canary, ...enough, '--out', 'stopped', '--resume']);
    expect(document.about.interrupted).toBe(false);
    expect(found(document)).toEqual(found(kept('whole')));
  });

  test('a time for the whole is shared out, and every cell gets some of it', long, async () => {
    const { document } = await compared([...canary, '--time', '6s', '--out', 'timed', '--jobs', '2', '--report-only']);
    expect(document.cells).toHaveLength(2);
    for (const { runs, replayed } of document.cells) expect(runs + replayed).toBeGreaterThan(0);
  });

  test('a strategy is taken apart: whole, without each part, with each other value; resumed and reported as one', {
    ...long,
    timeout: 600_000,
  }, async () => {
    const apart = ['compare', '--ablate', 'best', '--scenarios', 'wal-unlink-wedge', '--engines', '3.54.1', '--short'];
    const some = [...apart, '--runs', '1', '--no-costs', '--report-only', '--out', 'apart'];
    const { document } = await compared(some);
    const { ablation } = document;
    const names = ['best', ...(ablation?.variants ?? []).map(({ strategy }) => strategy)];
    expect(document.cells.map(({ strategy }) => strategy)).toEqual(names);
    expect(names).toContain('best+guard=none');
    expect(names).toContain('best+guard=watchdog');
    expect(document.about.strategies[0]?.changes?.map(({ axis }) => axis)).toContain('guard');
    expect(readFileSync(path('apart', 'index.html'), 'utf8')).toContain('best+guard=none');
    // As if it had been stopped before the last cell.
    const left = { ...document, about: { ...document.about, interrupted: true }, cells: document.cells.slice(0, -1) };
    writeFileSync(path('apart', 'results.json'), JSON.stringify(left));
    const resumed = await compared([...some, '--resume']);
    expect(found(resumed.document)).toEqual(found(document));
    expect(resumed.document.ablation).toEqual(ablation);
    const again = await compared(['report', 'apart/results.json', '--out', 'apart-again', '--report-only']);
    expect(again.document.ablation).toEqual(ablation);
  });

  test('CI outputs', async () => {
    const files = ['--junit', path('junit.xml'), '--markdown', path('summary.md'), '--github'];
    const { code, out } = await call(['report', 'whole/results.json', '--out', 'ci', '--report-only', ...files]);
    expect(code).toBe(0);
    expect(out).toMatch(/^::error /m);
    expect(readFileSync(path('junit.xml'), 'utf8')).toMatch(/<failure/);
    expect(readFileSync(path('summary.md'), 'utf8')).toMatch(/wal-reset/);
  });
});

const reason = await noBrowser();

test.skipIf(reason !== undefined)(
  'the page of a comparison, in a browser: its commands and its plans do what they say',
  long,
  async () => {
    const browser = await startChromium();
    try {
      const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
      const complaints: string[] = [];
      page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => void (/^https?:/.test(request.url()) && complaints.push(request.url())));
      await page.goto(`${pathToFileURL(path('whole', 'index.html')).href}#cell=wal-reset/wal/3.51.2`);
      const panel = page.locator('dialog');
      await panel.locator('.tl-in-view', { hasText: 'in view' }).waitFor();
      const readout = () => panel.locator('.tl-readout').innerText();
      const before = await readout();
      await panel
        .getByRole('button', { name: /next step/i })
        .first()
        .click();
      expect(await readout()).not.toBe(before);

      const command = await panel.locator('code', { hasText: 'npx lockstep replay' }).first().innerText();
      const [, , ...args] = command.split(' ');
      const downloading = page.waitForEvent('download');
      await panel.getByText('Download the plan').click();
      const plan = path('downloaded.json');
      await (await downloading).saveAs(plan);
      const [bad] = kept('whole').cells;
      for (const replay of [args, ['replay', plan]]) {
        // What the page says is meant for its own folder.
        const { document } = await jsonIn(path('whole'), replay, replayShape);
        expect(document).toMatchObject({ verdict: 'fail', hashes: [bad?.hash] });
      }
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  },
);

describe('wrong input is a sentence', () => {
  test.each([
    ['a shard', () => ['compare', '--shard', '3/2'], /such as 2\/8/],
    ['a shard without a cell', () => [...canary, '--shard', '3/3'], /has none/],
    ['a scenario', () => ['compare', '--scenarios', 'nonesuch'], /no scenario "nonesuch"/],
    ['a strategy', () => ['compare', '--strategies', 'hope'], /no strategy "hope"/],
    ['a strategy to take apart', () => ['compare', '--ablate', 'bets'], /no strategy "bets"[^]*best/],
    ['parts of no strategy', () => ['compare', '--parts'], /Name it with --ablate/],
    ['a value', () => ['compare', '--strategies', 'best+guard=nine'], /axis guard has no value "nine"/],
    ['what else to compare', () => ['compare', '--ablate', 'best', '--strategies', 'wal'], /Leave out --strategies/],
    [
      'a scenario without axes',
      () => ['compare', '--ablate', 'best', '--scenarios', 'wal-reset'],
      /wal-reset is not one/,
    ],
    ['an engine', () => ['compare', '--engines', '9.9.9'], /9\.9\.9/],
    ['a folder', () => [...canary, '--out', '/proc/nowhere'], /\/proc\/nowhere/],
    ['a baseline', () => [...canary, '--out', path('x'), '--baseline', path('none.json')], /none\.json cannot be read/],
    ['results that are not there', () => ['report', path('none.json')], /none\.json cannot be read/],
    ['results that are cut off', () => ['report', broken('{"format": 1, "ce')], /broken\.json/],
    ['results of another version', () => ['report', broken('{"format": 9}')], /format 9/],
  ])('%s', async (_what, args, message) => {
    const { code, out, err } = await callHere(args());
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
  });

  const broken = (text: string) => {
    writeFileSync(path('broken.json'), text);
    return path('broken.json');
  };
});
