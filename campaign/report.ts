// The result document of a campaign, and the files that it names: as a comparison writes them, so that the page, the merge and the
// baseline are the same. What stays out: words on a terminal.
import { harmNames } from '../harness/model/invariant.ts';
import { aboutRun } from '../compare/about.ts';
import { judgeClaims, resultCell } from '../compare/result-cells.ts';
import type { Store } from '../compare/store.ts';
import { findScenario } from '../scenarios/find.ts';
import { type Results, resultsFormat } from '../reports/results.ts';
import { findingOf } from './findings.ts';
import type { Campaign } from './campaigns.ts';
import type { Database } from './store/database.ts';
import { shownOf, totalsOf, workOn } from './totals.ts';

/** `3 machines: a 120 s, b 80 s` */
function machinesText(machines: readonly { readonly name: string; readonly seconds: number }[]): string {
  const each = machines.map(({ name, seconds }) => `${name} ${Math.round(seconds)} s`);
  return `${machines.length} ${machines.length === 1 ? 'machine' : 'machines'}: ${each.join(', ')}`;
}

/**
 * @param store where plans and evidence of failing cells are written
 * @param signal ends the wait for git
 */
export async function resultsOf(
  database: Database,
  campaign: Campaign,
  store: Store,
  signal: AbortSignal,
): Promise<Results> {
  const { seed, chooser, bound, short, runs, until, cells: names, code } = campaign.spec;
  const scenarios = [...new Set(names.map(({ scenario }) => scenario))].map((name) => findScenario(name));
  const { machines } = await workOn(database, campaign);
  const jobs = Math.max(1, machines.length);
  const timeMs = until === null ? null : Math.max(1, Date.parse(until) - Date.parse(campaign.began));
  const given = { seed, chooser, bound, short, jobs, shard: null, budget: { runs, timeMs } };
  const ended = campaign.ended === null ? Date.now() : Date.parse(campaign.ended);
  const about = {
    ...(await aboutRun(given, scenarios, names, signal)),
    code,
    at: new Date(campaign.began).toISOString(),
    seconds: Math.max(0, (ended - Date.parse(campaign.began)) / 1000),
    processors: machinesText(machines),
    interrupted: campaign.state !== 'done',
  };
  const totals = await totalsOf(database, campaign);
  const shown = await Promise.all(totals.map(({ cell }) => shownOf(database, campaign, cell)));
  const cells = totals.map((total, i) => {
    const finding = findingOf(campaign, total, shown[i] ?? null);
    const { failure, violated } = finding.report;
    const scenario = findScenario(finding.cell.scenario);
    const harm = harmNames(scenario.invariants);
    const files = failure === null || failure === 'kept' ? null : store.keepFailure(finding.cell, failure, violated);
    return resultCell(finding, files, { harm, bound, scenario });
  });
  return { format: resultsFormat, about, cells, claims: [...judgeClaims(scenarios, cells, about)], costs: [] };
}
