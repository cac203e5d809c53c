// Bugs found over schedules, drawn with characters: one line of the picture a share of the bugs, schedules on a logarithmic scale. What
// stays out: the figures (figures.ts).
import type { ChooserFigures } from './figures.ts';

const width = 64;
const height = 16;

/** What stands for each chooser, in their order. */
const marks = 'abcdefghijklmnopqrstuvwxyz';

/** Bugs found after so many schedules. */
function foundAfter({ curve }: ChooserFigures, schedules: number): number {
  return curve.findLast(([runs]) => runs <= schedules)?.[1] ?? 0;
}

/**
 * @param bugs how many there are: the top of the picture
 * @param runsMost its right end
 * @returns lines
 */
export function plotOf(choosers: readonly ChooserFigures[], bugs: number, runsMost: number): readonly string[] {
  const rows = Array.from({ length: height + 1 }, () => Array.from({ length: width + 1 }, () => ' '));
  const most = Math.max(2, runsMost);
  for (const [i, chooser] of choosers.entries())
    for (let x = 0; x <= width; x++) {
      const share = foundAfter(chooser, most ** (x / width)) / bugs;
      const row = rows[height - Math.round(share * height)];
      const mark = marks[i % marks.length] ?? '?';
      if (row !== undefined) row[x] = row[x] === ' ' || row[x] === mark ? mark : '*';
    }
  const left = (y: number) => (y % 4 === 0 ? ((bugs * (height - y)) / height).toFixed(1) : '').padStart(6);
  const ticks = [1, 10, 100, 1000, 10_000].filter((n) => n <= most);
  const scale = Array.from({ length: width + 8 }, () => ' ');
  for (const tick of ticks) {
    const at = Math.round((Math.log(tick) / Math.log(most)) * width);
    for (const [i, digit] of Array.from(String(tick)).entries()) scale[at + i] = digit;
  }
  return [
    ...rows.map((row, y) => `${left(y)} |${row.join('').trimEnd()}`),
    `${' '.repeat(6)} +${'-'.repeat(width + 1)}`,
    `${' '.repeat(8)}${scale.join('').trimEnd()} schedules`,
    ...choosers.map(({ chooser }, i) => `${' '.repeat(8)}${marks[i % marks.length] ?? '?'} ${chooser}`),
    ...(choosers.length > 1 ? [`${' '.repeat(8)}* several of them`] : []),
  ];
}
