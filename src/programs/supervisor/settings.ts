// What a supervisor is told of its units, with the defaults of the reported unit file (facts: gateway process management).
// What stays out: what becomes of a unit (unit.ts).
import type { Json } from '../../../harness/lane/world.ts';

/** Restart= */
export type Restart = 'always' | 'on-failure' | 'no';

/**
 * KillMode=. control-group: SIGTERM to every process of the unit · mixed: SIGTERM to the main process, then SIGKILL to
 * what is left · process: the main process only, the others live on
 */
export type KillMode = 'control-group' | 'mixed' | 'process';

/**
 * A unit file.
 *
 * @property name of the unit, of its control group, and of its first process; later ones are `<name>.2`, `<name>.3`
 * @property restartMs RestartSec=
 * @property startLimitIntervalMs StartLimitIntervalSec=; 0 is no limit
 * @property startLimitBurst StartLimitBurst=: starts allowed within the interval
 * @property timeoutStopMs TimeoutStopSec=: from SIGTERM to SIGKILL
 */
export interface UnitFile {
  readonly name: string;
  readonly program: string;
  readonly args: Json;
  readonly restart: Restart;
  readonly restartMs: number;
  readonly startLimitIntervalMs: number;
  readonly startLimitBurst: number;
  readonly killMode: KillMode;
  readonly timeoutStopMs: number;
}

/** A unit as a scenario writes it: what it leaves out is as reported. */
export type UnitSettings = Pick<UnitFile, 'name' | 'program' | 'args'> & Partial<UnitFile>;

/** @property boot of the machine, from 2 on; absent at the first */
export interface SupervisorSettings {
  readonly units: readonly UnitSettings[];
  readonly boot?: number;
}

/** Restart=always, RestartSec=5, StartLimitIntervalSec=0, KillMode=mixed, TimeoutStopSec=90. */
const reported = {
  restart: 'always',
  restartMs: 5000,
  startLimitIntervalMs: 0,
  startLimitBurst: 5,
  killMode: 'mixed',
  timeoutStopMs: 90_000,
} as const;

export function unitFile(settings: UnitSettings): UnitFile {
  return { ...reported, ...settings };
}
