// What is said of a campaign: a line while it goes on, and a table of its cells. What stays out: the figures (campaign/totals.ts).
import type { Campaign } from '../../campaign/campaigns.ts';
import { type CellStatus, statusOf, type WorkStatus, workOn } from '../../campaign/totals.ts';
import type { Database } from '../../campaign/store/database.ts';
import type { Output } from '../output.ts';

/** So many ways in which a cell fails are told; `--json` has all. */
const groupsMost = 5;

/** Version of the documents about campaigns. */
export const campaignFormat = 1;

function sum(cells: readonly CellStatus[], of: (cell: CellStatus) => number): number {
  return cells.reduce((all, cell) => all + of(cell), 0);
}

/** What `status` says of a campaign, as data. */
export async function statusDocument(database: Database, campaign: Campaign) {
  const { name, state, began, ended, spec } = campaign;
  const cells = await statusOf(database, campaign);
  return {
    name,
    state,
    began,
    ended,
    runsAsked: spec.runs,
    until: spec.until,
    ...(await workOn(database, campaign)),
    cells,
  };
}

function shareText({ spec }: Campaign, cells: readonly CellStatus[]): string {
  const runs = sum(cells, (cell) => cell.runs);
  return spec.runs === null ? `${runs} runs` : `${runs} of ${spec.runs * cells.length} runs`;
}

/** The line that is replaced while a worker works. */
export class LiveLine {
  readonly #output: Output;
  #before: { readonly runs: number; readonly ms: number } | undefined;

  constructor(output: Output) {
    this.#output = output;
  }

  async show(database: Database, campaign: Campaign): Promise<void> {
    if (!this.#output.live) return;
    const cells = await statusOf(database, campaign);
    const { workers } = await workOn(database, campaign);
    const [runs, ms] = [sum(cells, (cell) => cell.runs), performance.now()];
    const rate = this.#before === undefined ? 0 : (1000 * (runs - this.#before.runs)) / (ms - this.#before.ms);
    this.#before ??= { runs, ms };
    const failing = cells.filter((cell) => cell.failing > 0).length;
    this.#output.status(
      `${campaign.name}: ${shareText(campaign, cells)}, ${rate.toFixed(1)} a second · ${failing} of ${cells.length} cells fail · ${workers} at work`,
    );
  }
}

export function tellStatus(
  output: Output,
  campaign: Campaign,
  status: WorkStatus & { readonly cells: readonly CellStatus[] },
): void {
  const { cells, workers, machines } = status;
  const aside = sum(cells, (cell) => cell.setAside);
  output.say(
    `campaign ${output.paint('bold', campaign.name)}: ${campaign.state}, ${shareText(campaign, cells)}, ${workers} at work`,
  );
  output.table([
    ['cell', 'runs', 'in the window', 'failing', 'seconds', 'planned'],
    ...cells.map(({ cell, runs, inWindow, failing, seconds, planned }) => [
      cell,
      String(runs),
      String(inWindow),
      failing === 0 ? '0' : output.paint('red', String(failing)),
      seconds.toFixed(0),
      String(planned),
    ]),
  ]);
  for (const { cell, groups } of cells.filter((one) => one.groups.length > 0)) {
    output.say(`  ${cell} fails so:`);
    for (const { group, runs, first } of groups.slice(0, groupsMost))
      output.say(`    ${runs} × ${group}, first run ${first + 1}`);
    if (groups.length > groupsMost) output.say(`    and in ${groups.length - groupsMost} other ways`);
  }
  for (const { name, seconds } of machines) output.say(`  ${name}: ${seconds.toFixed(0)} s of runs`);
  if (aside > 0)
    output.say(`  ${aside} ranges are set aside, with their errors: \`npx lockstep campaign export\` has them.`);
}
