// A person at a shell, or a script: does things at given times. What stays out: a connection of its own; a person has none.
import type { World, Json } from '../../../harness/lane/world.ts';
import type { BoardSettings } from '../board/settings.ts';
import type { Printed, Verb } from '../cli/kanban.ts';
import { behaviourOf } from '../../policies/catalogue.ts';
import { type GatewaySettings, shellHomeOf } from '../gateway/settings.ts';
import { systemctl } from '../supervisor/systemctl.ts';
import { command } from './command.ts';
import { restartGateway, runGateway } from './shell.ts';
import { type OperatorAct, type OperatorArgs, type OperatorStep, replaceWays, supervisorDefault } from './steps.ts';

/** Program of the person. */
export function operator(world: World, args: Json): void {
  const told = args as unknown as OperatorArgs;
  const began = world.now();
  const person = new Person(world, told);
  for (const [index, step] of told.steps.entries()) {
    world.sleep(began + step.atMs - world.now());
    if (world.stopping()) return;
    person.does(step, index + 1);
  }
}

class Person {
  readonly #world: World;
  readonly #told: OperatorArgs;
  /** Tasks by the names that the person gave them. */
  readonly #tasks = new Map<string, string>();

  constructor(world: World, told: OperatorArgs) {
    this.#world = world;
    this.#told = told;
  }

  /** @param number of the step, from 1 on: it tells apart what the steps start */
  does(step: OperatorStep, number: number): void {
    const { atMs: _, ...said } = step;
    this.#world.observe('operator', said as unknown as Json);
    this.#act(step, number);
  }

  #act(step: OperatorAct, number: number): void {
    const { file, supervisor = supervisorDefault } = this.#told;
    switch (step.act) {
      case 'look':
        return this.#world.look(step.label);
      case 'read':
        command(this.#world, 'fresh-reader', `fresh-reader-${number}`, { file, ...this.#boardOnServer() });
        return;
      case 'restart':
        return this.#restart(step.gateway, `${step.gateway}.restart-${number}`);
      case 'kill':
        this.#world.kill(step.process, step.signal);
        return;
      case 'systemctl':
        systemctl(this.#world, supervisor, step.verb, step.unit);
        return;
      case 'gateway-run':
      case 'gateway-restart':
        return this.#fromShell(step, number);
      case 'replace': {
        if (this.#hasNoFile(step.act)) {
          if (replaceWays[step.way].inits) command(this.#world, 'init', `replacement-${number}`, this.#board());
          return;
        }
        const init = replaceWays[step.way].inits ? { program: 'init', args: this.#board() } : null;
        const told = { database: file, way: step.way, pauseMs: step.pauseMs, init };
        command(this.#world, 'lockstep.replace-database', `replacement-${number}`, told);
        return;
      }
      case 'reindex':
        if (this.#hasNoFile(step.act)) return;
        command(this.#world, 'lockstep.sql', `reindex-${number}`, { database: file, statements: ['REINDEX'] });
        return;
      case 'kanban':
        return this.#kanban(step.command, `kanban-${number}`, step.as);
      default:
        step satisfies never;
    }
  }

  #restart(gateway: string, next: string): void {
    this.#world.kill(gateway, 'SIGTERM');
    this.#world.wait(gateway);
    this.#world.observe('restarted', { gateway, next });
    this.#world.spawn('gateway', next, { ...this.#settings(gateway), messages: [] } as unknown as Json);
  }

  #fromShell(step: OperatorAct & { readonly act: 'gateway-run' | 'gateway-restart' }, number: number): void {
    const settings = this.#settings(step.gateway);
    const { home = shellHomeOf(settings.profile), force = false, name = `${step.gateway}.shell-${number}` } = step;
    if (step.act === 'gateway-restart') restartGateway(this.#world, settings, { name, home, force });
    else runGateway(this.#world, settings, { name, home, force, replace: step.replace ?? true });
  }

  /** Names of tasks that the person gave stand for the tasks; a task without a name is meant by its id. */
  #kanban(typed: Verb, name: string, as: string | undefined): void {
    const known = Object.entries(typed).map(([key, value]: [string, unknown]): [string, unknown] => {
      const isTask = key === 'task' || key === 'parent' || key === 'child';
      return [key, isTask && typeof value === 'string' ? (this.#tasks.get(value) ?? value) : value];
    });
    const told = { ...Object.fromEntries(known), board: this.#board() };
    const printed = command(this.#world, 'kanban', name, told) as Printed | undefined;
    if (as !== undefined && printed?.task !== undefined) this.#tasks.set(as, printed.task);
  }

  #settings(gateway: string): GatewaySettings {
    const settings = this.#told.gateways[gateway];
    if (settings === undefined) throw new Error(`The operator knows no gateway ${gateway}.`);
    return settings;
  }

  /** What a fresh reader is told beside the name of a file, where there is none. */
  #boardOnServer(): { readonly board?: BoardSettings } {
    const board = this.#told.board ?? Object.values(this.#told.gateways)[0]?.board;
    return board !== undefined && behaviourOf(board.policies, 'store').onServer ? { board } : {};
  }

  /** On a server there is no file to take away or to mend, and who tries finds none. */
  #hasNoFile(act: string): boolean {
    if (this.#boardOnServer().board === undefined) return false;
    this.#world.observe('no-file', { act });
    return true;
  }

  #board(): BoardSettings {
    const board = this.#told.board ?? Object.values(this.#told.gateways)[0]?.board;
    if (board === undefined) throw new Error('The operator knows no board.');
    return board;
  }
}
