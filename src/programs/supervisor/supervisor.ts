// A service manager like systemd, in virtual time: a lane a unit (unit.ts), and a main lane that takes what systemctl
// sends. Its signals go to the unit's own processes; a process outside every control group, an orphan, is none of its
// business. What stays out: units' settings (settings.ts) and the rules they stand for (restart-policy.ts, kill-mode.ts).
import type { World, Json } from '../../../harness/lane/world.ts';
import { signalKill, signalStop } from './kill-mode.ts';
import { type SupervisorSettings, type UnitFile, unitFile } from './settings.ts';
import type { Answer, Command } from './systemctl.ts';
import { type Job, stateKey, type UnitArgs } from './unit.ts';
import { type UnitState, writeUnitState } from '../process/unit-state.ts';

/** A process that has been asked to end and will be made to. */
interface Deadline {
  readonly file: UnitFile;
  readonly mainPid: string;
  readonly atMs: number;
}

/** Program of the main lane. */
export function supervisor(world: World, args: Json): void {
  const { units, boot } = args as unknown as SupervisorSettings;
  const files = new Map(units.map((settings) => [settings.name, unitFile(settings)]));
  for (const file of files.values()) {
    const told: UnitArgs = { file, bootMs: world.now(), ...(boot === undefined ? {} : { boot }) };
    world.thread('unit', file.name, told as unknown as Json);
  }
  let deadlines: readonly Deadline[] = [];
  while (!world.stopping()) {
    const next = Math.min(...deadlines.map(({ atMs }) => atMs));
    const got = world.receive(next === Infinity ? {} : { timeoutMs: Math.max(0, next - world.now()) });
    if (world.stopping()) return;
    if (got !== undefined) {
      const { verb, unit } = got.message as unknown as Command;
      const file = files.get(unit);
      if (file === undefined) world.send(got.from, { unit });
      else deadlines = [...deadlines, ...obey(world, file, { verb, unit, from: got.from })];
    }
    for (const { file, mainPid, atMs } of deadlines) {
      if (atMs <= world.now() && world.poll(mainPid) === undefined) signalKill(world, file, mainPid);
    }
    deadlines = deadlines.filter(({ atMs }) => atMs > world.now());
  }
}

/** Passes a job on to the lane of its unit, and asks the running process to end where the job wants that. */
function obey(world: World, file: UnitFile, job: Job): readonly Deadline[] {
  const state = world.shared.get(stateKey(file.name)) as UnitState | undefined;
  const mainPid = state?.mainPid ?? null;
  const runs = mainPid !== null && world.poll(mainPid) === undefined;
  if (job.verb === 'status' || (job.verb === 'start' && runs)) {
    const said: Answer = { unit: file.name, state: state?.state ?? 'inactive', mainPid };
    world.send(job.from, said as unknown as Json);
    return [];
  }
  world.send(`${world.process}/${file.name}`, job as unknown as Json);
  if (!runs) return [];
  writeUnitState(world, { ...state, unit: file.name, state: 'deactivating', mainPid, profile: state?.profile ?? null });
  signalStop(world, file, mainPid);
  return [{ file, mainPid, atMs: world.now() + file.timeoutStopMs }];
}
