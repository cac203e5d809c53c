// Our own product under the file systems that we try others on: whenever the power goes, a comparison loses no cell that it has told of.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { crashPoints } from '../harness/disk/crash-points.ts';
import { statesAt } from '../harness/disk/crash-states.ts';
import { DurableDisk } from '../harness/disk/durable-disk.ts';
import { type Image, Images } from '../harness/disk/image.ts';
import { type DiskFile, type DiskLog, type DiskOperation, folderOf } from '../harness/model/disk.ts';
import { modelNames } from '../harness/model/file-systems.ts';
import { long } from '../harness/testing/long.test-support.ts';
import { readResults } from '../reports/read-results.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const root = fileURLToPath(new URL('..', import.meta.url));
const recorder = new URL('./record-files.test-support.ts', import.meta.url).href;
const out = 'out';

interface Line {
  readonly op: 'write' | 'truncate' | 'sync' | 'sync-folder' | 'link' | 'unlink' | 'rename' | 'mkdir' | 'said';
  readonly name?: string;
  readonly to?: string;
  readonly of?: string;
  readonly offset?: number;
  readonly size?: number;
  readonly bytes?: string;
  readonly text?: string;
}

/** @property told cells that the comparison has told of, each with the operations that were done by then */
interface Recorded {
  readonly log: DiskLog;
  readonly told: readonly { readonly cell: string; readonly after: number }[];
}

/** What a Node does to files below the folder `out`, and what it says. */
async function linesOf(folder: string, command: readonly string[]): Promise<readonly Line[]> {
  const log = join(folder, 'log');
  const env = {
    NODE_OPTIONS: `--import ${recorder}`,
    LOCKSTEP_RECORD_FOLDER: join(folder, out),
    LOCKSTEP_RECORD_LOG: log,
  };
  await promisify(execFile)(process.execPath, command, { env: { ...process.env, ...env } });
  const text = readFileSync(log, 'utf8').trimEnd();
  return text.split('\n').map((line) => JSON.parse(line) as Line);
}

/** A folder is a name as well: nothing in it is there without it. */
const asName = (folder: string) => `${folder}/.`;

function recordedIn(lines: readonly Line[]): Recorded {
  const files: DiskFile[] = [];
  const sizes: number[] = [];
  const operations: DiskOperation[] = [];
  const told: { cell: string; after: number }[] = [];
  const now = new Map<string, number>();
  const add = (name: string): number => {
    sizes.push(0);
    return files.push({ name, begins: Buffer.alloc(0) }) - 1;
  };
  const fileOf = (name: string): number => {
    const found = now.get(name);
    if (found === undefined) throw new Error(`Nobody made ${name}.`);
    return found;
  };
  for (const [step, line] of lines.entries()) {
    const done = { step, lane: 'compare' };
    const { op, name = '', to = '' } = line;
    if (op === 'said') {
      const [, cell] = /^(?:PASS|FAIL|INCONCLUSIVE|inconclusive)\s+(\S+\/\S+\/\S+?):?\s/.exec(line.text ?? '') ?? [];
      if (cell !== undefined) told.push({ cell, after: operations.length });
    } else if (op === 'link' || op === 'mkdir') {
      const made = op === 'mkdir' ? asName(name) : name;
      const file = line.of === undefined ? add(made) : fileOf(line.of);
      now.set(made, file);
      operations.push({ ...done, kind: 'link', name: made, file });
    } else if (op === 'rename') {
      now.set(to, fileOf(name));
      now.delete(name);
      operations.push({ ...done, kind: 'rename', name, to, file: fileOf(to) });
    } else if (op === 'unlink') {
      now.delete(name);
      operations.push({ ...done, kind: 'unlink', name });
    } else if (op === 'sync-folder') operations.push({ ...done, kind: 'sync-folder', folder: name });
    else if (op === 'sync') operations.push({ ...done, kind: 'sync', file: fileOf(name) });
    else if (op === 'truncate')
      operations.push({ ...done, kind: 'truncate', file: fileOf(name), size: line.size ?? 0 });
    else {
      const [file, offset, bytes] = [fileOf(name), line.offset ?? 0, Buffer.from(line.bytes ?? '', 'base64')];
      const longer = offset + bytes.length > (sizes[file] ?? 0);
      sizes[file] = Math.max(sizes[file] ?? 0, offset + bytes.length);
      operations.push({ ...done, kind: 'write', file, offset, bytes, extends: longer });
    }
  }
  return { log: { files, names: new Map(), operations }, told };
}

