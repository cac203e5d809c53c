// Annotations: at most what GitHub shows, and read back by its runner as they were meant.
import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { visible, visibleLines } from '../harness/model/visible.ts';
import { annotations } from './annotations.ts';
import { compareWithBaseline } from './baseline.ts';
import { broken, documentOf, failing, passing, unsure } from './testing/cells.test-support.ts';
import { catalogue, empty, onlyFailures, sixtyCells } from './testing/results.test-support.ts';

interface Command {
  readonly kind: string;
  readonly title: string;
  readonly message: string;
}

/** Reads commands as the runner does: a line each, properties separated by commas, then what was escaped turned back. */
function read(output: string): readonly Command[] {
  expect(output.endsWith('\n')).toBe(true);
  return output
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      const [, kind = '', properties = '', message = ''] = /^::(\w+) ([^:]*)::(.*)$/s.exec(line) ?? [];
      expect(properties.split(',')).toHaveLength(1);
      const back = (text: string): string =>
        text
          .replaceAll('%2C', ',')
          .replaceAll('%3A', ':')
          .replaceAll('%0A', '\n')
          .replaceAll('%0D', '\r')
          .replaceAll('%25', '%');
      return { kind, title: back(properties.replace(/^title=/, '')), message: back(message) };
    });
}

test('an error a failing cell, a warning an inconclusive one, and a summary at the end', () => {
  const cells = [
    passing(),
    failing({ strategy: 'delete' }),
    unsure({ strategy: 'best' }),
    broken({ strategy: 'leader' }),
  ];
  expect(read(annotations(documentOf(cells), { folder: 'out' }))).toEqual([
    {
      kind: 'error',
      title: 'wal-unlink-wedge under delete on SQLite 3.50.4 failed: no-wedge',
      message:
        'The kernel dropped its locks.\nReplay it: npx lockstep replay out/plans/wal-unlink-wedge-wal-3.50.4.json',
    },
    {
      kind: 'error',
      title: 'The harness failed in wal-unlink-wedge under leader on SQLite 3.50.4: LANE_SILENT',
      message: 'gateway-1 did not come back within 10 s.',
    },
    {
      kind: 'warning',
      title: 'wal-unlink-wedge under best on SQLite 3.50.4 is inconclusive',
      message:
        'Nothing failed in 100 runs, but the dangerous window was never reached, so nothing is shown: 0 of 59 runs in the window, 59 missing.',
    },
    {
      kind: 'notice',
      title: 'Lockstep comparison',
      message:
        '1 of 4 cells failed; the harness failed in 1; 1 inconclusive.\n' +
        'wal did not fail in the one scenario on one SQLite version: in each cell 80 random runs or more in the window, failure rate ≤ 3.7 % (95 %).',
    },
  ]);
});

test.each(Object.entries({ empty, sixtyCells, catalogue, onlyFailures }))(
  'never more than GitHub shows: %s',
  (_, make) => {
    const results = make();
    const commands = read(annotations(results));
    const of = (kind: string): number => commands.filter((command) => command.kind === kind).length;
    const cells = (...verdicts: readonly string[]): number =>
      results.cells.filter(({ verdict }) => verdicts.includes(verdict)).length;
    expect(of('error')).toBe(Math.min(10, cells('fail', 'error')));
    expect(of('warning')).toBe(Math.min(10, cells('inconclusive')));
    expect(commands.at(-1)?.kind).toBe('notice');
    expect(of('notice')).toBe(1);
    const dropped = cells('fail', 'error') + cells('inconclusive') - of('error') - of('warning');
    expect(/(\d+) cells? of these/.exec(commands.at(-1)?.message ?? '')?.[1]).toBe(
      dropped === 0 ? undefined : String(dropped),
    );
  },
);

test('what fails since the baseline comes first', () => {
  const strategies = Array.from({ length: 12 }, (_, i) => `s${i}`);
  const now = documentOf(strategies.map((strategy) => failing({ strategy })));
  const before = documentOf(
    strategies.map((strategy) => (strategy === 's11' ? passing({ strategy }) : failing({ strategy }))),
  );
  expect(read(annotations(compareWithBaseline(now, before)))[0]?.title).toContain('under s11 ');
});

const tricky = fc.string({
  unit: fc.oneof(fc.constantFrom('%', '\r', '\n', ':', ',', '::error::', '%0A', '%25', ' ', '\u001b[2J'), fc.string()),
});

property.prop([tricky, tricky])(
  'any text comes back as people see it, and cannot give a command of its own',
  (code, message) => {
    const results = documentOf([broken({ strategy: 'leader', error: { code, message } })]);
    const commands = read(annotations(results));
    expect(commands.map(({ kind }) => kind)).toEqual(['error', 'notice']);
    expect(commands[0]?.title).toBe(
      `The harness failed in wal-unlink-wedge under leader on SQLite 3.50.4: ${visible(code)}`,
    );
    expect(commands[0]?.message).toBe(visibleLines(message));
  },
);
