// oom: the OOM killer: SIGKILL of the largest process, or of its whole control group. A simulated process has the size of
// a Node process, whatever it does, so size is counted in what a leak of handles makes grow, and that by the trace alone:
// files that SQLite has open in it, plus its living lanes. Of two that are as large, the one that was started first is
// taken. What stays out: who is started again (the simulated supervisor's matter).
import type { FaultOf } from '../../model/fault.ts';
import type { FaultHost, FaultKind, LivingProcess } from './fault.ts';

function sizeOf({ handles, lanes }: LivingProcess): number {
  return handles + lanes;
}

function victimOf({ victim = 'largest', group }: FaultOf<'oom'>, host: FaultHost): LivingProcess | undefined {
  const candidates = host.living().filter((process) => group === undefined || process.group === group);
  if (victim !== 'largest') return candidates.find(({ name }) => name === victim);
  return candidates.toSorted((a, b) => sizeOf(b) - sizeOf(a))[0];
}

export const oom = {
  kind: 'oom',
  says: 'the OOM killer: SIGKILL of the largest process, of a named one, or of its whole control group',
  strike(spec, host) {
    const victim = victimOf(spec, host);
    if (victim === undefined) {
      host.note('no living process fits, so none was killed');
      return;
    }
    const unit = spec.scope === 'unit' && victim.group !== undefined;
    const dying = unit ? host.living().filter(({ group }) => group === victim.group) : [victim];
    host.note(`killed ${dying.map((process) => `${process.name} (size ${sizeOf(process)})`).join(', ')}`);
    for (const { name } of dying) host.kill(name);
  },
} satisfies FaultKind<FaultOf<'oom'>>;
