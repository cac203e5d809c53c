// The cron job of #30445: every 6 h a fresh process runs integrity_check; when that complains, the job kills whoever
// holds the board, runs init, and restarts all units. Ends at once where the policy `health` has no checker.
import type { World, Json } from '../../../harness/lane/world.ts';
import type { BoardSettings } from '../board/settings.ts';
import { behaviourOf } from '../../policies/catalogue.ts';
import { gatewayLooks, terminate } from '../process/terminate.ts';
import { systemctl } from '../supervisor/systemctl.ts';
import { command } from './command.ts';
import type { FreshRead } from './fresh-reader.ts';
import { supervisorDefault } from './steps.ts';

/**
 * @property units restarted at the end, in this order
 * @property supervisor process that systemctl talks to; default `supervisor`
 * @property always goes through with it whatever the check says. Default false
 */
interface HealthCheckerSettings {
  readonly board: BoardSettings;
  readonly units: readonly string[];
  readonly supervisor?: string;
  readonly always?: boolean;
}

/** Program of the process. */
export function healthChecker(world: World, args: Json): void {
  const settings = args as unknown as HealthCheckerSettings;
  const { everyMs } = behaviourOf(settings.board.policies, 'health');
  if (everyMs === undefined) return;
  for (let number = 1; ; number++) {
    world.sleep(everyMs);
    if (world.stopping()) return;
    const { file, policies } = settings.board;
    const told = { file, ...(behaviourOf(policies, 'store').onServer && { board: settings.board }) };
    const read = command(world, 'fresh-reader', `${world.process}.check-${number}`, told) as FreshRead | undefined;
    const healthy = read?.ok === true && (read.integrity ?? 'ok') === 'ok';
    world.observe('operator', { act: 'health-check', healthy });
    if (!healthy || settings.always === true) recover(world, settings, number);
  }
}

function recover(world: World, settings: HealthCheckerSettings, number: number): void {
  const { board, units, supervisor = supervisorDefault } = settings;
  for (const holder of holders(world, board.file)) terminate(world, holder, gatewayLooks);
  command(world, 'kanban', `${world.process}.init-${number}`, { board, verb: 'init' });
  for (const unit of units) systemctl(world, supervisor, 'restart', unit);
}

/** Programs that hold the board, or will the next moment. People and their commands are not killed by a cron job. */
const holding: ReadonlySet<string> = new Set(['gateway', 'verifier', 'dashboard', 'board-server']);

/** `lsof kanban.db`: every such process that was told of this board. */
function holders(world: World, file: string): readonly string[] {
  const holds = (args: Json): boolean => {
    const told = (args ?? {}) as { readonly file?: string; readonly board?: { readonly file?: string } };
    return (told.board?.file ?? told.file) === file; // a board's server is told the board alone
  };
  return world
    .processes()
    .filter(({ program, args }) => holding.has(program) && holds(args))
    .map(({ name }) => name);
}
