// lockstep campaign: starts a campaign, works on it, tells of it, steers it, and writes its page. What stays out: what a campaign is
// (campaign/).
import { checkSameCode, machineDigests, type Spec } from '../../campaign/spec.ts';
import { type Campaign, campaignIn, campaignsIn, createCampaign, setState } from '../../campaign/campaigns.ts';
import { usualGeneration } from '../../campaign/usual-generation.ts';
import { resultsOf } from '../../campaign/report.ts';
import type { Database } from '../../campaign/store/database.ts';
import { totalsOf } from '../../campaign/totals.ts';
import { work, type WorkEnd } from '../../campaign/work.ts';
import { codeDigest } from '../../compare/about.ts';
import { selectCells } from '../../compare/cells.ts';
import { holdFolder } from '../../compare/hold-folder.ts';
import { Store } from '../../compare/store.ts';
import { usageError } from '../../harness/errors/errors.ts';
import type { Scenario } from '../../harness/model/scenario.ts';
import type { LaneBinaries } from '../../harness/run/pool.ts';
import { writeWhole } from '../../harness/host/write-whole.ts';
import { findScenario } from '../../scenarios/find.ts';
import { checkOutputs, exitCodeOf, keepEarlier, tellResults, writeOutputs } from '../compare/outputs.ts';
import { joinCommand, tellTrouble, withQueue, withStore } from '../campaign/open.ts';
import { campaignFormat, LiveLine, statusDocument, tellStatus } from '../campaign/tell.ts';
import type {
  CampaignReportOptions,
  ExportOptions,
  StartOptions,
  StatusOptions,
  WorkGiven,
} from '../declared/campaign.ts';
import type { Interrupt } from '../interrupt.ts';
import { machinesFor } from '../machine.ts';
import type { Output } from '../output.ts';

type Machines = ReadonlyMap<string, LaneBinaries>;

/** Real milliseconds between two looks at how far it is. */
const lookMs = 1000;

/** `2026-11-29-0345`, in the zone of whoever starts it. */
function nameOfNow(): string {
  const now = new Date();
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}

/** What this installation is, as far as it decides what a run gives. */
function ownCode(scenarios: readonly Scenario[], machines: Machines): Pick<Spec, 'code' | 'machines'> {
  return { code: codeDigest(scenarios), machines: machineDigests(machines) };
}

function generationOf({ chooser, generation }: StartOptions): number | null {
  if (chooser === 'feedback') return generation ?? usualGeneration;
  if (generation === undefined) return null;
  throw usageError(
    'NO_GENERATIONS',
    `Under the chooser ${chooser} no run is drawn from others, so there are no generations.`,
    'Leave --generation out, or take --chooser feedback.',
  );
}

async function specFor(output: Output, interrupt: Interrupt, options: StartOptions) {
  const { runs = null, until = null, seed, chooser, bound, short, rangeTime: rangeMs } = options;
  if ((runs === null) === (until === null))
    throw usageError(
      'CAMPAIGN_END',
      'A campaign ends after a number of runs, or at a moment: exactly one of the two is needed.',
      'Give --runs (1e6 is a million for each cell) or --until (2027-01-31T08:00).',
    );
  const generation = generationOf(options);
  const names = options.scenarios?.names ?? [];
  const { cells, scenarios, engines } = selectCells({
    ...options,
    scenarios: names.length > 0 ? names.join(',') : undefined,
  });
  const machines = await machinesFor(engines, output, interrupt, { host: options.host, scenarios });
  const own = ownCode(scenarios, machines);
  const spec: Spec = { seed, chooser, bound, short, cells: [...cells], runs, until, rangeMs, generation, ...own };
  return { spec, machines };
}

export async function start(output: Output, interrupt: Interrupt, options: StartOptions): Promise<number> {
  const name = options.name ?? nameOfNow();
  const { spec, machines } = await specFor(output, interrupt, options);
  return withStore(
    options.store,
    interrupt,
    async (database) => {
      await createCampaign(database, name, spec);
      output.progress(`campaign ${name}: ${spec.cells.length} cells, kept in ${database.shown}`);
      const command = joinCommand(options.store, name);
      if (command !== undefined) output.progress(`another machine joins with: ${command}`);
      if (!options.work) return finish(output, database, name, undefined);
      return workHere(output, interrupt, { database, name, machines, ...options });
    },
    options.jobs,
  );
}

