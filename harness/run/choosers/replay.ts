// replay: the default schedule (a lane runs until it sleeps, waits or ends), but for the preemptions of a plan.
import type { Preemption } from '../../model/plan.ts';
import type { Choice, Chooser, Decision } from '../chooser.ts';

export function replayChooser(preemptions: readonly Preemption[]): Chooser {
  let next = 0;
  return {
    choose({ steps, ready, fallback }: Decision): Choice {
      let lane = fallback;
      const due = preemptions[next];
      if (due !== undefined && due.at <= steps) {
        next++;
        if (ready.includes(due.to)) lane = due.to;
      }
      const following = preemptions[next];
      return following === undefined ? { lane } : { lane, untilStep: following.at };
    },
  };
}
