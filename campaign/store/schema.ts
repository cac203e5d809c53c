// The tables of a store. A campaign has cells; each cell's runs are planned as ranges of run numbers, and what a range gave is
// one row. What stays out: the queue's own tables (pg-boss keeps them in a schema of their own).
import { usageError } from '../../harness/errors/errors.ts';
import type { Database } from './database.ts';

/** Rises when a table changes its meaning. */
const storeFormat = 1;

/**
 * `planned`: ranges that nobody has finished; with `error`, set aside after too many attempts. `ranges.fingerprints` has 8 bytes a
 * distinct-able run in the order of numbers, the lowest bit of which says whether it was in the window. `ranges.hashes` is the
 * exclusive or over SHA-256 of `NUMBER HASH` of each run, so that it does not depend on how runs were cut into ranges.
 * `ranges.failed` has the numbers of all failing runs by group; `failures` the plans of the first few.
 */
const tables = `
CREATE SCHEMA IF NOT EXISTS lockstep;
CREATE TABLE IF NOT EXISTS lockstep.store (format int NOT NULL);
CREATE TABLE IF NOT EXISTS lockstep.campaigns (
  name text PRIMARY KEY, spec json NOT NULL, state text NOT NULL, why text,
  began timestamptz NOT NULL DEFAULT now(), ended timestamptz
);
CREATE TABLE IF NOT EXISTS lockstep.cells (
  campaign text NOT NULL REFERENCES lockstep.campaigns ON DELETE CASCADE, cell text NOT NULL, place int NOT NULL,
  next bigint NOT NULL DEFAULT 0, size int NOT NULL DEFAULT 1, weight float8 NOT NULL DEFAULT 0,
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
CREATE TABLE IF NOT EXISTS lockstep.shown (
  campaign text NOT NULL REFERENCES lockstep.campaigns ON DELETE CASCADE, cell text NOT NULL, "group" text NOT NULL,
  run bigint, failure json, error json, seconds float8 NOT NULL DEFAULT 0,
  PRIMARY KEY (campaign, cell, "group")
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
      for (const statement of tables.split(';\n').filter((one) => one.trim() !== '')) await sql.query(statement);
      const [row] = await sql.query('SELECT format FROM lockstep.store');
      if (row === undefined) await sql.query('INSERT INTO lockstep.store VALUES ($1)', [storeFormat]);
      return Number(row?.['format'] ?? storeFormat);
    }),
  );
  if (format === storeFormat) return;
  throw usageError(
    'STORE_FORMAT',
    `The store ${database.shown} has format ${format}, and this version of Lockstep keeps format ${storeFormat}.`,
    'Use the version that made it, or another store.',
  );
}
