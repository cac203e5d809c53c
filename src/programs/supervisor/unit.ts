// The lane of one unit: starts its process in a control group of its own, waits for its end, decides by Restart= and by
// what systemctl asked, waits RestartSec=, starts the next. What stays out: signals upon systemctl (supervisor.ts), which
// reach the process while this lane waits for its end.
import type { World, Ending, Json } from '../../../harness/lane/world.ts';
import { sweep } from './kill-mode.ts';
import { endedWell, restarts, withinStartLimit } from './restart-policy.ts';
import type { UnitFile } from './settings.ts';
import type { Answer, Command } from './systemctl.ts';
import { type ActiveState, profileOf, type UnitState, writeUnitState } from '../process/unit-state.ts';

/** A command, with the lane that waits for its answer. */
export interface Job extends Command {
  readonly from: string;
}

/**
 * What the lane of a unit is told.
 *
 * @property bootMs when the supervisor started, virtual ms since the Unix epoch
 * @property boot of the machine, from 2 on: no process has the name of one of an earlier boot
 */
export interface UnitArgs {
  readonly file: UnitFile;
  readonly bootMs: number;
  readonly boot?: number;
}

/** Key of the state of a unit in the supervisor's memory, for its main lane. */
export function stateKey(name: string): string {
  return `unit:${name}`;
}

/** Program of the lane. */
export function unit(world: World, args: Json): void {
  const told = args as unknown as UnitArgs;
  const { file } = told;
  const startsMs: number[] = [];
  let job: Job | undefined;
  do {
    const mayStart = withinStartLimit(file, startsMs, world.now());
    if (mayStart) startsMs.push(world.now());
    const ending = mayStart ? live(world, told, startsMs.length, job) : undefined;
    if (world.stopping()) return;
    job = mayStart ? afterEnd(world, file, ending) : rest(world, file, 'start-limit-hit', job);
  } while (!world.stopping());
}

/** One process, from its start to its end. Result: undefined when the supervisor is to stop. */
function live(world: World, told: UnitArgs, start: number, job: Job | undefined): Ending | undefined {
  const { file } = told;
  const { name, program } = file;
  const first = told.boot === undefined ? name : `${name}.boot-${told.boot}`;
  const process = start === 1 ? first : `${first}.${start}`;
  world.spawn(program, process, environment(told), { group: name });
  world.observe('unit-started', { unit: name, process, restart: start - 1 });
  say(world, file, 'active', process);
  answer(world, file, job, 'active', process);
  const ending = world.wait(process);
  if (ending !== undefined) sweep(world, file);
  return ending;
}

/** systemd tells a service whose it is (INVOCATION_ID=); a gateway's settings have a place for it, and for the boot. */
function environment({ file: { name, args }, bootMs }: UnitArgs): Json {
  const isRecord = typeof args === 'object' && args !== null && !Array.isArray(args);
  return isRecord ? { ...(args as { readonly [key: string]: Json }), unit: name, bootMs } : args;
}

/** Result: the job that asks for the next start; undefined when Restart= does. */
function afterEnd(world: World, file: UnitFile, ending: Ending | undefined): Job | undefined {
  const asked = lastJob(world, file);
  if (asked !== undefined) return asked.verb === 'stop' ? rest(world, file, undefined, asked) : asked;
  if (ending === undefined || !restarts(file.restart, ending)) {
    return rest(world, file, ending === undefined || endedWell(ending) ? undefined : ending.how, undefined);
  }
  say(world, file, 'activating', null);
  const got = take(world, file.restartMs);
  return got?.verb === 'stop' ? rest(world, file, undefined, got) : got;
}

/** Neither runs nor will by itself. `failure` says why, unless it was stopped or had done its work. Result: who wants it. */
function rest(world: World, file: UnitFile, failure: string | undefined, job: Job | undefined): Job | undefined {
  const state = failure === undefined ? 'inactive' : 'failed';
  world.observe(`unit-${failure === undefined ? 'stopped' : 'failed'}`, {
    unit: file.name,
    ...(failure !== undefined && { reason: failure }),
  });
  say(world, file, state, null);
  for (let asked = job; ; ) {
    answer(world, file, asked, state, null);
    asked = take(world);
    if (asked?.verb !== 'stop') return asked;
  }
}

/** The newest of what was asked while the process came to its end: it replaces the others, as in systemd's job queue. */
function lastJob(world: World, file: UnitFile): Job | undefined {
  let last: Job | undefined;
  for (let job = take(world, 0); job !== undefined; job = take(world, 0)) {
    answer(world, file, last, 'deactivating', null);
    last = job;
  }
  return last;
}

function take(world: World, timeoutMs?: number): Job | undefined {
  return world.receive(timeoutMs === undefined ? {} : { timeoutMs })?.message as Job | undefined;
}

function say(world: World, { name, args }: UnitFile, state: ActiveState, mainPid: string | null): void {
  const said: UnitState = { unit: name, state, mainPid, profile: profileOf(args) };
  world.shared.set(stateKey(name), said as unknown as Json);
  writeUnitState(world, said);
}

function answer(world: World, file: UnitFile, job: Job | undefined, state: ActiveState, mainPid: string | null): void {
  const said: Answer = { unit: file.name, state, mainPid };
  if (job !== undefined) world.send(job.from, said as unknown as Json);
}
