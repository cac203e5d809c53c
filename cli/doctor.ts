// The checks of `doctor`: each tries the thing itself, not a version number. What stays out: repairing anything.
import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { cacheHome } from '../harness/host/cache-home.js';
import { PREBUILT_ENGINE } from '../harness/engines/catalogue.ts';
import { compilerCommand, type Language } from '../harness/engines/compiler.ts';
import type { EngineStatus } from '../harness/engines/ensure.ts';
import { listEngines } from '../harness/engines/list.ts';
import { harnessError, LockstepError } from '../harness/errors/errors.ts';
import { Coordinator } from '../harness/run/coordinator.ts';
import { checkWritable } from '../harness/search/plan-file.ts';
import { replayDiffersCode, replayRemedy, seekDifference, tellSought } from '../harness/search/replay-differs.ts';
import { planOfRun } from '../harness/search/runner.ts';
import { gatePath } from '../harness/gate/build.ts';
import { landlockVersion } from '../harness/run/landlock.ts';
import { runsFolder } from '../harness/run/workplace.ts';
import { walReset } from '../scenarios/wal-reset.ts';
import { Building } from './building.ts';
import { nodeSays, preloadSays, pythonSays, serverSays } from './doctor-commands.ts';
import type { Interrupt } from './interrupt.ts';
import { machineFor } from './machine.ts';
import type { Output } from './output.ts';

/** @property needed without it nothing of what Lockstep is for works, or less well; else some scenarios of one's own do not */
export interface Capability {
  readonly name: string;
  readonly ok: boolean;
  readonly needed: boolean;
  readonly says: string;
  readonly fix: string | null;
}

/** Tries a capability: `says` when it works, the error's own sentences when not. @throws an interruption, when one comes */
async function attempt(
  interrupt: Interrupt,
  name: string,
  tries: () => Promise<string> | string,
  needed = true,
): Promise<Capability> {
  try {
    return { name, ok: true, needed, says: await tries(), fix: null };
  } catch (error) {
    interrupt.check();
    const says = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { name, ok: false, needed, says, fix: error instanceof LockstepError ? error.remedy : null };
  }
}

async function compiler(language: Language, { signal }: Interrupt): Promise<Capability> {
  const [program, ...args] = compilerCommand(language);
  const got = await execa(program, [...args, '--version'], { reject: false, stdin: 'ignore', cancelSignal: signal });
  const ok = got.exitCode === 0;
  const compiles = language === 'c' ? 'the gate and older SQLite versions' : 'older SQLite versions';
  return {
    name: language === 'c' ? 'C compiler' : 'C++ compiler',
    ok,
    // Where all is compiled, as in the image of docs/campaigns, none is: what is not says so by itself.
    needed: listEngines().some(({ status }) => status === 'needs-build' || status === 'damaged'),
    says: ok ? (got.stdout.split('\n')[0] ?? program) : `"${program}" does not run`,
    fix: ok
      ? null
      : `It compiles ${compiles}. Debian, Ubuntu: apt-get install build-essential; or name one with CC and CXX.`,
  };
}

const engineGroups: { readonly [status in Exclude<EngineStatus, 'needs-fetch'>]: string } = {
  ready: 'ready',
  'needs-build': 'built on first use',
  damaged: 'damaged, will be built anew',
  'needs-reinstall': 'damaged in node_modules',
  foreign: "another user's, in the cache",
};

function engines(): string {
  const known = listEngines();
  const groups = Object.entries(engineGroups).flatMap(([status, says]) => {
    const names = known.filter((engine) => engine.status === status).map(({ name }) => name);
    return names.length === 0 ? [] : [`${says}: ${names.join(', ')}`];
  });
  const says = groups.join('; ');
  if (known.some(({ status }) => status === 'needs-reinstall'))
    throw harnessError('INSTALLATION_DAMAGED', says, 'Reinstall with `npm ci`.');
  if (known.some(({ status }) => status === 'foreign'))
    throw harnessError('CACHE_FOREIGN', says, 'Set LOCKSTEP_CACHE to a directory of your own.');
  return says;
}

