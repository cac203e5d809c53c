// What `lockstep.config.ts` exports by default. What stays out: finding and reading it (cli/own/).

/**
 * The configuration of a project that has scenarios of its own.
 *
 * @property scenarios files, and folders of `NAME.scenario.ts`, relative to the configuration
 * @property engine SQLite version where a command names none, such as `3.51.2`. Default: that of each scenario
 */
export interface Config {
  readonly scenarios: string | readonly string[];
  readonly engine?: string | undefined;
}
