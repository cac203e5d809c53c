// Folders that are full, that cannot be written, that are not there or are no folders, for everything that Lockstep writes.
// What stays out: broken files in them (caches.ts).
import { chmodSync, cpSync, mkdirSync, readdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asStranger, needsMounts, needsStranger } from '../abilities.ts';
import type { Blow } from '../blow.ts';
import { leftIn, standing } from '../checks.ts';
import { type Command, comparing, looking, passing, replaying, working } from '../commands.ts';
import type { Scene } from '../scene.ts';
import { openToAll } from './limits.ts';
import { missingGate } from './signals.ts';

/** What a folder is for. */
const uses = ['LOCKSTEP_RUNS', 'TMPDIR', 'LOCKSTEP_CACHE', '--out'] as const;
type Use = (typeof uses)[number];

function commandFor({ chance, out }: Scene, use: Use): Command {
  if (use === '--out') return chance.with(0.7) ? comparing(chance, out) : working(chance, out);
  const make = chance.weighted([
    { weight: 1, make: () => chance.of(looking) },
    { weight: 3, make: () => passing(chance, out) },
    { weight: 2, make: () => replaying(chance) },
    { weight: 2, make: () => comparing(chance, out) },
  ]);
  return make.make();
}

/** The command with this folder for this use. */
function placed(
  scene: Scene,
  use: Use,
  folder: string,
): { readonly command: Command; readonly env: Readonly<Record<string, string>> } {
  const plain = commandFor(scene, use);
  if (use !== '--out') return { command: plain, env: { [use]: folder } };
  const args = plain.args.map((arg) => arg.replace(scene.out, folder));
  return { command: { ...plain, args, ...(plain.out === undefined ? {} : { out: folder }) }, env: {} };
}

async function full(scene: Scene): Promise<string> {
  const { chance, cache } = scene;
  const use = chance.of(uses);
  const kilobytes = chance.spread(8, 6000);
  const folder = join(scene.work, 'small');
  if (use === 'LOCKSTEP_CACHE') {
    missingGate(scene);
    scene.mount(folder, 'size=1g');
    cpSync(cache, folder, { recursive: true });
    // Room for what is there, and a little more.
    const { blocks, bfree, bsize } = statfsSync(folder);
    scene.resize(folder, ((blocks - bfree) * bsize) / 1024 + kilobytes);
  } else {
    scene.mount(folder, `size=${kilobytes}k`);
  }
  const { command, env } = placed(scene, use, folder);
  const victim = scene.start(command, { env, json: chance.with(0.4) });
  const ended = await scene.settle(victim, { codes: [4], patienceMs: 90_000 });
  if (use === 'LOCKSTEP_RUNS' || use === 'TMPDIR') {
    scene.wrong.push(...leftIn(folder, use, (name) => standing.test(name)));
  }
  return `${use} of ${kilobytes} kB, ${command.name}: ${ended.code}`;
}

const impossible = [
  '/proc',
  '/proc/self',
  '/dev/null',
  '/sys',
  '/nonexistent/folder',
  'a file',
  'empty',
  'relative',
] as const;

async function impossibleFolder(scene: Scene): Promise<string> {
  const { chance } = scene;
  const use = chance.of(uses);
  const kind = chance.of(impossible);
  const paths: Readonly<Record<string, string>> = {
    missing: join(scene.work, 'missing', 'folder'),
    'a file': join(scene.work, 'file'),
    empty: '',
    relative: 'here/below',
  };
  writeFileSync(join(scene.work, 'file'), 'mine');
  const folder = paths[kind] ?? kind;
  const { command, env } = placed(scene, use, use === '--out' && folder === '' ? '/proc/1' : folder);
  const { out: _none, ...outless } = command;
  const victim = scene.start(outless, { env, json: chance.with(0.4) });
  const ended = await scene.settle(victim, { codes: [2, 4], patienceMs: 40_000 });
  if (outless.roles.length === 0)
    scene.expect(ended.code === 0, `${outless.name} needs none of it, and exits with ${ended.code}`);
  return `${use}=${kind}, ${command.name}: ${ended.code}`;
}

/** A folder in which this user may not write. */
async function unwritable(scene: Scene): Promise<string> {
  const { chance } = scene;
  const use = chance.of(uses);
  const folder = use === 'LOCKSTEP_CACHE' ? scene.cache : join(scene.work, 'locked');
  mkdirSync(folder, { recursive: true });
  openToAll(scene);
  if (use === 'LOCKSTEP_CACHE' && chance.with(0.5)) missingGate(scene);
  chmodSync(folder, 0o555);
  if (use === 'LOCKSTEP_CACHE') for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o555);
  const { command, env } = placed(scene, use, folder);
  const { out: _none, ...outless } = command;
  const victim = scene.start(outless, { env, through: asStranger, json: chance.with(0.4) });
  const ended = await scene.settle(victim, { codes: [2, 4] });
  return `${use} unwritable, ${command.name}: ${ended.code}`;
}

export const disks: readonly Blow[] = [
  { name: 'full-disk', weight: 6, lacks: needsMounts, strike: full },
  { name: 'impossible-folder', weight: 6, strike: impossibleFolder },
  { name: 'unwritable-folder', weight: 3, lacks: needsStranger, strike: unwritable },
];
