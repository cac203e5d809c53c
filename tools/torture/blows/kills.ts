// SIGKILL, SIGSTOP, SIGTERM and SIGSEGV: to the coordinator, and to those whom it has started. A command that loses one of
// them goes on to the very same result, or says so and exits with 4. What stays out: signals that ask (signals.ts).
import { existsSync } from 'node:fs';
import type { Blow } from '../blow.ts';
import { type Command, comparing, passing, replaying, working } from '../commands.ts';
import { type Role, signal } from '../processes.ts';
import type { Scene } from '../scene.ts';
import { interruptNames, interrupts, missingEngine, missingGate, randomMoment } from './signals.ts';

const deadly = ['SIGKILL', 'SIGKILL', 'SIGSTOP', 'SIGTERM', 'SIGSEGV'] as const;

/** When one of them dies, another one is asked again: nothing is lost. */
const replaceable: readonly Role[] = ['examiner', 'job', 'worker'];

/** How long a stopped process may be waited for: longer than --limit, and than any limit on answers. */
const stoppedPatienceMs = 60_000;

async function killCoordinator(scene: Scene): Promise<string> {
  const { chance } = scene;
  const command = working(chance, scene.out);
  const victim = scene.start(command);
  const ms = await randomMoment(scene, victim);
  const struck = victim.strike('SIGKILL');
  await scene.settle(victim, { codes: [137], leaves: true });
  await scene.sweptBy(replaying(chance));
  return `SIGKILL to ${command.name} after ${ms} ms${struck ? '' : ' (it had ended)'}`;
}

/** Commands with --resume, killed again and again, until one comes to its end: as if nobody had disturbed it. */
async function killAndResume(scene: Scene): Promise<string> {
  const { chance } = scene;
  const command = comparing(chance, scene.out);
  const did: string[] = [];
  const kills = chance.between(1, 3);
  for (let i = 0; i < kills; i++) {
    const again: Command = { ...command, args: [...command.args, ...(i === 0 ? [] : ['--resume'])] };
    const victim = scene.start(again);
    await victim.until(() => /^(PASS|FAIL)/m.test(victim.stderr), chance.spread(600, 12_000));
    await victim.after(chance.spread(1, 400));
    const name = chance.of(['SIGKILL', ...interruptNames] as const);
    if (!victim.strike(name)) did.push('ended');
    const codes = name === 'SIGKILL' ? [137, 0, 1, 3] : [interrupts[name], 0, 1, 3];
    const ended = await scene.settle(victim, { codes, leaves: name === 'SIGKILL' });
    did.push(`${name} ${ended.code}`);
  }
  const victim = scene.start({ ...command, args: [...command.args, '--resume'] }, { json: true });
  const ended = await scene.settle(victim, { codes: [], like: command });
  scene.expect(existsSync(`${scene.out}/index.html`), 'there is no page');
  return `compare: ${did.join(', ')}, then --resume: ${ended.code}`;
}

async function hurt(scene: Scene): Promise<string> {
  const { chance } = scene;
  const made = chance.weighted([
    { weight: 3, make: () => passing(chance, scene.out) },
    { weight: 2, make: () => comparing(chance, scene.out) },
    { weight: 2, make: () => replaying(chance) },
    { weight: 2, make: () => working(chance, scene.out) },
  ]);
  const plain = made.make();
  const limited = ['run', 'replay', 'sweep', 'crash', 'shrink', 'bisect'].includes(plain.name);
  const command = limited ? { ...plain, args: [...plain.args, '--limit', '5'] } : plain;
  const role = chance.of(command.roles);
  const name = chance.of(deadly);
  const victim = scene.start(command, { json: chance.with(0.5) });
  await victim.child(role, 10_000);
  await victim.after(chance.spread(1, 1500));
  const there = victim.processes().filter((one) => one.role === role);
  if (there.length > 0) signal(chance.of(there).pid, name);
  const codes = name !== 'SIGSTOP' && replaceable.includes(role) ? [] : [4];
  const ended = await scene.settle(victim, { codes, patienceMs: stoppedPatienceMs });
  return `${name} to ${there.length === 0 ? 'no' : 'a'} ${role} of ${command.name}: ${ended.code}`;
}

async function hurtCompiler(scene: Scene): Promise<string> {
  const { chance } = scene;
  let command = replaying(chance);
  if (chance.with(0.5)) missingGate(scene);
  else command = missingEngine(scene);
  const name = chance.of(['SIGKILL', 'SIGTERM', 'SIGSEGV'] as const);
  const victim = scene.start(command);
  await victim.child('compiler', 20_000);
  await victim.after(chance.spread(1, 600));
  const there = victim.processes().filter(({ role }) => role === 'compiler');
  if (there.length > 0) signal(chance.of(there).pid, name);
  // Compiling goes on for a minute where the blow was too late.
  const ended = await scene.settle(victim, {
    codes: [4, ...(command.name === 'engines build' ? [0] : [])],
    patienceMs: 240_000,
  });
  if (ended.code === 4) {
    scene.expect(
      /SIG|killed|signal|internal compiler error/i.test(ended.stderr),
      'it does not say that the compiler was killed',
    );
    // One that ends by SIGSEGV looks like one that is broken: then another is good advice.
    const advised = name !== 'SIGSEGV' && /another compiler/i.test(ended.stderr);
    scene.expect(!advised, 'it advises another compiler, though this one was killed');
  }
  return `${name} to ${there.length === 0 ? 'no' : 'a'} compiler of ${command.name}: ${ended.code}`;
}

export const kills: readonly Blow[] = [
  { name: 'kill-coordinator', weight: 6, strike: killCoordinator },
  { name: 'kill-and-resume', weight: 6, strike: killAndResume },
  { name: 'hurt-descendant', weight: 14, strike: hurt },
  { name: 'hurt-compiler', weight: 2, strike: hurtCompiler },
];