/** Runs work without it: then a name that the gate and World let past is held by nothing. */
async function confinement(interrupt: Interrupt): Promise<Capability> {
  const version = await attempt(interrupt, 'closed world', async () => {
    const held = await landlockVersion(interrupt.signal);
    return held === 0 ? '' : `lanes write below the run's folder only: the kernel holds them to it (Landlock ${held})`;
  });
  return version.says === ''
    ? {
        ...version,
        ok: false,
        says: 'this kernel has no Landlock: only Lockstep itself keeps lanes to the folder of their run',
        fix: 'Replay plans of strangers on Linux 5.13 or later, with landlock among the security modules (/sys/kernel/security/lsm).',
      }
    : version;
}

/** The canary's first run, twice: processes, threads, gate, FIFOs, examiner and determinism in one go. */
async function trial(output: Output, interrupt: Interrupt): Promise<string> {
  const machine = await machineFor(PREBUILT_ENGINE, output, interrupt, {});
  const coordinator = new Coordinator({ machine, stop: () => interrupt.requested });
  try {
    const { parameters } = walReset;
    const options = { strategy: 'wal', engine: PREBUILT_ENGINE, parameters, seed: 1, chooser: 'replay' } as const;
    const plan = planOfRun(walReset, options, 0);
    const first = await coordinator.run(walReset, plan);
    const second = await coordinator.run(walReset, plan);
    if (first.hash !== second.hash) {
      const found = await seekDifference({ coordinator, scenario: walReset, plan });
      const lines = ['Two replays of one plan differ.', ...tellSought(found, [first.hash, second.hash])];
      throw harnessError(replayDiffersCode, lines.join(' ').replaceAll(/\s+/g, ' '), replayRemedy);
    }
    return `a run of ${first.steps} steps, twice with one hash`;
  } finally {
    coordinator.close();
  }
}

/** What there is for programs in other languages. */
async function commands(output: Output, interrupt: Interrupt): Promise<readonly Capability[]> {
  using building = new Building(output);
  const options = { progress: building.says, signal: interrupt.signal };
  return [
    await attempt(interrupt, 'programs in C, scripts', () => preloadSays(options), false),
    await attempt(interrupt, 'programs in Python', () => pythonSays(options), false),
    await attempt(interrupt, 'programs in Node', () => nodeSays(options), false),
  ];
}

/** @throws an interruption, when one comes */
export async function diagnose(output: Output, interrupt: Interrupt): Promise<readonly Capability[]> {
  const found = [
    await attempt(
      interrupt,
      'Node',
      () => `${process.versions.node}, Node-API ${process.versions['napi'] ?? 'unknown'}`,
    ),
    await compiler('c', interrupt),
    await compiler('c++', interrupt),
    await attempt(interrupt, 'cache', () => {
      checkWritable(cacheHome(), 'Set LOCKSTEP_CACHE to a folder that you can write.');
      return cacheHome();
    }),
    await attempt(interrupt, 'runs', () => {
      const folder = runsFolder();
      return folder === '/dev/shm' ? `${folder} (tmpfs)` : `${folder}, no tmpfs: runs will be slower`;
    }),
    await attempt(interrupt, 'gate', async () => {
      await gatePath({ progress: (line) => output.progress(line), signal: interrupt.signal });
      return 'compiled';
    }),
    await attempt(interrupt, 'engines', engines),
    await attempt(interrupt, 'native host', async () => {
      const { native } = await machineFor(PREBUILT_ENGINE, output, interrupt, {});
      return native === undefined
        ? 'lanes run in Node, which takes several times as long'
        : 'compiled; programs that import from Node run in Node all the same';
    }),
  ];
  found.push(await confinement(interrupt));
  const locks = existsSync('/proc/self/fdinfo');
  found.push({
    name: 'lock oracle',
    ok: locks,
    needed: true,
    says: locks ? '/proc tells which locks are held' : 'there is no /proc/PID/fdinfo: looks from outside are empty',
    fix: locks ? null : 'Runs work without it; open files and broken locks are only seen on Linux.',
  });
  found.push(await attempt(interrupt, 'PostgreSQL', serverSays, false));
  found.push(...(await commands(output, interrupt)));
  found.push(await attempt(interrupt, 'trial run', () => trial(output, interrupt)));
  return found;
}
