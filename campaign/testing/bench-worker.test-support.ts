// A worker of the growth bench, a process of its own: node bench-worker.test-support.ts STORE NAME SECONDS RUNS. Makes ranges of RUNS
// simulated runs, which take no time, for so long, and prints as JSON how long each claim took.
import { campaignIn } from '../campaigns.ts';
import { Ledger } from '../ledger.ts';
import { Queue, usualTimes } from '../queue.ts';
import { openStore } from '../store/open.ts';
import { work } from '../work.ts';
import { readyRanges } from './ready-ranges.test-support.ts';

const [, , store = '', name = '', seconds = '1', runs = '100'] = process.argv;
const database = await openStore(store, { connections: 3, stop: () => false });
const queue = await Queue.open(database, name, { times: usualTimes, onTrouble: () => {} });
const claimsMs: number[] = [];
const claim = queue.claim.bind(queue);
queue.claim = async (kind) => {
  const began = performance.now();
  const claimed = await claim(kind);
  if (kind === 'ranges' && claimed !== undefined) claimsMs.push(performance.now() - began);
  return claimed;
};
const { spec } = await campaignIn(database, name);
process.stdout.write('ready\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
process.stdin.destroy();
const end = performance.now() + 1000 * Number(seconds);
await work({
  database,
  queue,
  ledger: new Ledger(database, queue, name),
  spec,
  machines: new Map(),
  jobs: 1,
  shrinkMs: 1000,
  stop: () => performance.now() >= end,
  onTrouble: () => {},
  makeRuns: () => readyRanges(Number(runs)),
});
await queue.close();
await database.close();
process.stdout.write(`${JSON.stringify(claimsMs)}\n`);
