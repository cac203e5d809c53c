// The power goes in the middle of a run: every process dies, the disk becomes what is left of it, and later the machine is on again. What
// stays out: what is left (harness/disk/, world-power.ts), and what starts then, which the scenario says.
import type { Loss } from '../model/crash.ts';
import { epochMs } from './epoch.ts';
import type { StrikeContext } from './strike-context.ts';

export function losePower(context: StrikeContext, loss: Loss, offMs: number): void {
  const { state, control, strike, note, write, later } = context;
  const { losePower: lose, copyDisk } = state.options;
  if (lose === undefined || copyDisk === undefined) throw new Error('Nobody keeps what this run does to its disk.');
  if (state.isOff) return note('the machine is off, so it has no power to lose');
  for (const process of state.processes) control.killProcess(process, { how: 'killed', signal: 'SIGKILL' });
  control.forgetKernel();
  const { says, digest, names, links, ...lost } = lose(loss);
  // Names mean other files from here on: whoever follows the trace forgets those that it knew (observe/file-table.ts).
  state.mtimes.carry(names, () => write({ kind: 'power-loss', left: digest, links }));
  strike.losesPower({ ...lost, after: copyDisk().ticket });
  note(says.join('; '));
  const nowMs = state.nowMs - epochMs;
  if (state.stopping) return;
  state.isOff = true;
  strike.pauseUntil(nowMs + offMs);
  later(offMs, () => on(context));
}

/** The machine is on again. */
function on({ state, control, write }: StrikeContext): void {
  state.boot();
  if (state.stopping) return;
  const boot = state.boots + 1;
  const processes = state.options.boot?.({ nowMs: state.nowMs - epochMs, boot }) ?? state.options.start;
  write({ kind: 'power-loss', boot });
  for (const { name, program, args } of processes) {
    control.startProcess(name, program, args);
    state.booted.push({ name: state.processByName(name)?.name ?? name, program, args });
  }
}