export async function join(output: Output, interrupt: Interrupt, options: WorkGiven): Promise<number> {
  return withStore(
    options.store,
    interrupt,
    async (database) => {
      const { name, spec } = await campaignIn(database, options.name);
      const scenarios = [...new Set(spec.cells.map((cell) => cell.scenario))].map((one) => findScenario(one));
      const engines = [...new Set(spec.cells.map((cell) => cell.engine))];
      const machines = await machinesFor(engines, output, interrupt, { host: options.host, scenarios });
      checkSameCode(name, spec, ownCode(scenarios, machines));
      return workHere(output, interrupt, { database, name, machines, ...options });
    },
    options.jobs,
  );
}

interface Here {
  readonly database: Database;
  readonly name: string;
  readonly machines: Machines;
  readonly jobs: number;
  readonly shrinkTime: number;
}

async function workHere(output: Output, interrupt: Interrupt, here: Here): Promise<number> {
  const { database, name, machines, jobs, shrinkTime: shrinkMs } = here;
  const campaign = await campaignIn(database, name);
  const live = new LiveLine(output);
  const onTrouble = (error: unknown): void => tellTrouble(output, error);
  const look = setInterval(() => void live.show(database, campaign).catch(() => {}), lookMs);
  const stop = (): boolean => interrupt.requested;
  let end: WorkEnd;
  try {
    end = await withQueue(output, database, name, (queue, ledger) =>
      work({ database, queue, ledger, spec: campaign.spec, machines, jobs, shrinkMs, stop, onTrouble }),
    );
  } finally {
    clearInterval(look);
    output.clearStatus();
  }
  await finish(output, database, name, end);
  return end === 'told' ? interrupt.exitCode : 0; // what was found is no failure of who looks: `report` says it
}

/** Says how far it is, and what is next. */
async function finish(output: Output, database: Database, name: string, end: WorkEnd | undefined): Promise<number> {
  const campaign = await campaignIn(database, name);
  const told = await statusDocument(database, campaign);
  output.result({ format: campaignFormat, campaign: told });
  if (output.json) return 0;
  tellStatus(output, campaign, told);
  if (end === 'told') output.say(`interrupted: npx lockstep campaign work --name ${name} goes on.`);
  if (end === undefined) output.say(`npx lockstep campaign work --name ${name} works on it.`);
  output.say(`npx lockstep campaign report --name ${name} writes its page.`);
  return 0;
}

export function status(output: Output, interrupt: Interrupt, options: StatusOptions): Promise<number> {
  return withStore(options.store, interrupt, async (database) => {
    const all = options.name === undefined ? await campaignsIn(database) : [await campaignIn(database, options.name)];
    const campaigns = await Promise.all(all.map((one) => statusDocument(database, one)));
    output.result({ format: campaignFormat, campaigns });
    if (output.json) return 0;
    if (all.length === 0) output.say(`The store ${database.shown} has no campaign.`);
    for (const [i, campaign] of all.entries()) {
      const told = campaigns[i];
      if (told !== undefined) tellStatus(output, campaign, told);
    }
    return 0;
  });
}

/** `pause`, `resume` and `stop`: workers hear of it before their next range. */
export function turn(to: Campaign['state']) {
  return (output: Output, interrupt: Interrupt, options: StatusOptions): Promise<number> =>
    withStore(options.store, interrupt, async (database) => {
      const campaign = await campaignIn(database, options.name);
      await setState(database, campaign, to);
      output.result({ format: campaignFormat, campaign: { name: campaign.name, state: to } });
      if (!output.json) output.say(`campaign ${campaign.name}: ${to}`);
      return 0;
    });
}

export function report(output: Output, interrupt: Interrupt, options: CampaignReportOptions): Promise<number> {
  return withStore(options.store, interrupt, async (database) => {
    const campaign = await campaignIn(database, options.name);
    const baseline = checkOutputs(options, output);
    using held = holdFolder(options.out);
    const store = new Store(options.out, held);
    keepEarlier(output, store);
    const found = await resultsOf(database, campaign, store, interrupt.signal);
    const results = await writeOutputs(output, store, found, options, baseline);
    output.result(results);
    tellResults(output, store, results);
    return interrupt.requested ? interrupt.exitCode : exitCodeOf(results, options.reportOnly ?? false);
  });
}

export function exportTo(output: Output, interrupt: Interrupt, file: string, options: ExportOptions): Promise<number> {
  return withStore(options.store, interrupt, async (database) => {
    const campaign = await campaignIn(database, options.name);
    const document = { format: campaignFormat, ...campaign, cells: await totalsOf(database, campaign) };
    writeWhole(file, `${JSON.stringify(document, null, 2)}\n`);
    output.result({ format: campaignFormat, file });
    if (!output.json) output.say(`written to ${file}`);
    return 0;
  });
}
