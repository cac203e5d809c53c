// Ctrl-C, SIGTERM and SIGHUP at a random moment of any command: the first is heard soon and keeps what there is, the second
// ends it at once. What stays out: SIGKILL (kills.ts).
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Blow } from '../blow.ts';
import { below } from '../checks.ts';
import { type Command, working } from '../commands.ts';
import { type Scene, slowness } from '../scene.ts';
import type { Victim } from '../victim.ts';

export const interrupts = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
export const interruptNames = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** From the first signal to the end: what is under way must be put away, pages written. More beside load. */
const heardMs = 6000;

/** Somewhere in the life of a command: often in its first moments, where handlers are being set up. */
export async function randomMoment({ chance }: Scene, victim: Victim): Promise<number> {
  const ms = chance.spread(30, 3500);
  if (chance.with(0.5)) await victim.child('lane', 10_000);
  await victim.after(ms);
  return ms;
}

async function interrupt(scene: Scene, command: Command, times: 1 | 2): Promise<string> {
  const { chance } = scene;
  const door = chance.with(0.15) ? 'npx' : 'node';
  const victim = scene.start(command, { door, json: chance.with(0.4) });
  const names = Array.from({ length: times }, () => chance.of(interruptNames));
  const ms = await randomMoment(scene, victim);
  const struck = performance.now();
  let heard = false;
  for (const [i, name] of names.entries()) {
    if (i > 0) await victim.after(chance.spread(1, 800));
    // At a terminal all of `npx lockstep` are told.
    heard = (door === 'npx' ? victim.strikeGroup(name) : victim.strike(name)) || heard;
  }
  const ended = await scene.settle(victim, { codes: names.map((name) => interrupts[name]) });
  const tookMs = Math.round(performance.now() - struck);
  if (heard) scene.expect(tookMs < heardMs * slowness(), `it went on for ${tookMs} ms after the signal`);
  return `${names.join(', ')} to ${door === 'npx' ? 'npx ' : ''}${command.name} after ${ms} ms${heard ? '' : ' (it had ended)'}: ${ended.code}`;
}

/** An engine is missing in the cache, so that it is compiled. */
export function missingEngine({ cache, chance }: Scene): Command {
  const engines = below(cache).filter((path) => /engine\/[0-9a-f]{64}$/.test(path));
  for (const folder of engines) rmSync(folder, { recursive: true });
  const name = chance.of(['3.50.4', '3.51.2']);
  return { name: 'engines build', args: ['engines', 'build', name], roles: ['compiler'] };
}

/** The gate is missing in the cache, so that it is compiled, which takes a second. */
export function missingGate({ cache }: Scene): void {
  rmSync(join(cache, 'gate'), { recursive: true, force: true });
}

export const signals: readonly Blow[] = [
  { name: 'signal', weight: 10, strike: (scene) => interrupt(scene, working(scene.chance, scene.out), 1) },
  { name: 'signal-twice', weight: 6, strike: (scene) => interrupt(scene, working(scene.chance, scene.out), 2) },
  {
    name: 'signal-build',
    weight: 3,
    async strike(scene) {
      const command = missingEngine(scene);
      const victim = scene.start(command);
      const name = scene.chance.of(interruptNames);
      await victim.child('compiler', 20_000);
      await victim.after(scene.chance.spread(20, 3000));
      const struck = performance.now();
      victim.strike(name);
      const ended = await scene.settle(victim, { codes: [interrupts[name]], patienceMs: 120_000 });
      const tookMs = Math.round(performance.now() - struck);
      scene.expect(tookMs < heardMs * slowness(), `it went on for ${tookMs} ms after the signal`);
      return `${name} to ${command.args.join(' ')}: ${ended.code}`;
    },
  },
];
