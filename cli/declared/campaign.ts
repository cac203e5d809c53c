// What `lockstep campaign` and its subcommands take. What stays out: what they do (commands/campaign.ts).
import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import {
  boundOption,
  durationOption,
  hostOption,
  jsonOption,
  placesAndNames,
  scenariosOption,
  verboseOption,
  wholeNumber,
  enginesOption,
} from '../options.ts';
import { defaultChooser, randomChooserNames } from '../../harness/run/choosers/names.ts';
import { usualGeneration } from '../../campaign/usual-generation.ts';
import { withOutputs } from './outputs.ts';

const defaultStore = 'lockstep-campaign';

function storeOption() {
  const says =
    'where the campaign is kept: a folder, for one process at a time with as many jobs as it likes; or postgres://HOST/DATABASE, for any number of machines (the password from PGPASSWORD)';
  return new Option('--store <store>', says).env('LOCKSTEP_STORE').default(defaultStore);
}

function nameOption() {
  return new Option('--name <name>', 'of the campaign; default: the only one that is not over').argParser(campaignName);
}

/** Names stand in names of queues, and on command lines. */
function campaignName(text: string): string {
  if (/^[A-Za-z0-9][\w-]{0,39}$/.test(text)) return text;
  throw new InvalidArgumentError('It takes up to 40 letters, digits, `-` and `_`, the first a letter or a digit.');
}

/** A day or a moment, as ISO 8601 has it; without a zone it is local time. */
function moment(text: string): string {
  const time = /^\d{4}-\d{2}-\d{2}/.test(text)
    ? Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00` : text)
    : Number.NaN;
  if (Number.isNaN(time)) throw new InvalidArgumentError('It takes a date such as 2027-01-31 or 2027-01-31T08:00.');
  return new Date(time).toISOString();
}

/** Runs that need others before them come in generations. */
function campaignChooserOption() {
  return new Option('--chooser <name>', 'who chooses the schedules')
    .choices(randomChooserNames)
    .default(defaultChooser);
}

function jobsOption() {
  return new Option('--jobs <n>', 'ranges side by side, here')
    .argParser(wholeNumber(1, 64))
    .default(Math.min(availableParallelism(), 8));
}

function shrinkTimeOption() {
  return durationOption('--shrink-time <time>', 'at most this long for making one failure small', '60s');
}

export function declareCampaign(program: Command) {
  return program
    .command('campaign')
    .description(
      'a long search: ranges of runs on a queue, worked off here and on any other machine, and put together exactly',
    );
}

type Campaign = ReturnType<typeof declareCampaign>;

export function declareStart(campaign: Campaign) {
  return campaign
    .command('start')
    .description('plans a campaign, and works on it here until it is done or interrupted')
    .addOption(storeOption())
    .option('--name <name>', 'of the campaign; default: the time of its beginning', campaignName)
    .option(
      '--scenarios <list>',
      'names, and files or folders (./tests) of your own scenarios, with commas; default: all of your own, or else all that come with Lockstep',
      placesAndNames,
    )
    .option('--strategies <names>', 'with commas; default: all of each scenario')
    .addOption(enginesOption('those that come with Lockstep'))
    .addOption(hostOption())
    .option('--runs <n>', 'random runs of each cell, failing ones among them; 1e6 is a million', wholeNumber(1))
    .option('--until <date>', 'instead of a number of runs: no new range begins after this moment', moment)
    .option('--seed <n>', 'seed of every cell', wholeNumber(0), 1)
    .addOption(campaignChooserOption())
    .option(
      '--generation <n>',
      `under the chooser feedback: so many runs of a cell are drawn from what those before them have reached, and made before the next ones are drawn; default: ${usualGeneration}`,
      wholeNumber(2, 100_000),
    )
    .addOption(boundOption())
    .option('--short', 'only runs of minutes of virtual time, where a scenario takes hours: more of them', false)
    .addOption(durationOption('--range-time <time>', 'how long a range of runs should take', '10s'))
    .option('--no-work', 'plan it only: `campaign work` works on it')
    .addOption(jobsOption())
    .addOption(shrinkTimeOption())
    .addOption(jsonOption())
    .addOption(verboseOption());
}

export function declareWork(campaign: Campaign) {
  return campaign
    .command('work')
    .description('works on a campaign that somebody has started, until it is done or interrupted')
    .addOption(storeOption())
    .addOption(nameOption())
    .addOption(scenariosOption())
    .addOption(hostOption())
    .addOption(jobsOption())
    .addOption(shrinkTimeOption())
    .addOption(jsonOption())
    .addOption(verboseOption());
}

/** A subcommand that asks or tells a campaign something, and needs nothing else. */
export function declareTold(campaign: Campaign, name: 'status' | 'pause' | 'resume' | 'stop', says: string) {
  return campaign
    .command(name)
    .description(says)
    .addOption(storeOption())
    .addOption(nameOption())
    .addOption(jsonOption())
    .addOption(verboseOption());
}

export function declareCampaignReport(campaign: Campaign) {
  const command = campaign
    .command('report')
    .description('the page and the result document of a campaign, as far as it is')
    .addOption(storeOption())
    .addOption(nameOption())
    .addOption(scenariosOption());
  return withOutputs(command).addOption(jsonOption()).addOption(verboseOption());
}

export function declareExport(campaign: Campaign) {
  return campaign
    .command('export')
    .description('all totals of a campaign, failing runs and their plans, as one JSON file')
    .argument('<file>')
    .addOption(storeOption())
    .addOption(nameOption())
    .addOption(jsonOption())
    .addOption(verboseOption());
}

export type StartOptions = ReturnType<ReturnType<typeof declareStart>['opts']>;
export type WorkGiven = ReturnType<ReturnType<typeof declareWork>['opts']>;
export type StatusOptions = ReturnType<ReturnType<typeof declareTold>['opts']>;
export type CampaignReportOptions = ReturnType<ReturnType<typeof declareCampaignReport>['opts']>;
export type ExportOptions = ReturnType<ReturnType<typeof declareExport>['opts']>;
