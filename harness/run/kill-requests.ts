// Signals that lanes send to processes of the run. What stays out: how a process ends (ends.ts).
import { processGroup } from '../host/process-state.ts';
import type { Answer, Request, Signal } from '../model/request.ts';
import type { ProcessState } from './lanes.ts';
import type { RunControl, RunState } from './run-state.ts';
import { signalComplaint } from './signal-complaint.ts';

type Of<Kind extends Request['kind']> = Extract<Request, { readonly kind: Kind }>;

/** By its name, or by the number of its main lane. */
export function processNamed(state: RunState, name: string): ProcessState | undefined {
  const number = /^pid:(\d+)$/.exec(name)?.[1];
  if (number === undefined) return state.processByName(name);
  const lane = state.lanes[Number(number)];
  return lane === lane?.process.lanes[0] ? lane?.process : undefined;
}

export function kill(state: RunState, control: RunControl, { name, signal }: Of<'kill'>): Answer {
  const leader = /^pgrp:(\d+)$/.exec(name)?.[1];
  if (leader !== undefined) return killTogether(state, control, `pid:${leader}`, signal);
  return killOne(control, processNamed(state, name), signal);
}

/** All that the kernel has in one process group with this one. */
function killTogether(state: RunState, control: RunControl, name: string, signal: Signal): Answer {
  const leader = processNamed(state, name);
  if (leader === undefined) return { value: false };
  const group = processGroup(leader.pooled.pid);
  const members = state.processes.filter(
    ({ ending, pooled }) => ending === undefined && pooled.own && processGroup(pooled.pid) === group,
  );
  for (const member of members) {
    const answer = killOne(control, member, signal);
    if ('error' in answer) return answer;
  }
  return { value: members.length > 0 };
}

function killOne(control: RunControl, process: ProcessState | undefined, signal: Signal): Answer {
  if (process === undefined || process.ending !== undefined) return { value: false };
  const refused = signalComplaint(process, signal);
  if (refused !== undefined) return { error: refused };
  if (signal === 'SIGKILL') {
    control.killProcess(process, { how: 'killed', signal });
  } else {
    control.terminate(process, signal as NodeJS.Signals);
  }
  return { value: true };
}

export function killGroup(state: RunState, control: RunControl, { group, signal }: Of<'kill-group'>): Answer {
  if (signal === 'SIGKILL') return { value: control.killGroup(group) };
  const members = state.processes.filter((process) => process.group === group && process.ending === undefined);
  for (const process of members) control.terminate(process);
  return { value: members.length };
}
