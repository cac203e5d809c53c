// The tables of a store. A campaign has cells; each cell's runs are planned as ranges of run numbers, and what a range gave is
// one row. What stays out: the queue's own tables (pg-boss keeps them in a schema of their own).
import { usageError } from '../../harness/errors/errors.ts';
import type { Database } from './database.ts';

/** Rises when a table changes its meaning. */
const storeFormat = 2;

/**
 * `cells` has what is planned next, and the sums over the ranges, so that nobody adds up a million to say how far it is. `planned`:
 * ranges that nobody has finished; with `error`, set aside after too many attempts. `ranges.fingerprints` has 8 bytes a
 * distinct-able run in the order of numbers, the lowest bit of which says whether it was in the window. `ranges.hashes` is the
 * exclusive or over SHA-256 of `NUMBER HASH` of each run, so that it does not depend on how runs were cut into ranges.
 * `ranges.failed` has the numbers of all failing runs by group, `groups` how many; `failures` the plans of the first few, and `shown`
 * what each of them was made small to. `coverage` has what ranges reached of generations that are not whole (generations.ts), `corpora` what all before
 * it came to, `cells.generation` how many those are.
 */
const tables = `
CREATE SCHEMA IF NOT EXISTS lockstep;
CREATE TABLE IF NOT EXISTS lockstep.store (format int NOT NULL);
CREATE TABLE IF NOT EXISTS lockstep.campaigns (
  name text PRIMARY KEY, spec json NOT NULL, state text NOT NULL,
  began timestamptz NOT NULL DEFAULT now(), ended timestamptz
);
CREATE TABLE IF NOT EXISTS lockstep.cells (
  campaign text NOT NULL REFERENCES lockstep.campaigns ON DELETE CASCADE, cell text NOT NULL, place int NOT NULL,
  next bigint NOT NULL DEFAULT 0, size int NOT NULL DEFAULT 1, weight float8 NOT NULL DEFAULT 0,
  generation int NOT NULL DEFAULT 0, runs bigint NOT NULL DEFAULT 0, failing bigint NOT NULL DEFAULT 0,
  reached bigint NOT NULL DEFAULT 0, steps bigint NOT NULL DEFAULT 0, seconds float8 NOT NULL DEFAULT 0,
  PRIMARY KEY (campaign, cell)
);
CREATE TABLE IF NOT EXISTS lockstep.planned (
  campaign text NOT NULL REFERENCES lockstep.campaigns ON DELETE CASCADE, cell text NOT NULL, first bigint NOT NULL,
  count int NOT NULL, error jsonb,
  PRIMARY KEY (campaign, cell, first)
);
CREATE TABLE IF NOT EXISTS lockstep.ranges (
  campaign text NOT NULL REFERENCES lockstep.campaigns ON DELETE CASCADE, cell text NOT NULL, first bigint NOT NULL,
  count int NOT NULL, reached int NOT NULL, steps bigint NOT NULL, seconds float8 NOT NULL,
  marks jsonb NOT NULL, hazards jsonb NOT NULL, failed jsonb NOT NULL, failing int NOT NULL,
  fingerprints bytea NOT NULL, hashes bit(256) NOT NULL,
  machine text NOT NULL, finished timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (campaign, cell, first)
);
CREATE TABLE IF NOT EXISTS lockstep.failures (
  campaign text NOT NULL REFERENCES lockstep.campaigns ON DELETE CASCADE, cell text NOT NULL, "group" text NOT NULL,
  run bigint NOT NULL, plan json NOT NULL, hash text NOT NULL, violations json NOT NULL,
  PRIMARY KEY (campaign, cell, "group", run)
);
CREATE TABLE IF NOT EXISTS lockstep.groups (
  campaign text NOT NULL REFERENCES lockstep.campaigns ON DELETE CASCADE, cell text NOT NULL, "group" text NOT NULL,
  runs bigint NOT NULL, first bigint NOT NULL,
  PRIMARY KEY (campaign, cell, "group")
);
CREATE TABLE IF NOT EXISTS lockstep.shown (
  campaign text NOT NULL, cell text NOT NULL, "group" text NOT NULL, run bigint NOT NULL,
  failure json, error json, seconds float8 NOT NULL DEFAULT 0,
  PRIMARY KEY (campaign, cell, "group", run),
  FOREIGN KEY (campaign, cell, "group", run) REFERENCES lockstep.failures ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS unshown ON lockstep.shown (campaign) WHERE failure IS NULL AND error IS NULL;
CREATE TABLE IF NOT EXISTS lockstep.coverage (
  campaign text NOT NULL REFERENCES lockstep.campaigns ON DELETE CASCADE, cell text NOT NULL, first bigint NOT NULL,
  runs json NOT NULL,
  PRIMARY KEY (campaign, cell, first)
);
CREATE TABLE IF NOT EXISTS lockstep.corpora (
  campaign text NOT NULL REFERENCES lockstep.campaigns ON DELETE CASCADE, cell text NOT NULL, generation int NOT NULL,
  corpus json NOT NULL,
  PRIMARY KEY (campaign, cell)
);
CREATE TABLE IF NOT EXISTS lockstep.machines (
  campaign text NOT NULL REFERENCES lockstep.campaigns ON DELETE CASCADE, machine text NOT NULL,
  seconds float8 NOT NULL DEFAULT 0,
  PRIMARY KEY (campaign, machine)
);
CREATE TABLE IF NOT EXISTS lockstep.workers (
  id text PRIMARY KEY, campaign text NOT NULL REFERENCES lockstep.campaigns ON DELETE CASCADE, machine text NOT NULL,
  jobs int NOT NULL, began timestamptz NOT NULL DEFAULT now(), seen timestamptz NOT NULL DEFAULT now(), ended timestamptz
);
`;

/**
 * Makes the tables where there are none.
 *
 * @throws a usage error when the store is of another version of Lockstep
 */
export async function makeTables(database: Database): Promise<void> {
  const format = await database.making(() =>
    database.transaction(async (sql) => {
      const [known] = await sql.query(`SELECT to_regclass('lockstep.store') IS NOT NULL AS known`);
      const [row] = known?.['known'] === true ? await sql.query('SELECT format FROM lockstep.store') : [];
      const found = Number(row?.['format'] ?? storeFormat);
      if (found !== storeFormat) return found;
      for (const statement of tables.split(';\n').filter((one) => one.trim() !== '')) await sql.query(statement);
      if (row === undefined) await sql.query('INSERT INTO lockstep.store VALUES ($1)', [storeFormat]);
      return found;
    }),
  );
  if (format === storeFormat) return;
  throw usageError(
    'STORE_FORMAT',
    `The store ${database.shown} has format ${format}, and this version of Lockstep keeps format ${storeFormat}.`,
    'Use the version that made it, or another store.',
  );
}
