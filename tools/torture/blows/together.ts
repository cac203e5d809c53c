// Several at once, and neighbours: comparisons side by side, two into one folder, and what belongs to somebody else in the
// folder of runs. What stays out: load (every blow may have some).
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Blow } from '../blow.ts';
import { below } from '../checks.ts';
import { comparing, passing, replaying } from '../commands.ts';
import type { Scene } from '../scene.ts';

async function sideBySide(scene: Scene): Promise<string> {
  const { chance } = scene;
  const count = chance.of([2, 2, 6]);
  const like = comparing(chance, scene.out, 1);
  await scene.reference(like);
  const victims = Array.from({ length: count }, (_, i) => {
    const out = `${scene.out}-${i}`;
    const command = { ...like, args: like.args.map((arg) => (arg === scene.out ? out : arg)), out };
    return scene.start(command, { json: true });
  });
  await Promise.all(victims.map(({ end }) => end));
  const codes: number[] = [];
  for (const victim of victims) codes.push((await scene.settle(victim, { codes: [], like })).code);
  return `${count} comparisons side by side: ${codes.join(', ')}`;
}

async function sameOut(scene: Scene): Promise<string> {
  const { chance } = scene;
  const count = chance.of([2, 2, 3]);
  const command = comparing(chance, scene.out);
  await scene.reference(command);
  const victims = Array.from({ length: count }, () => scene.start(command, { json: true }));
  await Promise.all(victims.map(({ end }) => end));
  const codes: number[] = [];
  for (const victim of victims) codes.push((await scene.settle(victim, { codes: [2, 4] })).code);
  const done = codes.filter((code) => code === 0 || code === 1 || code === 3).length;
  scene.expect(done === 1, `${done} of ${count} comparisons into one folder were let in`);
  return `${count} comparisons into one folder: ${codes.join(', ')}`;
}

/** What somebody else may have in the folder of runs, and makes a sweep stumble. */
const neighbours: readonly (readonly [string, (folder: string, scene: Scene) => void])[] = [
  ['data', (folder) => own(folder)],
  ['data with a file named lock', (folder) => writeFileSync(join(own(folder), 'lock'), '')],
  ['data with a folder named lock', (folder) => mkdirSync(join(own(folder), 'lock'))],
  ['data with a pipe named lock', (folder) => execFileSync('mkfifo', [join(own(folder), 'lock')])],
  ['data with lock as a link', (folder, { work }) => symlinkSync(join(work, 'canary'), join(own(folder), 'lock'))],
  [
    'a link to data',
    (folder, { work }) => {
      writeFileSync(join(own(join(work, 'elsewhere')), 'lock'), '');
      symlinkSync(join(work, 'elsewhere'), folder);
    },
  ],
  ['a file', (folder) => writeFileSync(folder, 'mine')],
];

function own(folder: string): string {
  mkdirSync(join(folder, 'deep'), { recursive: true });
  writeFileSync(join(folder, 'precious'), 'mine');
  writeFileSync(join(folder, 'deep', 'file'), 'mine too');
  return folder;
}

async function foreign(scene: Scene): Promise<string> {
  const { chance, runs, work } = scene;
  writeFileSync(join(work, 'canary'), 'untouched');
  const name = chance.of(['lockstep-mydata', 'lockstep-AbCdEf', 'lockstep-']);
  const [what, put] = chance.of(neighbours);
  put(join(runs, name), scene);
  scene.foreign.push(name);
  const before = [...below(runs), ...below(join(work, 'elsewhere'))].toSorted();
  const command = chance.with(0.5) ? passing(chance, scene.out) : replaying(chance);
  const ended = await scene.settle(scene.start(command, { json: chance.with(0.5) }), { codes: [] });
  const after = [...below(runs), ...below(join(work, 'elsewhere'))].toSorted();
  const gone = before.filter((path) => !after.includes(path));
  scene.expect(gone.length === 0, `somebody's files are gone: ${gone.slice(0, 3).join(', ')}`);
  scene.expect(
    existsSync(join(work, 'canary')) && readFileSync(join(work, 'canary'), 'utf8') === 'untouched',
    'the file behind the link was written',
  );
  return `beside ${name} (${what}), ${command.name}: ${ended.code}`;
}

export const together: readonly Blow[] = [
  { name: 'side-by-side', weight: 2, strike: sideBySide },
  { name: 'same-out', weight: 4, strike: sameOut },
  { name: 'foreign-folder', weight: 5, strike: foreign },
];