/** The text of a file that is there, with all folders above it. */
function textIn({ files }: Image, name: string): string | undefined {
  for (let folder = folderOf(name); folder !== ''; folder = folderOf(folder))
    if (!files.has(asName(folder))) return undefined;
  return files.get(name)?.bytes.toString();
}

/** What is wrong with what is left; undefined when all that was told is there. */
function complaintAbout(image: Image, cells: readonly string[]): string | undefined {
  const text = textIn(image, `${out}/results.json`);
  if (text === undefined) return cells.length === 0 ? undefined : 'there is no results.json';
  try {
    const results = readResults(text, 'results.json');
    for (const cell of cells) {
      const found = results.cells.find(
        ({ scenario, strategy, engine }) => `${scenario}/${strategy}/${engine}` === cell,
      );
      if (found === undefined) return `${cell} is gone`;
      if (found.plan !== null) JSON.parse(textIn(image, `${out}/${found.plan}`) ?? '');
    }
  } catch (error) {
    return String(error);
  }
  return undefined;
}

/** @returns how many different disks were looked at, and what is wrong with those that lose a cell */
function lost({ log, told }: Recorded, model: (typeof modelNames)[number]) {
  const disk = new DurableDisk(log, { model });
  const images = new Images(disk);
  const seen = new Map<string, string | undefined>();
  for (const { before } of crashPoints(log)) {
    disk.goTo(before);
    images.forget();
    const cells = told.filter(({ after }) => after <= before).map(({ cell }) => cell);
    const states = statesAt(disk, before);
    for (let i = 0; i < states.count; i++) {
      const state = states.at(i);
      const image = images.of(state);
      const key = `${image.digest} ${cells.length}`;
      if (!seen.has(key)) seen.set(key, complaintAbout(image, cells));
    }
  }
  return { disks: seen.size, complaints: [...seen.values()].filter((one) => one !== undefined) };
}

describe('a comparison whose power goes', long, () => {
  let folder: string;
  let lines: readonly Line[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lockstep-compare-'));
    const options = [
      '--scenarios',
      'wal-reset',
      '--engines',
      '3.51.2,3.54.1',
      '--runs',
      '60',
      '--jobs',
      '1',
      '--no-costs',
    ];
    const command = [join(root, 'cli/lockstep.js'), 'compare', ...options, '--report-only', '--out', join(folder, out)];
    lines = await linesOf(folder, command);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(modelNames.filter((model) => model !== 'lying-sync'))('%s: loses no cell that it told of', (model) => {
    const recorded = recordedIn(lines);
    expect(recorded.told.map(({ cell }) => cell).toSorted()).toEqual(['wal-reset/wal/3.51.2', 'wal-reset/wal/3.54.1']);
    const { disks, complaints } = lost(recorded, model);
    expect(disks).toBeGreaterThan(20);
    expect(complaints).toEqual([]);
  });

  test.each(['sync', 'sync-folder'] as const)('would, without its %s', (op) => {
    const { complaints } = lost(recordedIn(lines.filter((line) => line.op !== op)), 'powersafe');
    expect(complaints.length).toBeGreaterThan(0);
  });
});

test('a file is synced before it has its name, and the name before anybody is told; so is a folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-whole-'));
  try {
    const module = new URL('../harness/host/write-whole.ts', import.meta.url).href;
    const path = JSON.stringify(join(folder, out, 'plans/a.json'));
    const body = `import(${JSON.stringify(module)}).then(({ writeWhole, writeNew }) => {
      writeWhole(${path}, 'one'); console.log('told'); writeNew(${path}, 'two'); console.log('told'); })`;
    const lines = await linesOf(folder, ['-e', body]);
    // What is above `out` is not followed, so that its sync is not seen.
    const folders = ['mkdir', 'mkdir', 'sync-folder'];
    const whole = ['link', 'write', 'sync', 'rename', 'sync-folder', 'said'];
    const beside = ['link', 'write', 'sync', 'link', 'sync-folder', 'unlink', 'said'];
    expect(lines.map(({ op }) => op)).toEqual([...folders, ...whole, ...beside]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
