// Cheap command lines of the front door, and what is known of each: which processes it has, and which part of its document
// must be the same in every run of it. What stays out: how they are disturbed.
import { fileURLToPath } from 'node:url';
import type { Chance } from './chance.ts';
import type { Role } from './processes.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const corpus = `${root}scenarios/corpus/`;
export const walResetPlan = `${corpus}minimal/wal-reset.wal.3.51.2.json`;
const wedgePlan = `${corpus}minimal/wal-unlink-wedge.wal.3.50.4.json`;
const deletePlan = `${corpus}minimal/wal-unlink-wedge.delete.3.54.1.json`;

/** A document that a command prints with --json, or writes. */
export type Document = Readonly<Record<string, unknown>>;

export interface Command {
  readonly name: string;
  readonly args: readonly string[];
  /** Processes that it has beside the coordinator; empty where it has none for long. */
  readonly roles: readonly Role[];
  /** What two undisturbed runs have alike; absent where time decides. */
  readonly facts?: (document: Document) => unknown;
  /** A comparison writes its results here. */
  readonly out?: string;
}

/** Fields of a document. */
function only(...names: readonly string[]): (document: Document) => unknown {
  return (document) => Object.fromEntries(names.map((name) => [name, document[name]]));
}

/** What a cell of a comparison has found out, whatever the time it took. */
export function cellFacts(document: Document): unknown {
  const cells = document['cells'] as readonly Document[];
  return cells.map(only('scenario', 'strategy', 'engine', 'verdict', 'runs', 'hash', 'failedRun', 'shipped'));
}

const runFacts = only('verdict', 'runs', 'steps', 'hash', 'violations');

/** Never fails: SQLite 3.54.1 does not have the bug. */
export function passing(chance: Chance, out: string): Command {
  const jobs = chance.with(0.3) ? ['--jobs', '2'] : [];
  const runs = chance.of([3, 10, 30]);
  return {
    name: 'run',
    args: [
      'run',
      'wal-reset',
      '--engine',
      '3.54.1',
      '--runs',
      `${runs}`,
      '--seed',
      seed(chance),
      ...jobs,
      '--out',
      out,
    ],
    roles: jobs.length > 0 ? ['lane', 'examiner', 'job'] : ['lane', 'examiner'],
    facts: runFacts,
  };
}

/** Finds the bug. */
function finding(chance: Chance, out: string): Command {
  const args = ['run', 'wal-reset', '--engine', '3.51.2', '--runs', '200', '--no-shrink', '--seed', seed(chance)];
  return { name: 'run', args: [...args, '--out', out], roles: ['lane', 'examiner'], facts: runFacts };
}

/** Fails, always with the same hash. */
export function replaying(chance: Chance): Command {
  const plan = chance.weighted([
    { weight: 4, path: walResetPlan },
    { weight: 1, path: wedgePlan },
    { weight: 1, path: deletePlan },
  ]);
  const times = plan.path === walResetPlan ? chance.of([1, 3, 12]) : 1;
  return {
    name: 'replay',
    args: ['replay', plan.path, '--times', `${times}`, ...(chance.with(0.2) ? ['--fresh'] : [])],
    roles: ['lane', 'examiner'],
    facts: only('verdict', 'times', 'hashes', 'violations'),
  };
}

/** A comparison of three cells, two of which fail by shipped plans. */
export function comparing(chance: Chance, out: string, jobs = chance.of([1, 2])): Command {
  const args = [
    'compare',
    '--scenarios',
    'wal-reset',
    '--engines',
    '3.50.4,3.51.2,3.54.1',
    '--runs',
    '6',
    '--no-costs',
  ];
  return {
    name: 'compare',
    args: [...args, '--shrink-time', '60s', '--jobs', `${jobs}`, '--seed', seed(chance), '--out', out],
    roles: ['worker', 'lane', 'examiner'],
    facts: cellFacts,
    out,
  };
}

function sweeping(chance: Chance, out: string): Command {
  const to = chance.of([10, 40, 80]);
  const args = ['sweep', walResetPlan, '--process', 'writer-1', '--engine', '3.54.1', '--to', `${to}`, '--out', out];
  return { name: 'sweep', args, roles: ['lane', 'examiner'], facts: only('verdict', 'findings', 'complete') };
}

function crashing(chance: Chance, out: string): Command {
  const model = chance.of(['powersafe', 'lying-sync']);
  const args = ['crash', 'wal-reset', '--engine', '3.54.1', '--model', model, '--states', '300', '--recoveries', '3'];
  const facts = only('verdict', 'hash', 'states', 'recoveries', 'losing', 'complete');
  return { name: 'crash', args: [...args, '--out', out], roles: ['lane', 'examiner'], facts };
}

function shrinking(_chance: Chance, out: string): Command {
  const args = ['shrink', walResetPlan, '--time', '4s', '--out', `${out}/small.json`];
  return { name: 'shrink', args, roles: ['lane', 'examiner'] };
}

function bisecting(): Command {
  const args = ['bisect', walResetPlan, '--engines', '3.51.2,3.54.1', '--searches', '30'];
  return { name: 'bisect', args, roles: ['lane', 'examiner'], facts: only('lastBad', 'firstGood') };
}

function benching(): Command {
  const args = ['bench', '--engines', 'plain', '--choosers', 'preemptions', '--jobs', '1', '--seeds', '1'];
  return {
    name: 'bench',
    args: [...args, '--time-limit', '4s', '--stress', '2s', '--rest-max', '0'],
    roles: ['lane', 'searcher'],
  };
}

function reproducing(): Command {
  const args = ['reproduce', 'wal-unlink-wedge'];
  return { name: 'reproduce', args, roles: ['lane', 'examiner'], facts: only('symptoms', 'hash', 'verdict') };
}

function seed(chance: Chance): string {
  return `${chance.between(1, 3)}`;
}

/** Any command that works for a while. */
export function working(chance: Chance, out: string): Command {
  const make = chance.weighted([
    { weight: 4, make: passing },
    { weight: 1, make: finding },
    { weight: 3, make: replaying },
    { weight: 4, make: comparing },
    { weight: 2, make: sweeping },
    { weight: 2, make: crashing },
    { weight: 2, make: shrinking },
    { weight: 2, make: bisecting },
    { weight: 1, make: benching },
    { weight: 1, make: reproducing },
  ]);
  return make.make(chance, out);
}

/** Commands that look only. */
export const looking: readonly Command[] = [
  { name: 'list', args: ['list'], roles: [] },
  { name: 'engines', args: ['engines'], roles: [] },
];
