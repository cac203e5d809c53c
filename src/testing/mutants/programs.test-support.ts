// The programs of the simulated system in processes that know the mutants. What stays out: which scenario begins with
// them (scenarios/mutants.test-support.ts).
import { registerMutants } from './register.test-support.ts';

export { boardLane, boardServer } from '../../programs/board/server.ts';
export { kanban } from '../../programs/cli/kanban.ts';
export { dashboard } from '../../programs/dashboard/dashboard.ts';
export { budget } from '../../programs/gateway/budget.ts';
export { chat } from '../../programs/gateway/chat.ts';
export { dispatcher } from '../../programs/gateway/dispatcher.ts';
export { gateway } from '../../programs/gateway/gateway.ts';
export { notifier } from '../../programs/gateway/notifier.ts';
export { watchdog } from '../../programs/gateway/watchdog.ts';
export { holder } from '../../programs/holder/holder.ts';
export { freshReader } from '../../programs/operator/fresh-reader.ts';
export { firstTicks } from '../../programs/gateway/first-ticks.ts';
export { healthChecker } from '../../programs/operator/health-checker.ts';
export { init } from '../../programs/operator/init.ts';
export { operator } from '../../programs/operator/operator.ts';
export { supervisor } from '../../programs/supervisor/supervisor.ts';
export { unit } from '../../programs/supervisor/unit.ts';
export { verifier } from '../../programs/worker/verifier.ts';

registerMutants();
