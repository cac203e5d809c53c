// What runs in each lane of the native host: host.c calls it when a lane has said hello. The bundle's entry (bundle.ts) gives it
// the programs. What stays out: what a job is (run-job.ts).
import { giveUp } from '../give-up.ts';
import { isOutOfMemory, type LaneHost, serveJobs } from '../run-job.ts';
import { host } from './host.ts';

type Modules = { readonly [module: string]: () => { readonly [name: string]: unknown } };

/** The modules that throw while they are evaluated throw again for each lane that wants them. */
export function serveProgramsOf(modules: Modules): void {
  const load: LaneHost['load'] = (module) => {
    const evaluate = modules[module];
    if (evaluate === undefined) throw new Error('Its module is not among those that the scenario names.');
    return evaluate();
  };
  for (const evaluate of Object.values(modules)) {
    try {
      evaluate(); // ahead, in the zygote
    } catch {
      // The lane that wants it says so.
    }
  }
  const startThread: LaneHost['startThread'] = (channel) => host.startThread(channel.in, channel.out);
  host.serveBy(() => {
    const fork: LaneHost['fork'] = (channel) => host.fork(channel.in, channel.out);
    try {
      serveJobs({ gate: host.gate, binding: '', load, startThread, fork });
    } catch (error) {
      host.tellAll();
      giveUp(isOutOfMemory(error) ? 'ENOMEM: QuickJS got no memory' : error);
    }
  });
}
