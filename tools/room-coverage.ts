// `npm run coverage`: which share of each room's lines the tests ran, as a table. A Vitest reporter, since coverage reports list
// files, and what is asked is which room has too few tests. Counted is what runs in the processes of the tests themselves: lane
// programs, and command lines that tests start, run in processes that are killed before they could tell.
import type { Reporter } from 'vitest/node';

/** The parts of an Istanbul coverage map that are read here. */
interface CoverageMap {
  files(): readonly string[];
  fileCoverageFor(file: string): { toSummary(): { readonly lines: Lines } };
}

interface Lines {
  readonly total: number;
  readonly covered: number;
}

/** The room of a file, by its path from the root: a folder of harness/ or of src/, or another top folder. */
export function roomOf(path: string): string {
  const [top = '', ...rest] = path.split('/');
  const [folder = ''] = rest;
  return (top === 'harness' || top === 'src') && rest.length > 1 ? `${top}/${folder}` : top;
}

/** The table, as lines: rooms by name, and the sum. */
export function roomTable(files: ReadonlyMap<string, Lines>): readonly string[] {
  const rooms = new Map<string, Lines>();
  const all = { total: 0, covered: 0 };
  for (const [path, { total, covered }] of files) {
    const room = roomOf(path);
    const before = rooms.get(room) ?? { total: 0, covered: 0 };
    rooms.set(room, { total: before.total + total, covered: before.covered + covered });
    all.total += total;
    all.covered += covered;
  }
  const rows = [...rooms].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const width = Math.max(...rows.map(([room]) => room.length), 'all'.length);
  const digits = String(all.total).length;
  return [...rows, ['all', all] as const].map(([room, { total, covered }]) => {
    const share = total === 0 ? 100 : (100 * covered) / total;
    const counted = `${String(covered).padStart(digits)} of ${String(total).padStart(digits)} lines`;
    return `${room.padEnd(width)}  ${share.toFixed(1).padStart(5)} %  ${counted}`;
  });
}

export class RoomCoverageReporter implements Reporter {
  /** @param coverage an Istanbul coverage map, paths absolute */
  onCoverage(coverage: unknown): void {
    const map = coverage as CoverageMap;
    const root = `${process.cwd()}/`;
    const files = new Map(
      map.files().map((path) => [path.replace(root, ''), map.fileCoverageFor(path).toSummary().lines] as const),
    );
    const says = 'Coverage by room (without what runs in lanes and in command lines of their own):';
    process.stdout.write(`\n${[says, ...roomTable(files)].join('\n')}\n`);
  }
}
