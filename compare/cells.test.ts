// Which cells a comparison has, and that shards share them out.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scenarios } from '../scenarios/catalogue.ts';
import { installedEngines, keyOf, selectCells } from './cells.ts';

describe('the cells of a comparison', () => {
  it('are every scenario under each of its strategies on each engine that is here, when nothing is named', () => {
    const { cells, engines } = selectCells({});
    const usual = scenarios.filter(({ family }) => family === undefined);
    const own = usual.flatMap(({ strategies }) => strategies.filter(({ sameAs }) => sameAs === undefined));
    expect(cells).toHaveLength(own.length * engines.length);
    expect(engines).toEqual(expect.arrayContaining(['3.50.4', '3.51.2', '3.54.1']));
    expect(new Set(cells.map((cell) => keyOf(cell))).size).toBe(cells.length);
  });

  it('are those of a whole family when that is named', () => {
    const members = scenarios.filter(({ family }) => family === 'howtocorrupt').map(({ name }) => name);
    const { cells, scenarios: selected } = selectCells({ scenarios: 'howtocorrupt', engines: '3.54.1' });
    expect(selected.map(({ name }) => name)).toEqual(members);
    expect(new Set(cells.map(({ scenario }) => scenario))).toEqual(new Set(members));
  });

  it('are those that are named, each once, and combinations', () => {
    const selection = { scenarios: 'wal-unlink-wedge', strategies: 'wal,delete+safe-read, wal', engines: '3.50.4' };
    expect(selectCells(selection).cells).toEqual([
      { scenario: 'wal-unlink-wedge', strategy: 'wal', engine: '3.50.4' },
      { scenario: 'wal-unlink-wedge', strategy: 'delete+safe-read', engine: '3.50.4' },
    ]);
  });

  it('have no row for the second name of a strategy, unless it is named', () => {
    const of = (strategies?: string) =>
      selectCells({
        scenarios: 'wal-unlink-wedge',
        engines: '3.50.4',
        ...(strategies === undefined ? {} : { strategies }),
      });
    const all = of().cells.map(({ strategy }) => strategy);
    expect(all).toContain('durable');
    expect(all).not.toContain('best');
    expect(of('best').cells.map(({ strategy }) => strategy)).toEqual(['best']);
  });

  it('leave a strategy out where a scenario does not have it', () => {
    const { cells } = selectCells({ scenarios: 'wal-reset,wal-unlink-wedge', strategies: 'best', engines: '3.54.1' });
    expect(cells.map(({ scenario }) => scenario)).toEqual(['wal-unlink-wedge']);
  });

  it.each([
    [{ scenarios: 'nonesuch' }, 'UNKNOWN_SCENARIO'],
    [{ strategies: 'hope' }, 'UNKNOWN_STRATEGY'],
    [{ scenarios: 'wal-reset', strategies: 'wal', engines: '3.54.1', shard: { index: 2, of: 2 } }, 'NO_CELLS'],
    [{ scenarios: ' , ' }, 'NO_CELLS'],
  ])('refuse %j', (selection, code) => {
    expect(() => selectCells(selection)).toThrow(expect.objectContaining({ code, kind: 'usage' }));
  });

  it('are shared out by shards: each cell in one of them, the loads alike', () => {
    const all = selectCells({}).cells.map((cell) => keyOf(cell));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), (of) => {
        const parts = Array.from({ length: of }, (_, i) => selectCells({ shard: { index: i + 1, of } }).cells);
        expect(parts.flatMap((part) => part.map((cell) => keyOf(cell))).toSorted()).toEqual(all.toSorted());
        const sizes = parts.map((part) => part.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 20 },
    );
  });
});

it('no engine has to be fetched for the default', () => {
  expect(installedEngines().length).toBeGreaterThanOrEqual(3);
});
