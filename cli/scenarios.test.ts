// Scenarios of somebody's own at the front door: what is wrong with one is said at once, with exit code 2; a program that
// breaks the first promise is shown where; strategies that share a name are not costed as one.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { planText } from '../harness/search/plan-file.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { planOf, process as start, scenarioOf } from '../harness/testing/lab.test-support.ts';

const scenarios = vi.hoisted((): Scenario[] => []);
vi.mock('../scenarios/catalogue.ts', () => ({ scenarios }));
// Test files share their modules (vitest.config.ts): what an earlier one has loaded knows the real catalogue, and a later one
// must not get this one.
vi.resetModules();
const { costedIn, costTimeMs } = await import('./compare/costs.ts');
const { callHere } = await import('./front-door.test-support.ts');
const { walUnlinkWedge } = await import('../scenarios/wal-unlink-wedge.ts');
afterAll(() => {
  vi.doUnmock('../scenarios/catalogue.ts');
  vi.resetModules();
});

const module = new URL('../harness/search/nondeterministic-programs.test-support.ts', import.meta.url).href;
const own = (more: Partial<Scenario> = {}): Scenario => ({
  ...scenarioOf([start('p', 'clockInData')]),
  programs: Object.fromEntries(['setup', 'clockInData'].map((name) => [name, { module, export: name }])),
  ...more,
});

let folder: string;
let plan: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-scenarios-'));
  plan = join(folder, 'plan.json');
  writeFileSync(plan, planText(planOf()));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  scenarios.splice(0, scenarios.length, walUnlinkWedge);
});

const commands = (): readonly (readonly string[])[] => [
  ['run', 'lab', '--out', folder],
  ['replay', plan],
  ['shrink', plan],
  ['bisect', plan],
  ['sweep', 'lab'],
  ['crash', 'lab', '--out', folder],
  ['reproduce', 'lab'],
  ['bench', '--scenario', 'lab'],
  ['compare', '--out', folder],
];

describe('what is wrong with a scenario is said at once by every command that uses it', () => {
  test.each(commands().map(([name], i) => [name, i] as const))('%s', async (_name, i) => {
    scenarios.push(own({ window: 'nowhere' }));
    const { code, out, err } = await callHere([...(commands()[i] ?? []), '--json']);
    expect(code).toBe(2);
    expect(err).toMatch(
      /^lockstep: The scenario lab: window: there is no mark "nowhere"\. Known are .*\nCorrect the file/,
    );
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'SCENARIO_INVALID' } });
  });

  test.each([
    ['two scenarios of one name', () => scenarios.push(own(), own()), /there are two scenarios of this name/],
    [
      'a strategy with the name of another',
      () => scenarios.push(own({ strategies: [{ name: 'delete', says: 'removes rows' }] })),
      /its strategy "delete" \("removes rows"\) has the name of another in wal-unlink-wedge/,
    ],
  ])('%s', async (_what, add, says) => {
    add();
    for (const args of [
      ['run', 'lab', '--out', folder],
      ['compare', '--out', folder],
      ['bench', '--costs', 'delete'],
    ]) {
      const { code, err } = await callHere(args);
      expect([code, err]).toEqual([2, expect.stringMatching(says)]);
    }
  });
});

describe('costs', () => {
  const cell = (scenario: string, strategy: string) => ({ scenario, strategy, engine: '3.50.4' });

  test('are those of the kanban system’s strategies; another system’s of the same name is another', () => {
    const shared = own({ strategies: [{ name: 'delete', says: 'removes rows', sharesName: true }] });
    const both = [walUnlinkWedge, shared];
    expect(costedIn([cell('lab', 'delete')], both)).toEqual([]);
    const cells = [cell('lab', 'delete'), cell('wal-unlink-wedge', 'wal'), cell('wal-unlink-wedge', 'wal')];
    expect(costedIn(cells, both)).toEqual(['wal']);
    expect(costedIn([cell('wal-unlink-wedge', 'delete+safe-read')], both)).toEqual(['delete+safe-read']);
  });

  test('take no time from a comparison that has none', () => {
    expect(costTimeMs(0, 60_000)).toBe(0);
    expect(costTimeMs(1, 60_000)).toBeGreaterThan(0);
  });

  test('of another system’s strategy are refused by its owner’s name', async () => {
    scenarios.push(own({ strategies: [{ name: 'age-cap', says: 's' }] }));
    const { code, err } = await callHere(['bench', '--costs', 'age-cap']);
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/The strategy age-cap is one of lab, and costs are measured/),
    ]);
  });
});

describe('replays that differ', () => {
  test('end in exit code 4, with the first step that differs', async () => {
    scenarios.push(own());
    const { code, out } = await callHere(['replay', plan, '--times', '2']);
    expect(code).toBe(4);
    expect(out).toMatch(
      /two replays of one plan differ\n {2}The first step that differs is \d+ .*\n {4}one: .*p write lab\.db/,
    );
    expect(out).toMatch(/The bytes that p writes differ: the data hold the real clock/);
  });

  test('the same as a document', async () => {
    scenarios.push(own());
    const { code, out } = await callHere(['replay', plan, '--times', '2', '--json']);
    expect(code).toBe(4);
    const document = JSON.parse(out) as { readonly hashes: readonly string[] };
    expect(document).toMatchObject({ verdict: 'error', difference: { one: { op: 'write' }, other: { op: 'write' } } });
    expect(document.hashes).toHaveLength(2);
  });
});
