// What a person at a shell may do, and what they know. What stays out: doing it (operator.ts, shell.ts).
import type { BoardSettings } from '../board/settings.ts';
import type { Verb as CliVerb } from '../cli/kanban.ts';
import type { GatewaySettings } from '../gateway/settings.ts';
import type { Verb as SystemctlVerb } from '../supervisor/systemctl.ts';

/**
 * How a database is replaced by hand; the machine's program `lockstep.replace-database` knows how. rm, rm-all: the file, or
 * with its sidecars · mv-aside, mv-all: the same by rename · cp-over: a copy is written into the living inode · restore: a
 * copy is moved in its place · rebuild: a rebuilt database is, beside a stale -wal.
 *
 * @property inits the person runs `kanban init` then, since no board is left
 */
export const replaceWays = {
  rm: { inits: true },
  'rm-all': { inits: true },
  'mv-aside': { inits: true },
  'mv-all': { inits: true },
  'cp-over': { inits: false },
  restore: { inits: false },
  rebuild: { inits: false },
} as const;

export type ReplaceWay = keyof typeof replaceWays;

/**
 * What a person starts from a shell, which exits: a process that outlives it, outside every unit.
 *
 * @property gateway whose settings it gets
 * @property home the shell's $HERMES_HOME; default: one of its own for each profile (gateway/settings.ts)
 * @property name of the new process; default `<gateway>.shell-<number of the step>`
 */
interface FromShell {
  readonly gateway: string;
  readonly home?: string;
  readonly name?: string;
  readonly force?: boolean;
}

/**
 * look: what lsof and /proc/locks say, under a label · read: a fresh process on the database · restart: of a bare gateway,
 * SIGTERM, wait, start again · kill · systemctl · gateway-run: `gateway run`, with --replace unless told otherwise ·
 * gateway-restart: `gateway restart --profile X`, which finds no service manager and starts a process of its own · replace ·
 * reindex: `sqlite3 kanban.db REINDEX` · kanban: a command line of `hermes kanban`; what `create` prints is kept under `as`,
 * and stands for that task in later commands
 */
export type OperatorAct =
  | { readonly act: 'look'; readonly label: string }
  | { readonly act: 'read' }
  | { readonly act: 'restart'; readonly gateway: string }
  | { readonly act: 'kill'; readonly process: string; readonly signal?: 'SIGKILL' | 'SIGTERM' }
  | { readonly act: 'systemctl'; readonly verb: SystemctlVerb; readonly unit: string }
  | ({ readonly act: 'gateway-run'; readonly replace?: boolean } & FromShell)
  | ({ readonly act: 'gateway-restart' } & FromShell)
  | { readonly act: 'replace'; readonly way: ReplaceWay; readonly pauseMs: number }
  | { readonly act: 'reindex' }
  | { readonly act: 'kanban'; readonly command: CliVerb; readonly as?: string };

/** @property atMs from the run's start; a step that comes late is done at once */
export type OperatorStep = { readonly atMs: number } & OperatorAct;

/**
 * @property file the database, below the world's directory
 * @property board for commands of `hermes kanban`; default: that of the first gateway
 * @property gateways what each gateway is told when it is started again, by name
 * @property supervisor process that systemctl talks to; default `supervisor`
 */
export interface OperatorArgs {
  readonly file: string;
  readonly board?: BoardSettings;
  readonly gateways: { readonly [name: string]: GatewaySettings };
  readonly supervisor?: string;
  readonly steps: readonly OperatorStep[];
}

export const supervisorDefault = 'supervisor';
