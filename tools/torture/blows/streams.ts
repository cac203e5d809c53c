// Standard output and error into a full device, into a pipe whose reader leaves, into nothing. The work is done to its end, or
// the command says with its exit code that it was not. What stays out: disks (disks.ts).
import { existsSync } from 'node:fs';
import type { Blow } from '../blow.ts';
import { type Command, looking, replaying, working } from '../commands.ts';
import type { Scene } from '../scene.ts';

const redirections = [
  '>/dev/full',
  '2>/dev/full',
  '>/dev/full 2>&1',
  '>&-',
  '2>&-',
  '>&- 2>&-',
  '<&- >&- 2>&-',
] as const;

function any({ chance, out }: Scene): Command {
  const make = chance.weighted([
    { weight: 5, make: () => working(chance, out) },
    { weight: 2, make: () => replaying(chance) },
    { weight: 1, make: () => chance.of(looking) },
  ]);
  return make.make();
}

/** A comparison that exits with its verdict has written its page. */
function whole(scene: Scene, command: Command, code: number): void {
  if (command.out === undefined || ![0, 1, 3].includes(code)) return;
  scene.expect(existsSync(`${command.out}/index.html`), `exit code ${code}, and there is no page`);
}

async function redirected(scene: Scene): Promise<string> {
  const { chance } = scene;
  const command = any(scene);
  const redirection = chance.of(redirections);
  const json = chance.with(0.4);
  const victim = scene.start(command, { json, through: ['sh', '-c', `exec "$@" ${redirection}`, 'sh'] });
  // Node opens closed descriptors as /dev/null, so only a full device can be noticed. Progress may be missed without harm.
  const lost = !redirection.startsWith('2>');
  const ended = await scene.settle(victim, { codes: [4], unread: lost });
  whole(scene, command, ended.code);
  if (redirection.startsWith('>/dev/full')) {
    const told = ended.code === 4 || (!json && ended.code !== 0);
    scene.expect(told, `exit code ${ended.code}, though what it said could not be written`);
  }
  return `${command.name}${json ? ' --json' : ''} ${redirection}: ${ended.code}`;
}

async function readerLeaves(scene: Scene): Promise<string> {
  const { chance } = scene;
  const command = any(scene);
  const stream = chance.of(['stdout', 'stderr'] as const);
  const victim = scene.start(command, { json: chance.with(0.3) });
  await victim.until(() => victim[stream] !== '', 60_000);
  await victim.after(chance.of([0, 0, 50]));
  victim.stopReading(stream);
  const heardAll = victim.ended !== undefined;
  const ended = await scene.settle(victim, { codes: heardAll ? [] : [4, 141], unread: true });
  whole(scene, command, ended.code);
  return `the reader of ${stream} of ${command.name} leaves: ${ended.code}`;
}

export const streams: readonly Blow[] = [
  { name: 'redirected', weight: 6, strike: redirected },
  { name: 'reader-leaves', weight: 4, strike: readerLeaves },
];
