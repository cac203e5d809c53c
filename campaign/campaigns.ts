// The campaigns of a store: which there are, what each is, and whether it goes on. What stays out: their ranges (ledger.ts), what they
// came to (totals.ts).
import { type CellName, keyOf } from '../compare/cells.ts';
import { usageError } from '../harness/errors/errors.ts';
import { type Spec, specSchema } from './spec.ts';
import type { Database } from './store/database.ts';

/** `stopped` by a person; `done`: every run was made that was asked for. */
export type CampaignState = 'running' | 'paused' | 'stopped' | 'done';

/** A campaign as it stands in the store. */
export interface Campaign {
  readonly name: string;
  readonly spec: Spec;
  readonly state: CampaignState;
  readonly began: string;
  readonly ended: string | null;
}

/** All campaigns of a store, the latest first. */
export async function campaignsIn(database: Database): Promise<readonly Campaign[]> {
  const rows = await database.query(
    `SELECT name, spec, state, to_json(began)#>>'{}' AS began, to_json(ended)#>>'{}' AS ended
     FROM lockstep.campaigns ORDER BY campaigns.began DESC, name`,
  );
  return rows.map((row) => ({
    name: String(row['name']),
    spec: specSchema.parse(row['spec']),
    state: row['state'] as CampaignState,
    began: String(row['began']),
    ended: row['ended'] as string | null,
  }));
}

/**
 * The campaign of this name; without a name the only one, or the latest that is not over.
 *
 * @throws a usage error when there is none, or which one is meant is not clear
 */
export async function campaignIn(database: Database, name: string | undefined): Promise<Campaign> {
  const all = await campaignsIn(database);
  if (name !== undefined) {
    const named = all.find((one) => one.name === name);
    if (named !== undefined) return named;
    const known = all.map((one) => one.name).join(', ');
    throw usageError(
      'NO_CAMPAIGN',
      `The store ${database.shown} has no campaign ${name}.`,
      all.length === 0 ? '`npx lockstep campaign start` starts one.' : `It has: ${known}.`,
    );
  }
  const open = all.filter(({ state }) => state === 'running' || state === 'paused');
  const [only, second] = open.length > 0 ? open : all;
  if (only === undefined)
    throw usageError(
      'NO_CAMPAIGN',
      `The store ${database.shown} has no campaign.`,
      '`npx lockstep campaign start` starts one.',
    );
  if (second === undefined || open.length === 0) return only;
  throw usageError(
    'WHICH_CAMPAIGN',
    `The store ${database.shown} has several campaigns: ${open.map((one) => one.name).join(', ')}.`,
    'Name one with --name.',
  );
}

/**
 * Writes a new campaign down; its first ranges are planned by whoever works on it.
 *
 * @throws a usage error when there is one of that name
 */
export async function createCampaign(database: Database, name: string, spec: Spec): Promise<void> {
  const made = await database.transaction(async (sql) => {
    const rows = await sql.query(
      `INSERT INTO lockstep.campaigns (name, spec, state) VALUES ($1, $2, 'running') ON CONFLICT DO NOTHING RETURNING 1`,
      [name, JSON.stringify(spec)],
    );
    if (rows.length === 0) return false;
    for (const [place, cell] of spec.cells.entries())
      await sql.query(`INSERT INTO lockstep.cells (campaign, cell, place) VALUES ($1, $2, $3)`, [
        name,
        keyOf(cell),
        place,
      ]);
    return true;
  });
  if (made) return;
  throw usageError(
    'CAMPAIGN_EXISTS',
    `The store ${database.shown} has a campaign ${name} already.`,
    `Give another name with --name, or go on with it: npx lockstep campaign work --name ${name}.`,
  );
}

/** @throws a usage error when it is over, or is in that state already */
export async function setState(database: Database, { name, state }: Campaign, to: CampaignState): Promise<void> {
  const rows = await database.query(
    `UPDATE lockstep.campaigns SET state = $2, ended = CASE WHEN $2 IN ('stopped', 'done') THEN now() END
     WHERE name = $1 AND state IN ('running', 'paused') AND state <> $2 RETURNING 1`,
    [name, to],
  );
  if (rows.length > 0) return;
  throw usageError(
    'CAMPAIGN_STATE',
    `The campaign ${name} is ${state}.`,
    '`npx lockstep campaign status` tells of it.',
  );
}

/** The cell of a key. */
export function cellOf(spec: Spec, key: string): CellName {
  const cell = spec.cells.find((one) => keyOf(one) === key);
  if (cell === undefined) throw new Error(`The campaign has no cell ${key}.`);
  return cell;
}
