// The history of a free-running round: nobody saw its steps, so it has what its processes said, how they ended, and the
// autopsy. What stays out: invariants that need more than that; `judgedFree` lists those that do not.
import { type Autopsy, type History, historyFormat } from '../../model/history.ts';
import type { Plan } from '../../model/plan.ts';
import type { Played } from './crew.ts';

/** Invariants that look at nothing but observations, endings and the autopsy. */
export const judgedFree: readonly string[] = ['integrity', 'acknowledged-commits', 'whole-transactions', 'lanes-end'];

/** @returns a history without steps; the `step` of an observation is its place among all, in the order of their clocks */
export function freeHistory(plan: Plan, played: readonly Played[], autopsy: Autopsy): History {
  const observations = played
    .flatMap(({ process, observations: said }) => said.map((one) => ({ lane: process, ...one })))
    .toSorted((a, b) => a.nowMs - b.nowMs)
    .map((one, step) => ({ step, ...one }));
  return {
    format: historyFormat,
    plan,
    end: 'done',
    steps: 0,
    switchPoints: 0,
    virtualMs: Math.max(0, ...observations.map(({ nowMs }) => nowMs)),
    hash: '',
    observations,
    endings: played.map(({ process, ending }) => ({ lane: process, ending })),
    strikes: [],
    deaths: [],
    strayWrites: [],
    written: [],
    databases: [],
    atWork: {},
    commands: [],
    laneEnds: [],
    refusals: [],
    marks: {},
    looks: [],
    autopsy,
    preemptions: [],
  };
}
