// Limits of the system, at random values: on the size of files, open files, memory, processes. A command then works as ever,
// or says that the machine is at fault: what the limit does is never a finding. What stays out: full disks (disks.ts).
import { chmodSync } from 'node:fs';
import { execaSync } from 'execa';
import { asStranger, needsLimits, needsStranger } from '../abilities.ts';
import type { Blow } from '../blow.ts';
import { type Command, comparing, passing, replaying, root } from '../commands.ts';
import { abortCodes, type Scene } from '../scene.ts';

function any({ chance, out }: Scene): Command {
  const make = chance.weighted([
    { weight: 5, make: () => passing(chance, out) },
    { weight: 2, make: () => replaying(chance) },
    { weight: 2, make: () => comparing(chance, out) },
  ]);
  return make.make();
}

/** Runs a command under a limit, where a command that only lists runs under it. */
async function limited(scene: Scene, limit: string, value: number, as: readonly string[] = []): Promise<string> {
  const through = [...as, 'prlimit', `--${limit}=${value}`];
  const [file, ...args] = [...through, process.execPath, `${root}cli/lockstep.js`, 'list'];
  // A Node that waits for ever for a thread is none of ours yet.
  const how = { reject: false, env: scene.env, extendEnv: false, cwd: scene.work, timeout: 30_000 } as const;
  const bare = execaSync(file, args, { ...how, killSignal: 'SIGKILL' });
  if (bare.exitCode !== 0) return `${limit} ${value}: Node itself does not run under it`;
  const command = any(scene);
  const victim = scene.start(command, { through, json: scene.chance.with(0.5) });
  // Where the memory is at an end, V8 and rolldown abort: no sentence can be said then.
  const ended = await scene.settle(victim, { codes: [4], aborts: limit === 'as', patienceMs: 90_000 });
  if (abortCodes.includes(ended.code)) await scene.sweptBy(replaying(scene.chance));
  return `${limit} ${value}, ${command.name}: ${ended.code}`;
}

/** The scene's folders for everybody. */
export function openToAll(scene: Scene): void {
  execaSync('chmod', ['-R', 'a+rwX', scene.folder]);
  chmodSync(scene.folder, 0o777);
}

export const limits: readonly Blow[] = [
  {
    name: 'limit-file-size',
    weight: 3,
    lacks: needsLimits,
    strike: (scene) => limited(scene, 'fsize', scene.chance.spread(512, 2_000_000)),
  },
  {
    name: 'limit-open-files',
    weight: 4,
    lacks: needsLimits,
    strike: (scene) => limited(scene, 'nofile', scene.chance.spread(18, 120)),
  },
  {
    name: 'limit-memory',
    weight: 2,
    lacks: needsLimits,
    strike: (scene) => limited(scene, 'as', scene.chance.spread(600_000_000, 8_000_000_000)),
  },
  {
    name: 'limit-processes',
    weight: 4,
    lacks: (abilities) => needsLimits(abilities) ?? needsStranger(abilities),
    strike(scene) {
      openToAll(scene);
      return limited(scene, 'nproc', scene.chance.spread(12, 150), asStranger);
    },
  },
];
