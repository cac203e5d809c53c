// The process of a comparison's worker: visits the cells it is told to, one after another, with a coordinator that it keeps
// as long as the engine is the same; goes when its parent goes. What stays out: which cells (campaign.ts).
import { sayError } from '../harness/errors/errors.ts';
import { Coordinator } from '../harness/run/coordinator.ts';
import { scenarioIn } from '../harness/search/load-scenarios.ts';
import { followParent, hearStop } from '../harness/search/serve-parent.ts';
import type { LaneBinaries } from '../harness/run/pool.ts';
import { visit, type Visitor, type VisitOrder } from './visit.ts';
import type { WorkerAnswer } from './worker.ts';

const isOrphan = followParent();
const isTold = hearStop();
/** Visits are made one at a time. */
let visitor: Visitor | undefined;

/** Asked in the middle of runs too. */
function mustEnd(): boolean {
  return isOrphan() || (isTold() && visitor?.finishing !== true) || performance.now() > (visitor?.until ?? Infinity);
}

let kept: { readonly machine: LaneBinaries; readonly coordinator: Coordinator } | undefined;

/** Fault-free processes of the last engine serve the next cell too. */
function coordinatorOf(machine: LaneBinaries): Coordinator {
  if (kept?.machine.binding === machine.binding) return kept.coordinator;
  forget();
  kept = { machine, coordinator: new Coordinator({ machine, stop: mustEnd }) };
  return kept.coordinator;
}

function forget(): void {
  kept?.coordinator.close();
  kept = undefined;
}

async function answerTo(order: VisitOrder): Promise<WorkerAnswer> {
  const began = performance.now();
  try {
    const scenario = await scenarioIn(order.scenarioModule, order.cell.scenario);
    visitor = { scenario, coordinator: coordinatorOf(order.machine), stop: mustEnd, until: Infinity, finishing: false };
    return { report: await visit(visitor, order), stopped: isTold() };
  } catch (error) {
    forget(); // whatever went wrong shall not reach the next cell
    return { error: sayError(error, 'CELL_FAILED'), seconds: (performance.now() - began) / 1000, stopped: isTold() };
  }
}

process.on('message', (order: VisitOrder) => {
  void answerTo(order).then((answer) => process.send?.(answer, () => {}));
});
